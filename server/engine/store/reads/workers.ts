import { Prisma, type DbOrTx } from '@/server/db'
import type { QueueName, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { WORKER_LOST_SECONDS } from '../live-workers'
import { inScope } from './job-view'
import { UUID } from '../../domain/uuid'

/** Of what a worker runs, the oldest are shown. */
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
  /** Null for whoever is no system admin, as the pid: the machines are nobody else's business. */
  host: string | null
  pid: number | null
  /** LOST: not seen for 15 s without having stopped in good order. */
  state: 'ALIVE' | 'DRAINING' | 'STOPPED' | 'LOST'
  startedAt: Date
  lastSeenAt: Date
  drainingAt: Date | null
  stoppedAt: Date | null
  /** How many jobs it can run at once: in threads of their own, and in its own thread. */
  slots: { isolated: number; inline: number }
  /** How many it runs now, as far as the scope reaches. */
  counts: { isolated: number; inline: number }
  /** The longest running of these, at most 50. */
  running: RunningJob[]
}

interface Row extends Omit<WorkerView, 'slots' | 'counts' | 'running'> {
  isolatedSlots: number
  inlineSlots: number
}

/**
 * Workers that live, and those that ended within the last hour, latest started first. Workers belong to the
 * platform, so everybody sees that they are there; jobs, and how many they are, only of the scope.
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

/** One worker with all that it runs, for system admins; null where there is none. */
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

/** The few jobs that run at all are found by status; which worker has which is in no index, as it changes too often. */
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
