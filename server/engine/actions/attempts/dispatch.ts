import { Prisma, statementName, type Db, type DbOrTx, type Tx } from '@/server/db'
import { ANY_CREW, type Crew } from '../../domain/crew'
import { withoutOrganizations, type HeldStretch } from '../../domain/held-stretches'
import { systemActor, type QueueName } from '../../domain/types'
import { takeTrials } from '../../store/circuit-breaker'
import type { Kind } from '../../store/kept-slots'
import { comeDue, manyCameDue } from '../../store/due'
import { anyDue, eligibleJobs, FIRST_TURN, type Turn } from '../../store/lanes'
import { queueLoads, takesWork, type Load } from '../../store/live-workers'
import { COMES_BACK } from '../../store/rank'
import { wakeFor } from '../../store/signals'
import { inTransaction, retryConflicts } from '../../store/transaction'
import { transition, type Moved } from '../../store/transition'
import type { Ticket } from '../../queue/messages'

export type { Load, QueueName }

/** A job that is QUEUED and whose message has to reach BullMQ. */
export interface Dispatched extends Ticket {
  jobType: string
  /**
   * The message goes to the head of the queue, because its organization has nothing QUEUED or RUNNING there and others
   * have.
   */
  ahead: boolean
  /**
   * It was queued beyond the share that all may use, so it may not take the last free slot of a worker
   * (store/kept-slots.ts).
   */
  yields: boolean
}

const actor = systemActor('dispatcher')
/** The number of the dispatchers' advisory lock. Any number will do that nothing else locks. */
const DISPATCH_LOCK = 0x10b_d157

/** How many jobs to take for each queue. */
export type Wanted = Partial<Record<QueueName, number>>

/** Whose turn it is in each queue. */
export type Turns = Record<QueueName, Turn>

/** Whose turn it is before the first round. */
export const FIRST_TURNS: Turns = { ISOLATED: FIRST_TURN, INLINE: FIRST_TURN }

/** What is kept back as a whole in each queue. */
export type Held = Record<QueueName, readonly HeldStretch[]>

/** Nothing is known to be kept back. */
export const NOTHING_HELD: Held = { ISOLATED: [], INLINE: [] }

/** What one round did. */
export interface Round {
  taken: Record<QueueName, Dispatched[]>
  /** Whose turn it is in the next round. */
  turns: Turns
  /** What this round's walk saw to be kept back, where there was much of it. */
  held: Held
  /** The organizations of jobs that came due. Their lanes may lie above the place where this round's walk began. */
  cameDue: readonly string[]
  /** More jobs may have come due than one round marks. */
  moreCameDue: boolean
}

/**
 * Takes up to the wanted number of eligible jobs of each queue of a crew, and commits them as QUEUED with their next
 * dispatch number. Organizations take turns, and within each the rank decides (store/lanes.ts). The caller publishes the
 * jobs afterwards, in the order given. When it dies in between, the reconciler (worker/upkeep/reconciler.ts) finds them.
 *
 * Several dispatchers may run. They take turns by a lock that lasts as long as the transaction: only a
 * dispatch makes jobs QUEUED, so what it counts under the lock cannot rise before it commits, and
 * concurrency limits hold at every moment. Both queues go under one lock, as limits span them.
 *
 * @param short what was measured to be short. Such jobs may be QUEUED beyond the slots that are not kept for
 * organizations with nothing in flight (store/kept-slots.ts)
 * @param turns what the last round of the same dispatcher gave. Where organizations have equally much in flight, those
 * go first that it has not served yet. Where there are many lanes, a round walks only some hundreds of them, from the
 * place where the last round ended
 * @param held stretches of held work that the walk passes in one step. The caller makes sure that they are still held
 * (worker/dispatch/held.ts)
 */
export function dispatchRound(
  db: Db,
  wanted: Wanted,
  short: readonly Kind[] = [],
  turns: Turns = FIRST_TURNS,
  crew: Crew = ANY_CREW,
  held: Held = NOTHING_HELD,
): Promise<Round> {
  return inTransaction(db, async (tx) => {
    const { due, cameDue, moreCameDue, others } = await lockDispatch(tx, crew)
    // Jobs of other pools may be among them, which only the dispatchers of other crews take.
    if (cameDue.length > 0 && others) await wakeFor(tx, cameDue)
    const round: Round = {
      taken: { ISOLATED: [], INLINE: [] },
      turns: { ...turns },
      held: NOTHING_HELD,
      cameDue,
      moreCameDue,
    }
    // These are statements of their own, because they must see what the previous holder of the lock has committed.
    for (const queue of ['ISOLATED', 'INLINE'] as const) {
      const limit = wanted[queue]
      if (limit && due[queue]) {
        const passed = withoutOrganizations(held[queue], cameDue)
        const { taken, next } = await dispatchOf(tx, queue, limit, short, turns[queue], crew, passed)
        round.taken[queue] = taken
        round.turns[queue] = next.turn
        round.held = { ...round.held, [queue]: next.held }
      } else if (!due[queue]) {
        // There is nothing to walk over, so the next walk begins at the top.
        round.turns[queue] = { ...turns[queue], below: null }
      }
    }
    return round
  })
}

/**
 * Takes the dispatchers' lock, marks the jobs whose time has come, and says which queues have any jobs that are due,
 * because most rounds are for one queue only, and whether there are other crews than this. Jobs that are submitted
 * while this waits for the lock wake the dispatcher once more.
 */
async function lockDispatch(tx: Tx, crew: Crew) {
  const [row] = await tx.$queryRaw<
    (Record<QueueName | 'more' | 'others', boolean> & { came: string[] })[]
  >(Prisma.sql`${statementName('lock_dispatch')}
    WITH ${comeDue}
    SELECT pg_advisory_xact_lock(${DISPATCH_LOCK})::text,
      ${anyDue('ISOLATED')} OR EXISTS (SELECT 1 FROM come_due WHERE queue = 'ISOLATED') AS "ISOLATED",
      ${anyDue('INLINE')} OR EXISTS (SELECT 1 FROM come_due WHERE queue = 'INLINE') AS "INLINE",
      ARRAY(SELECT DISTINCT organization_id::text FROM come_due) AS came, ${manyCameDue} AS more,
      EXISTS (SELECT 1 FROM workers WHERE ${takesWork} AND crew <> ${crew.name}) AS others`)
  const { ISOLATED, INLINE, came, more, others } = row!
  return { due: { ISOLATED, INLINE }, cameDue: came, moreCameDue: more, others }
}

/** Runs a round over no jobs, so that a connection knows its statements before they are needed. */
export async function dispatchNothing(tx: Tx): Promise<void> {
  await lockDispatch(tx, ANY_CREW)
  await dispatchOf(tx, 'INLINE', 0, [], FIRST_TURN, ANY_CREW, [])
  await loadsOfCrew(tx, ANY_CREW)
}

/** `dispatchRound` for one queue, from the top. */
export async function dispatchJobs(
  db: Db,
  queue: QueueName,
  limit: number,
  short: readonly Kind[] = [],
  crew: Crew = ANY_CREW,
): Promise<Dispatched[]> {
  return (await dispatchRound(db, { [queue]: limit }, short, undefined, crew)).taken[queue]
}

/** A job that was taken. */
interface Row extends Moved {
  job_type: string
  dispatch: number
  ahead: boolean
  yields: boolean
  next: null
}

/** What the last row of a dispatch holds in place of a job: where the next round goes on. */
interface Next {
  turn: Turn
  held: HeldStretch[]
}

async function dispatchOf(
  tx: Tx,
  queue: QueueName,
  limit: number,
  short: readonly Kind[],
  turn: Turn,
  crew: Crew,
  held: readonly HeldStretch[],
): Promise<{ taken: Dispatched[]; next: Next }> {
  const rows = await transition<Row>(tx, {
    name: 'dispatch',
    asJson: true,
    from: ['PENDING', 'FAILED', 'TIMED_OUT'],
    to: 'QUEUED',
    source: eligibleJobs(queue, limit, short, turn, crew, held),
    lock: 'source',
    set: Prisma.sql`dispatch = j.dispatch + 1, crew = ${crew.name}, queued_at = clock_timestamp(), next_retry_at = NULL`,
    actor,
    returning: Prisma.sql`j.job_type, j.dispatch, s.place, s.ahead, s.yields, s.trial`,
    also: [takeTrials],
    select: Prisma.sql`
      SELECT job_id, attempt, from_status, job_type, dispatch, ahead, yields, NULL::json AS next, place FROM moved
      UNION ALL
      SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, next, NULL FROM source WHERE job_id IS NULL
      ORDER BY place NULLS LAST`,
  })
  // `place` is the number of a job in the order in which jobs are handed out. The last row holds `next` and no job.
  const { next } = rows.pop() as unknown as { next: Next }
  return {
    taken: rows.map(({ job_id, job_type, dispatch, ahead, yields }) => ({
      jobId: job_id,
      jobType: job_type,
      dispatch,
      ahead,
      yields,
    })),
    next,
  }
}

/** What a dispatcher goes by, apart from the jobs themselves. */
export interface Loads extends Record<QueueName, Load> {
  /** There is a concurrency limit somewhere. */
  limited: boolean
  /** Workers of another crew take some of the same pools. */
  shared: boolean
}

/**
 * How much work each queue of a crew has, which is the depth of BullMQ as PostgreSQL knows it, and who else is there.
 */
export async function loadsOfCrew(db: DbOrTx, crew: Crew): Promise<Loads> {
  const pools = crew.pools && [...crew.pools]
  const [queues, [about]] = await Promise.all([
    queueLoads(db, crew.name),
    db.$queryRaw<Pick<Loads, 'limited' | 'shared'>[]>(Prisma.sql`${statementName('limits')}
      SELECT EXISTS (SELECT 1 FROM job_types WHERE concurrency_global IS NOT NULL OR concurrency_per_organization IS NOT NULL)
        OR EXISTS (SELECT 1 FROM organizations WHERE max_concurrent IS NOT NULL) AS limited,
        EXISTS (SELECT 1 FROM workers w WHERE ${takesWork} AND w.crew <> ${crew.name}
          AND (w.pools IS NULL OR ${pools}::text[] IS NULL OR w.pools && ${pools}::text[])) AS shared`),
  ])
  return { ...queues, limited: about?.limited ?? false, shared: about?.shared ?? false }
}

/**
 * Puts QUEUED jobs back to PENDING where their dispatch is still the current one. It is for jobs whose publishing
 * failed for certain, whose message is lost, or that found no slot that they may have. Returns how many moved.
 */
export async function returnToPending(db: Db, jobs: readonly Ticket[], message: string): Promise<number> {
  if (jobs.length === 0) return 0
  const rows = JSON.stringify(jobs.map(({ jobId, dispatch }) => ({ job_id: jobId, dispatch })))
  const moved = await retryConflicts(() =>
    transition(db, {
      name: 'return',
      from: ['QUEUED'],
      to: 'PENDING',
      source: Prisma.sql`SELECT s.*, ${message}::text AS message FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, dispatch int)`,
      fence: Prisma.sql`j.dispatch = s.dispatch`,
      lock: 'skip',
      set: Prisma.sql`queued_at = NULL, ${COMES_BACK}`,
      actor,
      message: Prisma.sql`s.message`,
    }),
  )
  return moved.length
}

/**
 * Jobs that have been QUEUED for longer than `seconds`, at most 5,000 at a time. The reconciler looks for
 * their messages in BullMQ.
 */
export async function longQueued(db: Db, seconds: number): Promise<(Ticket & { seconds: number; crew: string })[]> {
  const rows = await db.$queryRaw<{ id: string; dispatch: number; seconds: number; crew: string }[]>`
    SELECT id, dispatch, crew, EXTRACT(EPOCH FROM clock_timestamp() - queued_at)::float8 AS seconds FROM jobs
    WHERE status = 'QUEUED' AND queued_at < clock_timestamp() - ${seconds} * interval '1 second' ORDER BY id LIMIT 5000`
  return rows.map(({ id, ...rest }) => ({ jobId: id, ...rest }))
}

/**
 * Jobs that are QUEUED for a crew of which no worker takes work any more. Other workers take other queues, so nobody
 * would ever start them.
 */
export async function queuedForNoWorker(db: Db): Promise<Ticket[]> {
  const rows = await db.$queryRaw<{ id: string; dispatch: number }[]>`
    SELECT j.id, j.dispatch FROM jobs j
    WHERE j.status = 'QUEUED' AND NOT EXISTS (SELECT 1 FROM workers w WHERE ${takesWork} AND w.crew = j.crew)
    ORDER BY j.id LIMIT 5000`
  return rows.map(({ id, dispatch }) => ({ jobId: id, dispatch }))
}
