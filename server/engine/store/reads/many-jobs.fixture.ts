import { Prisma, type Db } from '@/server/db'
import { loadInBulk } from './load-in-bulk.fixture'
import { rollUp } from './rollups'
import { markOf } from './search'

const { sql } = Prisma

export interface ManyJobs {
  jobs: number
  organizations: number
  /** The jobs were submitted evenly over so many days, up to ten seconds ago. */
  days: number
  /**
   * The history of each job: four or eight rows where it has ended, one row where it has not. Otherwise one row each.
   */
  history?: boolean
}

/** The id of the organization with this number. Numbers begin with 1. */
export const organizationIdOf = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
/** The same in SQL. */
const organizationIdSql = (n: Prisma.Sql) => sql`('01900000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`

/**
 * Fills a database with jobs of ten types. How many have which status is said at `numbered` below. Words: `common` is
 * in every job, `half` in every second one, `twentieth` in one of 20, `seldom` in one of 1,000. No job has more than
 * one attempt. Sums for the metrics and the statistics of the tables are made.
 */
export async function makeManyJobs(db: Db, { jobs, organizations, days, history = false }: ManyJobs): Promise<void> {
  await db.$executeRaw`
    INSERT INTO organizations (id, name, slug)
    SELECT ${organizationIdSql(sql`n`)}, 'Organization ' || n, 'organization-' || n FROM generate_series(1, ${organizations}::int) n`
  await db.$executeRaw`
    WITH types AS (
      INSERT INTO job_types (name, display_name, handler, parameter_schema) SELECT 'type.' || n, 'Type ' || n, 'noop', '{}'
      FROM generate_series(0, 9) n RETURNING name)
    INSERT INTO job_type_versions (job_type, version, config, handler, created_by) SELECT name, 1, '{}', 'noop', '{}' FROM types`
  const now = new Date()
  const millisecondsBetweenJobs = (days * 86_400_000) / jobs
  await loadInBulk(db, [...Object.keys(TABLES), 'job_dependencies'], async () => {
    await Promise.all(
      Object.values(TABLES).map(async (fill) => {
        for (let from = 1; from <= jobs; from += AT_ONCE) {
          const to = Math.min(jobs, from + AT_ONCE - 1)
          await fill(db, { from, to, jobs, organizations, millisecondsBetweenJobs, history, now })
        }
      }),
    )
  })
  await nameParents(db)
  await db.$executeRaw`
    INSERT INTO organization_usage (organization_id, unfinished, completed, dead)
    SELECT organization_id, count(*) FILTER (WHERE finished_at IS NULL), count(*) FILTER (WHERE status = 'COMPLETED'), count(*) FILTER (WHERE status = 'DEAD_LETTER')
    FROM jobs GROUP BY 1`
  // Until everything is added up.
  await rollUp(db, { patienceMs: Infinity })
  await db.$executeRaw`VACUUM ANALYZE`
}

/** How many jobs one statement makes in one table. */
const AT_ONCE = 50_000

interface Numbered {
  from: number
  to: number
  jobs: number
  organizations: number
  millisecondsBetweenJobs: number
  history: boolean
  now: Date
}

/**
 * Jobs that are calculated from their numbers alone. So each statement below can calculate the same jobs again and fill
 * one table. The divisors 3, 7 and 11 keep priority, type and status independent of each other and of the organization.
 */
const numbered = ({ from, to, jobs, organizations, millisecondsBetweenJobs, history, now }: Numbered) => sql`(
    SELECT n, created_at, parents, status::"JobStatus" AS status,
      (lpad(to_hex(floor(extract(epoch FROM created_at) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid AS id,
      ${organizationIdSql(sql`1 + n % ${organizations}::int`)} AS organization_id,
      'type.' || (n / 7 % 10) AS job_type,
      (ARRAY['LOW', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + n / 3 % 4]::"JobPriority" AS priority,
      n / 3 % 4 AS head_start,
      -- It came back from the queue twice before it was claimed.
      ${history}::boolean AND n % 20 < 9 AND status IN ('COMPLETED', 'DEAD_LETTER') AS returned
    FROM (
      SELECT n,
        date_trunc('milliseconds', ${now}::timestamptz - interval '10 seconds' - make_interval(secs => (${jobs}::int - n) * ${millisecondsBetweenJobs}::double precision / 1000)) AS created_at,
        (n / 11 % 20 = 3 AND n % 3 = 0)::int AS parents,
        -- Of 20 jobs one is dead, three wait, and sixteen have completed. Of those that wait the first waits for its
        -- turn (of 500 such jobs, one is in the queue and one runs), the second for its time, and the third for a
        -- parent, for its turn or for its retry.
        CASE n / 11 % 20
          WHEN 0 THEN 'DEAD_LETTER'
          WHEN 1 THEN CASE n % 500 WHEN 3 THEN 'QUEUED' WHEN 4 THEN 'RUNNING' ELSE 'PENDING' END
          WHEN 2 THEN 'PENDING'
          WHEN 3 THEN CASE n % 3 WHEN 2 THEN 'FAILED' ELSE 'PENDING' END
          ELSE 'COMPLETED'
        END AS status
      FROM generate_series(${from}::int, ${to}::int) n) s) s`

const ended = sql`s.status IN ('COMPLETED', 'DEAD_LETTER')`
const failed = sql`s.status IN ('FAILED', 'DEAD_LETTER')`
/** Its time is tomorrow, or its retry is. */
const later = sql`(s.status = 'FAILED' OR (s.status = 'PENDING' AND s.n / 11 % 20 = 2))`

/** How each table is filled with what it has of the jobs. Nothing depends on another table, so they fill at once. */
const TABLES: Record<string, (db: Db, given: Numbered) => Promise<unknown>> = {
  jobs: (db, given) => db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds, priority,
      run_at, rank_at, is_due, pending_parents, dispatch, attempt, next_retry_at, created_at, queued_at, started_at, finished_at, worker_id, lease_until, error_message, error_class, error_fingerprint)
    SELECT s.id, s.organization_id, s.job_type, 1, (ARRAY['INLINE', 'ISOLATED'])[1 + n / 7 % 2]::"JobQueue", s.status, 'SYSTEM', 'test', 3, 60, s.priority,
      CASE WHEN s.status = 'PENDING' AND ${later} THEN due.at ELSE s.created_at END, due.at - s.head_start * interval '10 minutes', NOT ${later}, s.parents,
      CASE WHEN s.returned THEN 3 ELSE (s.status <> 'PENDING')::int END, (s.status NOT IN ('PENDING', 'QUEUED'))::int, CASE WHEN s.status = 'FAILED' THEN due.at END, s.created_at,
      CASE WHEN s.status <> 'PENDING' THEN s.created_at + interval '1 second' END, CASE WHEN s.status NOT IN ('PENDING', 'QUEUED') THEN s.created_at + interval '2 seconds' END,
      CASE WHEN ${ended} THEN s.created_at + interval '2 seconds' + (s.n % 60) * interval '50 milliseconds' END,
      -- Any id will do for the worker.
      CASE WHEN s.status = 'RUNNING' THEN ${organizationIdSql(sql`1`)} END, CASE WHEN s.status = 'RUNNING' THEN clock_timestamp() + interval '1 day' END,
      CASE WHEN ${failed} THEN 'Broken ' || s.n % 50 END, CASE WHEN ${failed} THEN 'PERMANENT'::"ErrorClass" END, CASE WHEN ${failed} THEN 'broken-' || s.n % 50 END
    FROM ${numbered(given)} CROSS JOIN LATERAL (SELECT CASE WHEN ${later} THEN ${given.now}::timestamptz + interval '1 day' + s.n * interval '1 millisecond' ELSE s.created_at END AS at) due`,
  job_inputs: (db, given) => db.$executeRaw`
    INSERT INTO job_inputs (job_id, organization_id, job_type, priority, parameters, created_at)
    SELECT s.id, s.organization_id, s.job_type, s.priority, jsonb_build_object('number', s.n, 'group', s.n % 100, 'kind', 'common'), s.created_at FROM ${numbered(given)}`,
  // As store/reads/search.ts marks the words of an organization.
  job_search: (db, given) => db.$executeRaw`
    INSERT INTO job_search (job_id, organization_id, title, words, error_words)
    SELECT s.id, s.organization_id, 'Common ' || s.n, (
        mark || 'common:1A ' || mark || s.n || ':2A' || CASE WHEN s.n % 2 = 0 THEN ' ' || mark || 'half' ELSE '' END || CASE WHEN s.n % 1000 = 7 THEN ' ' || mark || 'seldom' ELSE '' END
        || CASE WHEN s.n % 20 = 0 THEN ' ' || mark || 'twentieth' ELSE '' END)::tsvector,
      CASE WHEN ${failed} THEN (mark || 'broken ' || mark || s.n % 50)::tsvector END
    FROM ${numbered(given)} CROSS JOIN LATERAL (SELECT ${markOf(sql`s.organization_id`)} AS mark) m`,
  job_attempts: (db, given) => db.$executeRaw`
    INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome, error_message, error_class, error_fingerprint)
    SELECT s.id, 1, s.organization_id, s.job_type, s.created_at, s.created_at + interval '1 second', s.created_at + interval '2 seconds',
      CASE WHEN s.status <> 'RUNNING' THEN s.created_at + interval '2 seconds' + (s.n % 60) * interval '50 milliseconds' END,
      CASE WHEN ${failed} THEN 'FAILED' WHEN s.status = 'COMPLETED' THEN 'COMPLETED' END::"AttemptOutcome",
      CASE WHEN ${failed} THEN 'Broken ' || s.n % 50 END, CASE WHEN ${failed} THEN 'PERMANENT'::"ErrorClass" END, CASE WHEN ${failed} THEN 'broken-' || s.n % 50 END
    FROM ${numbered(given)} WHERE s.status NOT IN ('PENDING', 'QUEUED')`,
  // Where there is no history, jobs have the row of their submission, which the stream of events reads.
  execution_logs: (db, given) => db.$executeRaw`
    INSERT INTO execution_logs (xid, job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name, at)
    SELECT 100 + s.n / 1000, s.id, s.organization_id, h.from_status::"JobStatus", COALESCE(h.to_status::"JobStatus", s.status), h.attempt, 'SYSTEM', 'test', s.created_at + h.nth * interval '300 milliseconds'
    FROM ${numbered(given)} JOIN (VALUES
        (1, NULL, 'PENDING', 0), (2, 'PENDING', 'QUEUED', 0), (3, 'QUEUED', 'PENDING', 0), (4, 'PENDING', 'QUEUED', 0), (5, 'QUEUED', 'PENDING', 0),
        (6, 'PENDING', 'QUEUED', 0), (7, 'QUEUED', 'RUNNING', 1), (8, 'RUNNING', NULL, 1)) AS h(nth, from_status, to_status, attempt)
      ON h.nth = 1 OR (${given.history}::boolean AND ${ended} AND (h.nth NOT BETWEEN 3 AND 6 OR s.returned))
    ORDER BY s.n, h.nth`,
}

/**
 * All children of an organization have the same parent, a waiting job that has no parent itself. Where the organization
 * has none, its children have no parent either, and wait all the same.
 */
const nameParents = (db: Db) => db.$executeRaw`
    INSERT INTO job_dependencies (job_id, parent_id)
    SELECT child.id, parent.id FROM organizations o CROSS JOIN LATERAL (
      -- "<> 'COMPLETED'" says what the index jobs_by_status_and_kind asks for, so that it is used.
      SELECT p.id FROM jobs p WHERE p.status = 'PENDING' AND p.organization_id = o.id AND p.pending_parents = 0 AND p.status <> 'COMPLETED' LIMIT 1) parent
    JOIN jobs child ON child.organization_id = o.id AND child.status = 'PENDING' AND child.pending_parents > 0`
