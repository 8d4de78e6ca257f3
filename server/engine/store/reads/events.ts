import { Prisma, type DbOrTx } from '@/server/db'
import type { EventPlace } from '../../domain/event-cursor'
import type { JobStatus } from '../../domain/types'

// Reads new rows of the jobs' history, and progress, for viewers.

/** A row of execution_logs as viewers get it. */
export interface HistoryRow extends EventPlace {
  jobId: string
  organizationId: string
  /** Null for the row of the submission. */
  fromStatus: JobStatus | null
  toStatus: JobStatus
  attempt: number
  at: Date
}

/** The latest progress of a job, as viewers get it. */
export interface ProgressRow {
  organizationId: string
  jobId: string
  attempt: number
  /** Percent. */
  progress: number
  message: string | null
  at: Date
}

/**
 * How far history can be read. Every transaction below `safe` has ended, so none of their rows can still appear. Where
 * `next` is above `safe`, other transactions have begun, and may add rows in a moment.
 */
export async function readHorizon(db: DbOrTx): Promise<{ safe: bigint; next: bigint }> {
  const [row] = await db.$queryRaw<{ safe: bigint; next: bigint }[]>`
    SELECT pg_snapshot_xmin(s)::text::bigint AS safe, pg_snapshot_xmax(s)::text::bigint AS next FROM pg_current_snapshot() s`
  if (!row) throw new Error('pg_current_snapshot returned nothing')
  return row
}

/**
 * History after the place `after`, up to and with `upTo`, in the order of places. Both numbers of a place rise from row
 * to row of a job (store/transition.ts), so the rows of each job come in order.
 */
export function readHistory(
  db: DbOrTx,
  range: { after: EventPlace; upTo: EventPlace; organizationIds: readonly string[]; jobId?: string; limit: number },
): Promise<HistoryRow[]> {
  return db.$queryRaw`
    SELECT xid, id, job_id AS "jobId", organization_id AS "organizationId", from_status AS "fromStatus",
      to_status AS "toStatus", attempt, at
    FROM execution_logs
    WHERE ${inEventRange(range)} AND organization_id = ANY(${[...range.organizationIds]}::uuid[])
      ${range.jobId ? Prisma.sql`AND job_id = ${range.jobId}::uuid` : Prisma.empty}
    ORDER BY xid, id LIMIT ${range.limit}`
}

/** The place that lies `rows` rows further on, whoever they belong to. Null where the range has fewer rows. */
export async function placeAhead(
  db: DbOrTx,
  range: { after: EventPlace; upTo: EventPlace; rows: number },
): Promise<EventPlace | null> {
  const [row] = await db.$queryRaw<EventPlace[]>`
    SELECT xid, id FROM execution_logs WHERE ${inEventRange(range)} ORDER BY xid, id OFFSET ${range.rows - 1} LIMIT 1`
  return row ?? null
}

const inEventRange = ({ after, upTo }: { after: EventPlace; upTo: EventPlace }) =>
  Prisma.sql`(xid, id) > (${after.xid}, ${after.id}) AND (xid, id) <= (${upTo.xid}, ${upTo.id})`

/**
 * The latest progress of jobs that are running, of these organizations or of one job. At most `limit` jobs, those
 * that were submitted last.
 */
export function readProgress(
  db: DbOrTx,
  scope: { organizationIds: readonly string[]; jobId?: string; limit: number },
): Promise<ProgressRow[]> {
  return db.$queryRaw`
    SELECT j.organization_id AS "organizationId", j.id AS "jobId", j.attempt, j.progress::int AS progress,
      j.progress_message AS message, clock_timestamp() AS at
    FROM jobs j
    WHERE j.status = 'RUNNING' AND j.organization_id = ANY(${[...scope.organizationIds]}::uuid[])
      ${scope.jobId ? Prisma.sql`AND j.id = ${scope.jobId}::uuid` : Prisma.empty}
      AND (j.progress > 0 OR j.progress_message IS NOT NULL)
    ORDER BY j.id DESC LIMIT ${scope.limit}`
}
