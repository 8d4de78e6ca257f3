import { Prisma, type DbOrTx } from '@/server/db'
import type { JobStatus } from '../domain/types'

/** A row of execution_logs as viewers get it. */
export interface HistoryRow {
  xid: bigint
  id: bigint
  jobId: string
  organizationId: string
  fromStatus: JobStatus | null
  toStatus: JobStatus
  attempt: number
  at: Date
}

export interface ProgressRow {
  organizationId: string
  jobId: string
  attempt: number
  progress: number
  message: string | null
  at: Date
}

/**
 * How far history can be read: every transaction below `safe` has ended, so no row of theirs can
 * still appear. `open`: some have begun since and not ended, so more may be there in a moment.
 */
export async function readHorizon(db: DbOrTx): Promise<{ safe: bigint; next: bigint }> {
  const [row] = await db.$queryRaw<{ safe: bigint; next: bigint }[]>`
    SELECT pg_snapshot_xmin(s)::text::bigint AS safe, pg_snapshot_xmax(s)::text::bigint AS next FROM pg_current_snapshot() s`
  if (!row) throw new Error('pg_current_snapshot returned nothing')
  return row
}

/** The oldest transaction that history still has rows of, or null where it is empty. */
export async function oldestHistory(db: DbOrTx): Promise<bigint | null> {
  const [row] = await db.$queryRaw<{ xid: bigint | null }[]>`SELECT min(xid) AS xid FROM execution_logs`
  return row?.xid ?? null
}

/**
 * Rows of the transactions in [from, to), in the order of their ids, beyond `afterId`. Transaction
 * numbers are given at a transaction's first write and say nothing about order; ids, drawn while
 * the job's row is locked, rise with every change of that job.
 */
export function readHistory(
  db: DbOrTx,
  range: { from: bigint; to: bigint; afterId: bigint; organizationIds: readonly string[]; jobId?: string; limit: number },
): Promise<HistoryRow[]> {
  return db.$queryRaw`
    SELECT xid, id, job_id AS "jobId", organization_id AS "organizationId", from_status AS "fromStatus",
      to_status AS "toStatus", attempt, at
    FROM execution_logs
    WHERE xid >= ${range.from} AND xid < ${range.to} AND id > ${range.afterId}
      AND organization_id = ANY(${[...range.organizationIds]}::uuid[])
      ${range.jobId ? Prisma.sql`AND job_id = ${range.jobId}::uuid` : Prisma.empty}
    ORDER BY id LIMIT ${range.limit}`
}

/** The latest progress of jobs that run now, at most a thousand of them. */
export function readProgress(db: DbOrTx, organizationId: string, jobId?: string): Promise<ProgressRow[]> {
  return db.$queryRaw`
    SELECT j.organization_id AS "organizationId", j.id AS "jobId", j.attempt, j.progress::int AS progress,
      j.progress_message AS message, clock_timestamp() AS at
    FROM jobs j
    WHERE j.status = 'RUNNING' AND j.organization_id = ${organizationId}::uuid
      ${jobId ? Prisma.sql`AND j.id = ${jobId}::uuid` : Prisma.empty}
      AND (j.progress > 0 OR j.progress_message IS NOT NULL)
    ORDER BY j.id DESC LIMIT 1000`
}
