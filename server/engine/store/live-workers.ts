import { Prisma, statementName, type DbOrTx } from '@/server/db'
import type { QueueName } from '../domain/types'

// Says which workers count as alive, and how much work the live ones have. All of the engine takes from here after what
// time a worker is lost.

const { sql } = Prisma

/** Seconds after which a worker that was not seen counts as lost. Its leases are over then, too. */
export const WORKER_LOST_SECONDS = 15

const seenLately = sql`last_seen_at > clock_timestamp() - ${WORKER_LOST_SECONDS}::int * interval '1 second'`

/** Condition on a row of `workers`: it was seen a short time ago, and has not stopped in good order. */
export const lives = sql`stopped_at IS NULL AND ${seenLately}`

/** Condition on a row of `workers`: it is alive and takes work. A worker that drains takes nothing new. */
export const takesWork = sql`stopped_at IS NULL AND draining_at IS NULL AND ${seenLately}`

/** For a row of `workers`: how many jobs of this queue it can run at once. A worker with 0 takes none. */
export const slotsOf = (queue: QueueName) => (queue === 'ISOLATED' ? sql`isolated_slots` : sql`inline_slots`)

/** The crews (domain/crew.ts) of which a worker is alive, also one that drains. */
export async function liveCrews(db: DbOrTx): Promise<string[]> {
  const rows = await db.$queryRaw<{ crew: string }[]>`SELECT DISTINCT crew FROM workers WHERE ${lives}`
  return rows.map(({ crew }) => crew)
}

/** The crews of all workers that have a row. The row of a worker is kept for seven days after it was last seen. */
export async function crewsOfAllWorkers(db: DbOrTx): Promise<string[]> {
  const rows = await db.$queryRaw<{ crew: string }[]>`SELECT DISTINCT crew FROM workers`
  return rows.map(({ crew }) => crew)
}

/** How much work one queue has at this moment, over all workers. */
export interface Load {
  queued: number
  running: number
  /** Slots of the workers that are alive and take work. */
  slots: number
}

/** The load of each queue, as PostgreSQL knows it: of one crew, or of all together. */
export async function queueLoads(db: DbOrTx, crew: string | null = null): Promise<Record<QueueName, Load>> {
  const [jobs, slots] = await Promise.all([
    db.$queryRaw<{ queue: QueueName; queued: number; running: number }[]>(sql`${statementName('loads')}
      SELECT queue, count(*) FILTER (WHERE status = 'QUEUED')::int AS queued, count(*) FILTER (WHERE status = 'RUNNING')::int AS running
      FROM jobs WHERE status IN ('QUEUED', 'RUNNING') AND (${crew}::text IS NULL OR crew = ${crew}::text) GROUP BY queue`),
    liveSlots(db, crew),
  ])
  const of = (queue: QueueName): Load => {
    const row = jobs.find((each) => each.queue === queue)
    return { queued: row?.queued ?? 0, running: row?.running ?? 0, slots: slots[queue] }
  }
  return { ISOLATED: of('ISOLATED'), INLINE: of('INLINE') }
}

/** Slots of all workers that are alive and take work, or of those of one crew. */
export async function liveSlots(db: DbOrTx, crew: string | null = null): Promise<Record<QueueName, number>> {
  const [row] = await db.$queryRaw<Record<QueueName, number>[]>`
    SELECT COALESCE(sum(${slotsOf('ISOLATED')}), 0)::int AS "ISOLATED", COALESCE(sum(${slotsOf('INLINE')}), 0)::int AS "INLINE"
    FROM workers WHERE ${takesWork} AND (${crew}::text IS NULL OR crew = ${crew}::text)`
  return row!
}
