import { Prisma, type DbOrTx } from '@/server/db'
import { looksStuck, QUIET_SECONDS, type StuckReason } from '../../domain/looks-stuck'
import type { Actor, QueueName, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { toActor, type ActorColumns } from './actor'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'
import { kindKey, usualRuns } from './usual-runs'

// Reads which jobs run, and which of them look stuck.

const { sql } = Prisma

/** A job that runs, as operators look at it: for how long, for how long as a rule, and what it said last. */
export interface RunningJob {
  jobId: string
  organizationId: string
  jobType: string
  title: string
  workerId: string | null
  attempt: number
  queue: QueueName
  submittedBy: Actor
  cancelRequestedAt: Date | null
  progress: number
  progressMessage: string | null
  startedAt: Date
  elapsedSeconds: number
  /** Null where too few runs of its type are known in its organization. */
  p95Seconds: number | null
  /** Null where this attempt has reported no progress. */
  lastProgressAt: Date | null
  /** Null where this attempt has logged nothing. */
  lastLog: { at: Date; level: 'INFO' | 'WARN' | 'ERROR'; message: string } | null
  /** Null where it does not look stuck. */
  stuck: { reason: StuckReason; quietSeconds: number } | null
}

/** A log line is cut to this many characters. */
const LINE_LENGTH = 300
/** How many running jobs are judged whether they are stuck. They are those that have run longest. */
const MOST_JUDGED = 2_000

/** The jobs that these workers run, for each worker those that have run longest, at most `limit`. */
export const runningOn = (
  db: DbOrTx,
  { workerIds, limit }: { workerIds: readonly string[]; limit: number },
  scope: Scope,
): Promise<RunningJob[]> =>
  readRunning(
    db,
    sql`SELECT * FROM (
      SELECT j.*, row_number() OVER (PARTITION BY j.worker_id ORDER BY j.started_at, j.id) AS nth FROM jobs j
      WHERE j.status = 'RUNNING' AND j.worker_id = ANY(${[...workerIds]}::uuid[]) AND ${inScope(sql`j.organization_id`, scope)}) j
    WHERE nth <= ${limit}`,
  )

/** The jobs of a scope that look stuck, in the order of their ids. With `jobId`, this job alone. */
export async function stuckJobs(
  db: DbOrTx,
  { jobId, cursor, limit }: { jobId?: string; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<RunningJob>> {
  const after = decodeCursor(cursor, UUID) ?? ''
  const running = await readRunning(
    db,
    sql`SELECT j.* FROM jobs j
      WHERE j.status = 'RUNNING' AND ${inScope(sql`j.organization_id`, scope)}
        AND ${jobId ? sql`j.id = ${jobId}::uuid` : sql`TRUE`}
        AND j.started_at < clock_timestamp() - ${QUIET_SECONDS} * interval '1 second'
      ORDER BY j.started_at, j.id LIMIT ${MOST_JUDGED}`,
    QUIET_SECONDS,
  )
  const stuck = running
    .filter((job) => job.stuck !== null && job.jobId > after)
    .sort((a, b) => (a.jobId < b.jobId ? -1 : 1))
  return pageOf(
    stuck,
    limit,
    (job) => job.jobId,
    (job) => job,
  )
}

/** The job of a scope that has run longest, or null where none runs. */
export async function longestRun(db: DbOrTx, scope: Scope): Promise<RunningJob | null> {
  const [job] = await readRunning(
    db,
    sql`SELECT j.* FROM jobs j WHERE j.status = 'RUNNING' AND ${inScope(sql`j.organization_id`, scope)}
      ORDER BY j.started_at, j.id LIMIT 1`,
  )
  return job ?? null
}

type Row = Omit<RunningJob, 'p95Seconds' | 'lastLog' | 'stuck' | 'submittedBy'> &
  ActorColumns & {
    quietSeconds: number
    logAt: Date | null
    logLevel: 'INFO' | 'WARN' | 'ERROR' | null
    logMessage: string | null
  }

/**
 * Reads these jobs, oldest start first, in one statement, and the runs of their types in a few more (usual-runs.ts).
 * For each job the end of its log is looked up by index.
 *
 * @param jobs a query of whole rows of `jobs`
 * @param quietSeconds jobs that were heard of within this time are left out
 */
async function readRunning(db: DbOrTx, jobs: Prisma.Sql, quietSeconds = 0): Promise<RunningJob[]> {
  const rows = await db.$queryRaw<Row[]>`
    WITH running AS MATERIALIZED (
      SELECT j.id, j.organization_id, j.job_type, j.worker_id, j.attempt, j.queue, j.progress, j.progress_message, j.started_at,
        j.submitted_by_type, j.submitted_by_id, j.submitted_by_name, j.cancel_requested_at,
        -- What an earlier attempt reported says nothing about this one.
        CASE WHEN j.progress_at >= j.started_at THEN j.progress_at END AS progress_at
      FROM (${jobs}) j
    ),
    said AS (
      SELECT r.*, COALESCE(t.title, r.job_type) AS title, l.at AS log_at, l.level, l.message
      FROM running r LEFT JOIN job_search t ON t.job_id = r.id
      LEFT JOIN LATERAL (
        SELECT l.attempt, l.at, l.level, left(l.message, ${LINE_LENGTH}) AS message FROM job_logs l
        WHERE l.job_id = r.id ORDER BY l.line DESC LIMIT 1) l ON l.attempt = r.attempt
    )
    SELECT id AS "jobId", organization_id AS "organizationId", job_type AS "jobType", title, worker_id AS "workerId", attempt, queue,
      submitted_by_type AS "actorType", submitted_by_id AS "actorId", submitted_by_name AS "actorName", cancel_requested_at AS "cancelRequestedAt",
      progress, progress_message AS "progressMessage", started_at AS "startedAt", progress_at AS "lastProgressAt",
      log_at AS "logAt", level AS "logLevel", message AS "logMessage",
      greatest(0, extract(epoch FROM clock_timestamp() - started_at))::double precision AS "elapsedSeconds",
      greatest(0, extract(epoch FROM clock_timestamp() - greatest(started_at, progress_at, log_at)))::double precision AS "quietSeconds"
    FROM said
    WHERE greatest(started_at, progress_at, log_at) <= clock_timestamp() - ${quietSeconds} * interval '1 second' OR ${quietSeconds === 0}
    ORDER BY started_at, id`
  const usual = await usualRuns(db, rows)
  return rows.map(({ quietSeconds, logAt, logLevel, logMessage, actorType, actorId, actorName, ...row }) => {
    const p95Seconds = usual.get(kindKey(row)) ?? null
    const reason = looksStuck({ elapsedSeconds: row.elapsedSeconds, quietSeconds, p95Seconds })
    return {
      ...row,
      submittedBy: toActor({ actorType, actorId, actorName }),
      p95Seconds,
      lastLog: logAt && logLevel && logMessage !== null ? { at: logAt, level: logLevel, message: logMessage } : null,
      stuck: reason && { reason, quietSeconds },
    }
  })
}
