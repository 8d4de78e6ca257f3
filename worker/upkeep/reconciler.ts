import {
  LEASE_SECONDS,
  QUEUE_NAMES,
  crewsOfAllWorkers,
  currentTickets,
  queuedForNoWorker,
  liveCrews,
  longQueued,
  messageId,
  returnToPending,
  type Carrier,
  type Db,
  type Ticket,
} from '@/server/engine'

// Compares the jobs that are QUEUED with the messages in BullMQ's store, and puts right what differs.

/** A job that is QUEUED for longer than this is looked for in BullMQ (rule 4.2). */
const QUEUED_SECONDS = 5

/**
 * Brings back jobs that are QUEUED for long and that BullMQ does not know. A job also counts as missing where a worker
 * took its message a whole lease ago and has not claimed it. That worker is gone or stuck. Returns how many came back.
 */
export async function returnMissing(db: Db, carrier: Carrier): Promise<number> {
  const queued = await longQueued(db, QUEUED_SECONDS)
  if (queued.length === 0) return 0
  const held = new Map<string, boolean>()
  for (const crew of new Set(queued.map((job) => job.crew))) {
    for (const queue of QUEUE_NAMES) {
      for (const { tickets, active } of await carrier.held(queue, crew))
        for (const ticket of tickets) held.set(messageId(ticket), active)
    }
  }
  const missing = queued.filter(({ seconds, ...ticket }) => {
    const active = held.get(messageId(ticket))
    return active === undefined || (active && seconds > LEASE_SECONDS)
  })
  return returnToPending(db, missing, 'Its message was lost')
}

/**
 * Brings back jobs that are QUEUED for a crew of which no worker takes work any more: it was stopped, or came back with
 * other pools or other handlers. Workers of other crews do not look into that queue. Returns how many came back.
 */
export const returnLeftBehind = async (db: Db): Promise<number> =>
  returnToPending(db, await queuedForNoWorker(db), 'No worker was left that takes that queue')

/**
 * Takes messages out of BullMQ that stand for no job any more, because the job was canceled, brought back or deleted, or
 * because an old backup of Redis was restored. A message that a worker has taken is left alone, because the worker ends
 * it.
 */
export class StaleMessages {
  /**
   * Crews whose queues are looked at. Once none of their workers is alive, they are looked at a last time. It begins
   * with every crew that has rows of workers, because the leader before may have been the last worker of its crew.
   */
  private known: Set<string> | undefined

  constructor(
    private readonly db: Db,
    private readonly carrier: Carrier,
  ) {}

  /** Returns how many messages were removed. */
  async remove(): Promise<number> {
    const known = (this.known ??= new Set(await crewsOfAllWorkers(this.db)))
    const live = await liveCrews(this.db)
    for (const crew of live) known.add(crew)
    let removed = 0
    for (const crew of known) {
      removed += await this.removeOf(crew)
      if (live.includes(crew)) continue
      await this.carrier.leave(crew)
      known.delete(crew)
    }
    return removed
  }

  private async removeOf(crew: string): Promise<number> {
    let removed = 0
    for (const queue of QUEUE_NAMES) {
      const waiting = (await this.carrier.held(queue, crew)).filter(({ active }) => !active)
      const tickets: Ticket[] = waiting.flatMap((message) => message.tickets)
      if (tickets.length === 0) continue
      const current = new Set((await currentTickets(this.db, tickets)).map(messageId))
      const stale = waiting
        .filter((message) => !message.tickets.some((ticket) => current.has(messageId(ticket))))
        .map(({ id }) => id)
      await this.carrier.discard(queue, stale, crew)
      removed += stale.length
    }
    return removed
  }
}
