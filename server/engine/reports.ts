import { Prisma } from '@/server/db'
import { DEFAULT_TIME_ZONE } from './domain/time-zone'
import type { JobFilter, Json } from './domain/types'
import { matchingIds } from './store/reads/filter'
import { readOperationsReport, type OrganizationReport, type ReportPeriod } from './store/reads/operations-report'
import { readParents, type ParentRow } from './store/reads/parents'
import { openStoppable, type StoppableDb } from './store/reads/stoppable'
import { resolveFilter } from './store/reads/waiting-filter'
import { keepUpload, type UploadView } from './store/uploads'

// The engine's second door: what handlers read of their own organization through `ctx.data`, `ctx.parents` and
// `ctx.upload`. Each isolated handler runs in a thread that loads this file, so it stays light: it must not load
// index.ts, which brings the actions and the queue along.

export type { OrganizationReport, ParentRow }

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

/**
 * What a handler may read of its own organization. Whatever it waits for rejects as soon as the attempt's signal fires.
 */
export interface OrganizationData {
  /** The organization's time zone as an IANA name, such as Europe/Berlin. */
  timeZone(): Promise<string>
  /** Newest first, in batches, so that memory stays the same however many jobs there are. */
  jobs(filter: OwnFilter): AsyncIterable<ExportedJob[]>
  /** How many jobs `jobs` will give, for a handler that reports progress. */
  countJobs(filter: OwnFilter): Promise<number>
  /**
   * Counts and run times of a period. It covers the jobs that were submitted in the period, and the attempts that ended
   * in it.
   */
  report(period: ReportPeriod): Promise<OrganizationReport>
}

/** What a handler may read, and what its context needs beside that. The caller closes the connections behind it. */
export interface OrganizationQueries extends OrganizationData {
  /** What the parents of a job of this organization made. */
  parents(jobId: string): Promise<ParentRow[]>
  /** A whole upload of the organization, which is then kept for another day. Null where there is none. */
  keepUpload(uploadId: string): Promise<UploadView | null>
  close(): Promise<void>
}

/** The most jobs in one batch of `jobs`. */
const BATCH_ROWS = 1_000
/** Bytes. Parameters of one job may have 256 KiB, so a batch ends before it gets too large. */
const BATCH_BYTES = 8 * 1024 * 1024
/** The largest integer, as a limit that no number of jobs reaches. */
const ALL_ROWS = 2_147_483_647

/**
 * Opens connections for one organization. Every statement below is bound to it. The caller closes them.
 *
 * @param signalOf the signal of the attempt, which ends whatever is asked; without it nothing does
 */
export function openOrganizationQueries(
  databaseUrl: string,
  organizationId: string,
  signalOf: () => AbortSignal | undefined = () => undefined,
): OrganizationQueries {
  const stoppable = openStoppable(databaseUrl, signalOf)
  return {
    timeZone: () => readTimeZone(stoppable, organizationId),
    jobs: (filter) => readJobs(stoppable, organizationId, filter),
    countJobs: (filter) => countJobs(stoppable, organizationId, filter),
    report: (period) => readOperationsReport(stoppable.ask, organizationId, period),
    parents: (jobId) => readParents(stoppable.ask, organizationId, jobId),
    keepUpload: (uploadId) => stoppable.unlessStopped(() => keepUpload(stoppable.db, uploadId, organizationId)),
    close: stoppable.close,
  }
}

async function readTimeZone({ ask }: StoppableDb, organizationId: string): Promise<string> {
  const [row] = await ask<{ timeZone: string }>(Prisma.sql`
    SELECT time_zone AS "timeZone" FROM organizations WHERE id = ${organizationId}::uuid`)
  return row?.timeZone ?? DEFAULT_TIME_ZONE
}

async function countJobs(
  { db, ask, unlessStopped }: StoppableDb,
  organizationId: string,
  filter: OwnFilter,
): Promise<number> {
  const scope = { organizationIds: [organizationId] }
  const resolved = await unlessStopped(() => resolveFilter(db, filter, scope))
  const ids = matchingIds(resolved, scope, { limit: ALL_ROWS, ordered: false })
  // Without a query, no job can match the filter. The same below.
  if (!ids) return 0
  const [row] = await ask<{ count: bigint }>(Prisma.sql`SELECT count(*) FROM (${ids}) matching`)
  return Number(row?.count ?? 0)
}

async function* readJobs(
  { db, ask, unlessStopped }: StoppableDb,
  organizationId: string,
  filter: OwnFilter,
): AsyncGenerator<ExportedJob[]> {
  const scope = { organizationIds: [organizationId] }
  let before: string | undefined
  for (;;) {
    // For each batch anew: what jobs wait for may have changed since the last one.
    const resolved = await unlessStopped(() => resolveFilter(db, filter, scope))
    const ids = matchingIds(resolved, scope, { limit: BATCH_ROWS, before })
    if (!ids) return
    const rows = await ask<JobRow>(Prisma.sql`
      SELECT * FROM (
        SELECT j.id, j.job_type, j.status, j.priority, j.attempt, j.failures, j.submitted_by_name, j.created_at,
          j.started_at, j.finished_at, j.error_message, j.error_class, i.parameters, row_number() OVER newest AS place,
          sum(octet_length(i.parameters::text)) OVER newest AS bytes
        FROM (${ids}) page JOIN jobs j ON j.id = page.id JOIN job_inputs i ON i.job_id = page.id
        WINDOW newest AS (ORDER BY j.id DESC ROWS UNBOUNDED PRECEDING)
      ) measured
      WHERE place = 1 OR bytes <= ${BATCH_BYTES}
      ORDER BY place`)
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
