import { Prisma, type Db } from '@/server/db'
import { rollUp } from './rollups'

const { sql } = Prisma

export interface ManyJobs {
  jobs: number
  organizations: number
  /** They were submitted evenly over so many days, up to now. */
  days: number
  /** The history of each job: one row where it waits, four or seven where it has ended. */
  history?: boolean
}

export const organizationOf = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/**
 * Fills a database with jobs of ten types: four in five have completed, one in twenty is dead, one in seven waits, for
 * its turn, its time, its retry or a parent. A few are in the queue or run. Words: `common` is in every job, `half` in
 * every second one, `seldom` in one of a thousand. Sums for the metrics and the statistics of the tables are made.
 */
export async function makeManyJobs(db: Db, { jobs, organizations, days, history = false }: ManyJobs): Promise<void> {
  await db.$executeRaw`
    INSERT INTO organizations (id, name, slug)
    SELECT ${organizationId(sql`n`)}, 'Organization ' || n, 'organization-' || n FROM generate_series(1, ${organizations}::int) n`
  await db.$executeRaw`
    WITH types AS (
      INSERT INTO job_types (name, display_name, handler, parameter_schema) SELECT 'type.' || n, 'Type ' || n, 'noop', '{}'
      FROM generate_series(0, 9) n RETURNING name)
    INSERT INTO job_type_versions (job_type, version, config, handler, created_by) SELECT name, 1, '{}', 'noop', '{}' FROM types`
  const now = new Date()
  const step = (days * 86_400_000) / jobs
  for (let from = 1; from <= jobs; from += AT_ONCE)
    await makeSome(db, { from, to: Math.min(jobs, from + AT_ONCE - 1), jobs, organizations, step, history, now })
  await db.$executeRaw`
    INSERT INTO organization_usage (organization_id, unfinished, completed, dead)
    SELECT organization_id, count(*) FILTER (WHERE finished_at IS NULL), count(*) FILTER (WHERE status = 'COMPLETED'), count(*) FILTER (WHERE status = 'DEAD_LETTER')
    FROM jobs GROUP BY 1`
  await rollUp(db, { patienceMs: Infinity })
  await db.$executeRaw`VACUUM ANALYZE`
}

const AT_ONCE = 50_000

const organizationId = (n: Prisma.Sql) => sql`('01900000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`

async function makeSome(
  db: Db,
  given: { from: number; to: number; jobs: number; organizations: number; step: number; history: boolean; now: Date },
): Promise<void> {
  const { from, to, jobs, organizations, step, history, now } = given
  // Rows follow from the number n alone, so that each table is filled by a statement of its own.
  const numbers = sql`(
    SELECT n, (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid AS id,
      ${organizationId(sql`1 + n % ${organizations}::int`)} AS organization_id, 'type.' || (n / 7 % 10) AS job_type, at, status::"JobStatus" AS status, parents,
      (ARRAY['LOW', 'NORMAL', 'HIGH', 'CRITICAL'])[1 + n / 3 % 4]::"JobPriority" AS priority, n / 3 % 4 AS head_start
    FROM (SELECT n, date_trunc('milliseconds', ${now}::timestamptz - make_interval(secs => (${jobs}::int - n) * ${step}::double precision / 1000)) AS at,
        (n / 11 % 20 = 3 AND n % 3 = 0)::int AS parents,
        CASE n / 11 % 20 WHEN 0 THEN 'DEAD_LETTER' WHEN 1 THEN CASE n % 500 WHEN 3 THEN 'QUEUED' WHEN 4 THEN 'RUNNING' ELSE 'PENDING' END WHEN 2 THEN 'PENDING'
          WHEN 3 THEN CASE n % 3 WHEN 2 THEN 'FAILED' ELSE 'PENDING' END ELSE 'COMPLETED' END AS status
      FROM generate_series(${from}::int, ${to}::int) n) s) s`
  const ended = sql`s.status IN ('COMPLETED', 'DEAD_LETTER')`
  const failed = sql`s.status IN ('FAILED', 'DEAD_LETTER')`
  // Every third waiting job is for tomorrow, or for its retry.
  const later = sql`(s.status = 'FAILED' OR (s.status = 'PENDING' AND s.n / 11 % 20 = 2))`
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds, priority,
      run_at, rank_at, is_due, pending_parents, dispatch, attempt, next_retry_at, created_at, queued_at, started_at, finished_at, worker_id, lease_until, error_message, error_class, error_fingerprint)
    SELECT s.id, s.organization_id, s.job_type, 1, (ARRAY['INLINE', 'ISOLATED'])[1 + n / 7 % 2]::"JobQueue", s.status, 'SYSTEM', 'test', 3, 60, s.priority,
      CASE WHEN s.status = 'PENDING' AND ${later} THEN d.due ELSE s.at END, d.due - s.head_start * interval '10 minutes', NOT ${later}, s.parents,
      (s.status NOT IN ('PENDING'))::int, (s.status NOT IN ('PENDING', 'QUEUED'))::int, CASE WHEN s.status = 'FAILED' THEN d.due END, s.at,
      CASE WHEN s.status <> 'PENDING' THEN s.at + interval '1 second' END, CASE WHEN s.status NOT IN ('PENDING', 'QUEUED') THEN s.at + interval '2 seconds' END,
      CASE WHEN ${ended} THEN s.at + interval '2 seconds' + (s.n % 60) * interval '50 milliseconds' END,
      CASE WHEN s.status = 'RUNNING' THEN ${organizationId(sql`1`)} END, CASE WHEN s.status = 'RUNNING' THEN clock_timestamp() + interval '1 day' END,
      CASE WHEN ${failed} THEN 'Broken ' || s.n % 50 END, CASE WHEN ${failed} THEN 'PERMANENT'::"ErrorClass" END, CASE WHEN ${failed} THEN 'broken-' || s.n % 50 END
    FROM ${numbers} CROSS JOIN LATERAL (SELECT CASE WHEN ${later} THEN ${now}::timestamptz + interval '1 day' + s.n * interval '1 millisecond' ELSE s.at END AS due) d`
  await db.$executeRaw`
    INSERT INTO job_inputs (job_id, organization_id, job_type, priority, parameters, created_at)
    SELECT s.id, s.organization_id, s.job_type, s.priority, jsonb_build_object('number', s.n, 'group', s.n % 100, 'kind', 'common'), s.at FROM ${numbers}`
  await db.$executeRaw`
    INSERT INTO job_search (job_id, organization_id, title, words, error_words)
    SELECT s.id, s.organization_id, 'Common ' || s.n, (
        m || 'common:1A ' || m || s.n || ':2A' || CASE WHEN s.n % 2 = 0 THEN ' ' || m || 'half' ELSE '' END || CASE WHEN s.n % 1000 = 7 THEN ' ' || m || 'seldom' ELSE '' END
        || CASE WHEN s.n % 20 = 0 THEN ' ' || m || 'twentieth' ELSE '' END)::tsvector,
      CASE WHEN ${failed} THEN (m || 'broken ' || m || s.n % 50)::tsvector END
    FROM ${numbers} CROSS JOIN LATERAL (SELECT right(s.organization_id::text, 5) AS m) m`
  await db.$executeRaw`
    INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome, error_message, error_class, error_fingerprint)
    SELECT s.id, 1, s.organization_id, s.job_type, s.at, s.at + interval '1 second', s.at + interval '2 seconds',
      CASE WHEN s.status <> 'RUNNING' THEN s.at + interval '2 seconds' + (s.n % 60) * interval '50 milliseconds' END,
      CASE WHEN ${failed} THEN 'FAILED' WHEN s.status = 'COMPLETED' THEN 'COMPLETED' END::"AttemptOutcome",
      CASE WHEN ${failed} THEN 'Broken ' || s.n % 50 END, CASE WHEN ${failed} THEN 'PERMANENT'::"ErrorClass" END, CASE WHEN ${failed} THEN 'broken-' || s.n % 50 END
    FROM ${numbers} WHERE s.status NOT IN ('PENDING', 'QUEUED')`
  await db.$executeRaw`
    INSERT INTO job_dependencies (job_id, parent_id)
    SELECT child.id, parent.id FROM ${numbers} JOIN jobs child ON child.id = s.id JOIN LATERAL (
      SELECT p.id FROM jobs p WHERE p.status = 'PENDING' AND p.organization_id = s.organization_id AND p.pending_parents = 0 AND p.status <> 'COMPLETED' LIMIT 1) parent ON TRUE
    WHERE s.parents > 0`
  // Where there is no history, jobs have the row of their submission, which the stream of events reads.
  await db.$executeRaw`
    INSERT INTO execution_logs (xid, job_id, organization_id, from_status, to_status, attempt, actor_type, actor_name, at)
    SELECT 100 + s.n / 1000, s.id, s.organization_id, h.from_status::"JobStatus", COALESCE(h.to_status::"JobStatus", s.status), h.attempt, 'SYSTEM', 'test', s.at + h.nth * interval '300 milliseconds'
    FROM ${numbers} JOIN (VALUES (1, NULL, 'PENDING', 0), (2, 'PENDING', 'QUEUED', 0), (3, 'QUEUED', 'RUNNING', 1), (4, 'RUNNING', 'PENDING', 1), (5, 'PENDING', 'QUEUED', 1),
      (6, 'QUEUED', 'RUNNING', 2), (7, 'RUNNING', NULL, 2)) AS h(nth, from_status, to_status, attempt)
      ON h.nth = 1 OR (${history}::boolean AND ${ended} AND (h.nth NOT BETWEEN 4 AND 6 OR s.n % 5 < 3))
    ORDER BY s.n, h.nth`
}
