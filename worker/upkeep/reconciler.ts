import {
  LEASE_SECONDS,
  currentTickets,
  longQueued,
  messageId,
  returnToPending,
  type Carrier,
  type Db,
  type Ticket,
} from '@/server/engine'

/** A job that is QUEUED for longer than this is looked for in BullMQ (rule 4.2). */
const QUEUED_SECONDS = 5
const QUEUES = ['ISOLATED', 'INLINE'] as const

/**
 * Brings back jobs that are QUEUED for long and that BullMQ does not know. A job also counts as missing where a worker
 * took its message a whole lease ago and has not claimed it: that worker is gone or stuck. Returns how many came back.
 */
export async function returnMissing(db: Db, carrier: Carrier): Promise<number> {
  const queued = await longQueued(db, QUEUED_SECONDS)
  if (queued.length === 0) return 0
  const held = new Map<string, boolean>()
  for (const queue of QUEUES) {
    for (const { tickets, active } of await carrier.held(queue))
      for (const ticket of tickets) held.set(messageId(ticket), active)
  }
  const missing = queued.filter(({ seconds, ...ticket }) => {
    const active = held.get(messageId(ticket))
    return active === undefined || (active && seconds > LEASE_SECONDS)
  })
  return returnToPending(db, missing, 'Its message was lost')
}

/**
 * Compares the other way round: takes messages out of BullMQ that stand for no job any more, because it was canceled,
 * brought back or deleted, or because an old backup of Redis was restored. A message that a worker has taken is left
 * alone: the worker ends it. Returns how many were removed.
 */
export async function removeStale(db: Db, carrier: Carrier): Promise<number> {
  let removed = 0
  for (const queue of QUEUES) {
    const waiting = (await carrier.held(queue)).filter(({ active }) => !active)
    const tickets: Ticket[] = waiting.flatMap((message) => message.tickets)
    if (tickets.length === 0) continue
    const current = new Set((await currentTickets(db, tickets)).map(messageId))
    const stale = waiting
      .filter((message) => !message.tickets.some((ticket) => current.has(messageId(ticket))))
      .map(({ id }) => id)
    await carrier.discard(queue, stale)
    removed += stale.length
  }
  return removed
}
