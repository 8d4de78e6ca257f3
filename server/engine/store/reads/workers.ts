import { Prisma, type DbOrTx } from '@/server/db'
import type { QueueName, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { WORKER_LOST_SECONDS } from '../live-workers'
import { inScope } from './job-view'
import { UUID } from '../../domain/uuid'

/** How many of the jobs that a worker runs are shown. These are the oldest. */
const SHOWN_JOBS = 50

export interface RunningJob {
  jobId: string
  organizationId: string
  jobType: string
  attempt: number
  queue: QueueName
  progress: number
  startedAt: Date
}

/** A worker process as operators see it. */
export interface WorkerView {
  id: string
  /** Null for everybody but system admins, like the pid, because the names of machines are not for others. */
  host: string | null
  pid: number | null
  /** LOST: it was not seen for 15 s, and has not stopped in good order. */
  state: 'ALIVE' | 'DRAINING' | 'STOPPED' | 'LOST'
  startedAt: Date
  lastSeenAt: Date
  drainingAt: Date | null
  stoppedAt: Date | null
  /** How many jobs it can run at once: in threads of their own, and in its own thread. */
  slots: { isolated: number; inline: number }
  /** How many jobs it runs now. Only jobs in the scope are counted. */
  counts: { isolated: number; inline: number }
  /** The jobs that it runs, at most 50 of them, those that have run longest first. */
  running: RunningJob[]
}

interface Row extends Omit<WorkerView, 'slots' | 'counts' | 'running'> {
  isolatedSlots: number
  inlineSlots: number
}

/**
 * Workers that are alive and those that ended within the last hour, the latest started first. Workers belong to the
 * platform, so everybody sees them. Jobs and their numbers are only those of the scope.
 */
export async function listWorkers(
  db: DbOrTx,
  { cursor, limit, machines }: { cursor?: string; limit: number; machines: boolean },
  scope: Scope,
): Promise<Page<WorkerView>> {
  const before = decodeCursor(cursor, UUID) ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff'
  const where = Prisma.sql`id < ${before}::uuid AND last_seen_at > clock_timestamp() - interval '1 hour'`
  const rows = await readWorkers(db, where, limit + 1, machines)
  const work = await runningJobs(
    db,
    rows.slice(0, limit).map(({ id }) => id),
    scope,
  )
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => toView(row, work.get(row.id)),
  )
}

/** One worker with all the jobs that it runs, for system admins. Null where there is none. */
export async function getWorker(db: DbOrTx, workerId: string): Promise<WorkerView | null> {
  const [row] = await readWorkers(db, Prisma.sql`id = ${workerId}::uuid`, 1, true)
  return row ? toView(row, (await runningJobs(db, [workerId], { all: true })).get(workerId)) : null
}

function readWorkers(db: DbOrTx, where: Prisma.Sql, limit: number, machines: boolean): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    SELECT id, CASE WHEN ${machines} THEN host END AS host, CASE WHEN ${machines} THEN pid END AS pid,
      CASE WHEN stopped_at IS NOT NULL THEN 'STOPPED'
        WHEN last_seen_at < clock_timestamp() - ${WORKER_LOST_SECONDS} * interval '1 second' THEN 'LOST'
        WHEN draining_at IS NOT NULL THEN 'DRAINING' ELSE 'ALIVE' END AS state,
      isolated_slots AS "isolatedSlots", inline_slots AS "inlineSlots", started_at AS "startedAt", last_seen_at AS "lastSeenAt",
      draining_at AS "drainingAt", stopped_at AS "stoppedAt"
    FROM workers WHERE ${where} ORDER BY id DESC LIMIT ${limit}`
}

type Work = Pick<WorkerView, 'counts' | 'running'>

/**
 * The running jobs are few, so they are found by their status. No index says which worker runs which job, because that
 * changes too often.
 */
async function runningJobs(db: DbOrTx, workerIds: readonly string[], scope: Scope): Promise<Map<string, Work>> {
  const rows = await db.$queryRaw<(RunningJob & { workerId: string; isolated: number; inline: number })[]>`
    SELECT * FROM (
      SELECT j.worker_id AS "workerId", j.id AS "jobId", j.organization_id AS "organizationId", j.job_type AS "jobType", j.attempt, j.queue,
        j.progress, j.started_at AS "startedAt",
        (count(*) FILTER (WHERE j.queue = 'ISOLATED') OVER worker)::int AS isolated, (count(*) FILTER (WHERE j.queue = 'INLINE') OVER worker)::int AS inline,
        row_number() OVER (PARTITION BY j.worker_id ORDER BY j.started_at, j.id) AS nth
      FROM jobs j WHERE j.status = 'RUNNING' AND j.worker_id = ANY(${[...workerIds]}::uuid[]) AND ${inScope(Prisma.sql`j.organization_id`, scope)}
      WINDOW worker AS (PARTITION BY j.worker_id)) r
    WHERE nth <= ${SHOWN_JOBS} ORDER BY nth`
  const byWorker = new Map<string, Work>()
  for (const {
    workerId,
    isolated,
    inline,
    jobId,
    organizationId,
    jobType,
    attempt,
    queue,
    progress,
    startedAt,
  } of rows) {
    const work = byWorker.get(workerId) ?? { counts: { isolated, inline }, running: [] }
    work.running.push({ jobId, organizationId, jobType, attempt, queue, progress, startedAt })
    byWorker.set(workerId, work)
  }
  return byWorker
}

const toView = (
  { isolatedSlots, inlineSlots, ...row }: Row,
  work: Work = { counts: { isolated: 0, inline: 0 }, running: [] },
): WorkerView => ({
  ...row,
  slots: { isolated: isolatedSlots, inline: inlineSlots },
  ...work,
})
