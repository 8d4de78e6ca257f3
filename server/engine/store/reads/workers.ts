import { Prisma, type DbOrTx } from '@/server/db'
import type { Actor, Scope } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'
import { lives, WORKER_LOST_SECONDS } from '../live-workers'
import { inScope } from './job-view'
import { runningOn, type RunningJob } from './running'
import { UUID_FORM } from '../../domain/uuid'

// Reads workers, and the jobs that they run.

/** How many of the jobs that a worker runs are shown. These are the oldest. */
const SHOWN_JOBS = 50

interface PerQueue {
  isolated: number
  inline: number
}

/** A file that is no handler that can run, and why, with the way out. */
export interface HandlerProblem {
  file: string
  message: string
}

/** A worker process as operators see it. */
export interface WorkerView {
  id: string
  /** Null for everybody but system admins, like the pid and the memory, because the machines are not for others. */
  host: string | null
  pid: number | null
  /** What its last heartbeat said. */
  memory: { rssBytes: number; heapBytes: number } | null
  /** The version of the package that it runs, and the commit that it was started from. Null where it is not known. */
  version: string | null
  commit: string | null
  /** Files of one's own handlers that it could not take. Null for everybody but system admins. */
  handlerProblems: HandlerProblem[] | null
  /** LOST: it was not seen for 15 s, and has not stopped in good order. */
  state: 'ALIVE' | 'DRAINING' | 'STOPPED' | 'LOST'
  startedAt: Date
  lastSeenAt: Date
  drainingAt: Date | null
  /**
   * When what still runs is handed back. It stays after the worker has stopped. Null where it never drained, or has not
   * said how long its jobs may go on.
   */
  drainsUntil: Date | null
  /** Null where it never drained, or where nobody asked for the drain: the process was told to stop. */
  drainedBy: Actor | null
  drainReason: string | null
  stoppedAt: Date | null
  /** The worker pools whose jobs it takes. Null: every pool. */
  pools: string[] | null
  /** The keys of the handlers that it has. Null where it has not said so. */
  handlers: string[] | null
  /** How many jobs it can run at once: in threads of their own, and in its own thread. */
  slots: PerQueue
  /** How many of its slots are taken, by jobs of whatever organization. */
  busy: PerQueue
  /** How many jobs of the scope it runs now. */
  counts: PerQueue
  /** The jobs of the scope that it runs, at most 50 of them, those that have run longest first. */
  running: RunningJob[]
}

interface Row extends Omit<WorkerView, 'slots' | 'busy' | 'counts' | 'running' | 'memory'> {
  isolatedSlots: number
  inlineSlots: number
  rssBytes: bigint | null
  heapBytes: bigint | null
  alive: boolean
}

const seenWithinTheHour = Prisma.sql`last_seen_at > clock_timestamp() - interval '1 hour'`

/** A page of workers. `gone` counts, over all pages, those that stopped or were lost within the last hour. */
export type WorkerPage = Page<WorkerView> & { gone: number }

const CURSOR = new RegExp(`^(alive|gone) ${UUID_FORM}$`)

/**
 * Workers that are alive, and after them those that ended within the last hour, each the latest started first. A worker
 * that dies again and again leaves many ended ones, and they must not push the living off the first page. Workers
 * belong to the platform, so everybody sees them. Jobs and their numbers are only those of the scope.
 *
 * @param machines whether the caller may see host, pid, memory and handler problems
 */
export async function listWorkers(
  db: DbOrTx,
  { cursor, limit, machines }: { cursor?: string; limit: number; machines: boolean },
  scope: Scope,
): Promise<WorkerPage> {
  // Pages go from the living to the ended and from higher ids to lower ones, so the first begins above every id. An id
  // is a UUIDv7 made when the worker starts, so a higher one started later.
  const [part, before] = (decodeCursor(cursor, CURSOR) ?? 'alive ffffffff-ffff-ffff-ffff-ffffffffffff').split(' ')
  const where = Prisma.sql`(${lives}, id) < (${part === 'alive'}, ${before}::uuid) AND ${seenWithinTheHour}`
  const rows = await readWorkers(db, where, limit + 1, machines)
  const work = await workOf(
    db,
    rows.slice(0, limit).map(({ id }) => id),
    scope,
  )
  const page = pageOf(
    rows,
    limit,
    ({ alive, id }) => `${alive ? 'alive' : 'gone'} ${id}`,
    (row) => toView(row, work.get(row.id)),
  )
  return { ...page, gone: await countGone(db) }
}

async function countGone(db: DbOrTx): Promise<number> {
  const [row] = await db.$queryRaw<{ gone: number }[]>`
    SELECT count(*)::int AS gone FROM workers WHERE ${seenWithinTheHour} AND NOT (${lives})`
  return row!.gone
}

/** One worker with its jobs of all organizations, at most 50 of them, for system admins. Null where there is none. */
export async function getWorker(db: DbOrTx, workerId: string): Promise<WorkerView | null> {
  const [row] = await readWorkers(db, Prisma.sql`id = ${workerId}::uuid`, 1, true)
  return row ? toView(row, (await workOf(db, [workerId], { all: true })).get(workerId)) : null
}

function readWorkers(db: DbOrTx, where: Prisma.Sql, limit: number, machines: boolean): Promise<Row[]> {
  return db.$queryRaw<Row[]>`
    SELECT id, (${lives}) AS alive, CASE WHEN ${machines} THEN host END AS host, CASE WHEN ${machines} THEN pid END AS pid,
      CASE WHEN stopped_at IS NOT NULL THEN 'STOPPED'
        WHEN last_seen_at < clock_timestamp() - ${WORKER_LOST_SECONDS} * interval '1 second' THEN 'LOST'
        WHEN draining_at IS NOT NULL THEN 'DRAINING' ELSE 'ALIVE' END AS state,
      isolated_slots AS "isolatedSlots", inline_slots AS "inlineSlots", started_at AS "startedAt", last_seen_at AS "lastSeenAt",
      draining_at AS "drainingAt", stopped_at AS "stoppedAt", version, commit,
      pools, handlers, CASE WHEN ${machines} THEN rss_bytes END AS "rssBytes", CASE WHEN ${machines} THEN heap_bytes END AS "heapBytes",
      draining_at + drain_seconds * interval '1 second' AS "drainsUntil", drained_by AS "drainedBy", drain_reason AS "drainReason",
      CASE WHEN ${machines} THEN handler_problems END AS "handlerProblems"
    FROM workers WHERE ${where} ORDER BY alive DESC, id DESC LIMIT ${limit}`
}

type Work = Pick<WorkerView, 'busy' | 'counts' | 'running'>

/** What each of these workers runs. One that runs nothing is absent. */
async function workOf(db: DbOrTx, workerIds: readonly string[], scope: Scope): Promise<Map<string, Work>> {
  const counts = await countsOf(db, workerIds, scope)
  const running = await runningOn(db, { workerIds, limit: SHOWN_JOBS }, scope)
  return new Map(
    counts.map(({ workerId, busyIsolated, busyInline, isolated, inline }) => [
      workerId,
      {
        busy: { isolated: busyIsolated, inline: busyInline },
        counts: { isolated, inline },
        running: running.filter((job) => job.workerId === workerId),
      },
    ]),
  )
}

/**
 * How many slots of each worker are taken, and how many by jobs of the scope. The running jobs are few, so they are
 * found by their status. No index says which worker runs which job, because that changes too often.
 */
function countsOf(db: DbOrTx, workerIds: readonly string[], scope: Scope) {
  const seen = inScope(Prisma.sql`organization_id`, scope)
  return db.$queryRaw<
    { workerId: string; busyIsolated: number; busyInline: number; isolated: number; inline: number }[]
  >`
    SELECT worker_id AS "workerId",
      (count(*) FILTER (WHERE queue = 'ISOLATED'))::int AS "busyIsolated", (count(*) FILTER (WHERE queue = 'INLINE'))::int AS "busyInline",
      (count(*) FILTER (WHERE queue = 'ISOLATED' AND ${seen}))::int AS isolated, (count(*) FILTER (WHERE queue = 'INLINE' AND ${seen}))::int AS inline
    FROM jobs WHERE status = 'RUNNING' AND worker_id = ANY(${[...workerIds]}::uuid[]) GROUP BY worker_id`
}

const NOTHING: Work = { busy: { isolated: 0, inline: 0 }, counts: { isolated: 0, inline: 0 }, running: [] }

const toView = (
  { isolatedSlots, inlineSlots, rssBytes, heapBytes, alive: _, ...row }: Row,
  work = NOTHING,
): WorkerView => ({
  ...row,
  memory: rssBytes === null || heapBytes === null ? null : { rssBytes: Number(rssBytes), heapBytes: Number(heapBytes) },
  slots: { isolated: isolatedSlots, inline: inlineSlots },
  ...work,
})
