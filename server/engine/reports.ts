import { createDb, Prisma, type Db } from '@/server/db'
import { idAt } from './domain/id-time'
import type { JobFilter, Json } from './domain/types'
import { matchingIds } from './store/reads/filter'
import { readParents, type ParentRow } from './store/reads/parents'
import { resolveFilter } from './store/reads/waiting-filter'

export type { ParentRow }

// The engine's second door: what handlers read through `ctx.data` and `ctx.parents`. Each isolated handler runs in a thread that
// loads this file, so it stays light: it must not load index.ts, which brings the actions and the queue along.

type OwnFilter = Omit<JobFilter, 'organizationId'>

/** One job as reports and exports read it. */
export interface ExportedJob {
  id: string
  jobType: string
  status: string
  priority: string
  attempt: number
  failures: number
  submittedBy: string
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  errorMessage: string | null
  errorClass: string | null
  parameters: Json
}

/** What a handler may read of its own organization. */
export interface OrganizationData {
  /** Newest first, in batches, so that memory stays the same however many jobs there are. */
  jobs(filter: OwnFilter): AsyncIterable<ExportedJob[]>
  /** How many jobs `jobs` will give, for a handler that reports progress. */
  countJobs(filter: OwnFilter): Promise<number>
  /**
   * Counts and run times of a period. It covers the jobs that were submitted in the period, and the attempts that ended
   * in it.
   */
  report(period: { from: Date; to: Date }): Promise<OrganizationReport>
}

/** Counts and run times of one organization over a period. Run times are in seconds. */
export interface OrganizationReport {
  byStatus: { status: string; count: number }[]
  byType: {
    jobType: string
    total: number
    completed: number
    failed: number
    avgRunSeconds: number | null
    p95RunSeconds: number | null
  }[]
  /** One entry for each day or hour (`bucketSeconds`) from `from` to `to`, also where nothing happened. */
  timeline: { at: Date; completed: number; failed: number }[]
  bucketSeconds: number
  topErrors: { jobType: string; message: string; count: number; lastSeenAt: Date }[]
}

/** What a handler may read, and a way to close the connections behind it. */
export interface OrganizationQueries extends OrganizationData {
  /** What the parents of a job of this organization made. */
  parents(jobId: string): Promise<ParentRow[]>
  close(): Promise<void>
}

const { sql } = Prisma
const BATCH_ROWS = 1_000
/** Bytes. Parameters of one job may have 256 KiB, so a batch ends before it gets too large. */
const BATCH_BYTES = 8 * 1024 * 1024
const ALL_ROWS = 2_147_483_647
const TOP_ERRORS = 10

/** Opens connections for one organization. Every statement below is bound to it. The caller closes them. */
export function openOrganizationQueries(databaseUrl: string, organizationId: string): OrganizationQueries {
  const db = createDb(databaseUrl, { max: 2, applicationName: 'jobyard-handler' })
  const organization = sql`${organizationId}::uuid`
  return {
    jobs: (filter) => readJobs(db, organizationId, filter),
    countJobs: (filter) => countJobs(db, organizationId, filter),
    report: ({ from, to }) => readReport(db, organization, from, to),
    parents: (jobId) => readParents(db, organizationId, jobId),
    close: () => db.$disconnect(),
  }
}

async function countJobs(db: Db, organizationId: string, filter: OwnFilter): Promise<number> {
  const scope = { organizationIds: [organizationId] }
  const ids = matchingIds(await resolveFilter(db, filter, scope), scope, { limit: ALL_ROWS, ordered: false })
  if (!ids) return 0
  const [row] = await db.$queryRaw<{ count: bigint }[]>`SELECT count(*) FROM (${ids}) matching`
  return Number(row?.count ?? 0)
}

async function* readJobs(db: Db, organizationId: string, filter: OwnFilter): AsyncGenerator<ExportedJob[]> {
  const scope = { organizationIds: [organizationId] }
  let before: string | undefined
  for (;;) {
    const ids = matchingIds(await resolveFilter(db, filter, scope), scope, { limit: BATCH_ROWS, before })
    if (!ids) return
    const rows = await db.$queryRaw<JobRow[]>`
      SELECT * FROM (
        SELECT j.id, j.job_type, j.status, j.priority, j.attempt, j.failures, j.submitted_by_name, j.created_at,
          j.started_at, j.finished_at, j.error_message, j.error_class, i.parameters, row_number() OVER newest AS place,
          sum(octet_length(i.parameters::text)) OVER newest AS bytes
        FROM (${ids}) page JOIN jobs j ON j.id = page.id JOIN job_inputs i ON i.job_id = page.id
        WINDOW newest AS (ORDER BY j.id DESC ROWS UNBOUNDED PRECEDING)
      ) measured
      WHERE place = 1 OR bytes <= ${BATCH_BYTES}
      ORDER BY place`
    before = rows.at(-1)?.id
    if (!before) return
    yield rows.map(toExported)
  }
}

interface JobRow {
  id: string
  job_type: string
  status: string
  priority: string
  attempt: number
  failures: number
  submitted_by_name: string
  created_at: Date
  started_at: Date | null
  finished_at: Date | null
  error_message: string | null
  error_class: string | null
  parameters: Json
}

const toExported = (row: JobRow): ExportedJob => ({
  id: row.id,
  jobType: row.job_type,
  status: row.status,
  priority: row.priority,
  attempt: row.attempt,
  failures: row.failures,
  submittedBy: row.submitted_by_name,
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  errorMessage: row.error_message,
  errorClass: row.error_class,
  parameters: row.parameters,
})

/** PostgreSQL groups the rows. Submitted jobs are found by their ids, which sort by time, and attempts by their end. */
async function readReport(db: Db, organization: Prisma.Sql, from: Date, to: Date): Promise<OrganizationReport> {
  const bucketSeconds = to.getTime() - from.getTime() <= 48 * 3_600_000 ? 3_600 : 86_400
  const submitted = sql`i.organization_id = ${organization}
    AND i.job_id >= ${idAt(from.getTime())}::uuid AND i.job_id < ${idAt(to.getTime())}::uuid`
  const ended = sql`a.organization_id = ${organization} AND a.ended_at >= ${from} AND a.ended_at < ${to}`
  const [byStatus, byType, timeline, topErrors] = await Promise.all([
    db.$queryRaw<OrganizationReport['byStatus']>`
      SELECT j.status::text, count(*)::int AS count
      FROM job_inputs i JOIN jobs j ON j.id = i.job_id
      WHERE ${submitted} GROUP BY 1 ORDER BY 2 DESC, 1`,
    db.$queryRaw<OrganizationReport['byType']>`
      WITH counts AS (
        SELECT i.job_type, count(*)::int AS total,
          (count(*) FILTER (WHERE j.status = 'COMPLETED'))::int AS completed,
          (count(*) FILTER (WHERE j.status IN ('FAILED', 'TIMED_OUT', 'DEAD_LETTER')))::int AS failed
        FROM job_inputs i JOIN jobs j ON j.id = i.job_id
        WHERE ${submitted} GROUP BY 1
      ), runs AS (
        SELECT job_type, avg(seconds)::float8 AS mean, percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95
        FROM (
          SELECT a.job_type, extract(epoch FROM a.ended_at - a.started_at)::float8 AS seconds
          FROM job_attempts a WHERE ${ended} AND a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')
        ) attempts GROUP BY 1
      )
      SELECT job_type AS "jobType", COALESCE(total, 0) AS total, COALESCE(completed, 0) AS completed,
        COALESCE(failed, 0) AS failed, mean AS "avgRunSeconds", p95 AS "p95RunSeconds"
      FROM counts FULL JOIN runs USING (job_type) ORDER BY total DESC, job_type`,
    db.$queryRaw<OrganizationReport['timeline']>`
      WITH buckets AS (
        SELECT generate_series(date_bin(make_interval(secs => ${bucketSeconds}), ${from}::timestamptz, 'epoch'::timestamptz),
          ${to}::timestamptz - interval '1 ms', make_interval(secs => ${bucketSeconds})) AS at
      ), outcomes AS (
        SELECT date_bin(make_interval(secs => ${bucketSeconds}), a.ended_at, 'epoch'::timestamptz) AS at,
          (count(*) FILTER (WHERE a.outcome = 'COMPLETED'))::int AS completed,
          (count(*) FILTER (WHERE a.outcome IN ('FAILED', 'TIMED_OUT')))::int AS failed
        FROM job_attempts a WHERE ${ended} GROUP BY 1
      )
      SELECT at, COALESCE(completed, 0) AS completed, COALESCE(failed, 0) AS failed
      FROM buckets LEFT JOIN outcomes USING (at) ORDER BY at`,
    db.$queryRaw<OrganizationReport['topErrors']>`
      SELECT a.job_type AS "jobType", (array_agg(a.error_message ORDER BY a.ended_at DESC))[1] AS message,
        count(*)::int AS count, max(a.ended_at) AS "lastSeenAt"
      FROM job_attempts a
      WHERE ${ended} AND a.outcome IN ('FAILED', 'TIMED_OUT') AND a.error_message IS NOT NULL
      GROUP BY a.job_type, a.error_fingerprint ORDER BY 3 DESC, 4 DESC LIMIT ${TOP_ERRORS}`,
  ])
  return { byStatus, byType, timeline, bucketSeconds, topErrors }
}
