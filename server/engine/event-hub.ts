import type { Db } from '@/server/db'
import type { JobStatus } from './domain/types'
import { createEventListener, type HubLogger } from './event-listener'
import { createSubscription, type EventSource, type Subscription } from './event-subscription'
import { readHistory, readHorizon, type ProgressRow } from './store/events'

/** SPEC 5, "Events". `reset`: events were lost on the way; read again what is shown. */
export interface JobEvent {
  id: string
  type: 'status' | 'progress' | 'reset'
  jobId: string | null
  fromStatus: JobStatus | null
  toStatus: JobStatus | null
  attempt: number | null
  progress: number | null
  progressMessage: string | null
  at: Date
}

export interface EventStream {
  /** The next events, [] when none came within the time, null when the stream is closed. */
  next(timeoutMs: number): Promise<JobEvent[] | null>
  close(): void
}

export interface EventHub {
  /** Events of one organization or job, from `lastEventId` on, or from now, until `signal` fires. */
  subscribe(options: { organizationId: string; jobId?: string; lastEventId?: string; signal: AbortSignal }): EventStream
  close(): Promise<void>
}

const POLL_MS = 1_000
const BATCH = 2_000

/**
 * Fans the changes of jobs out to the viewers of this process: one LISTEN connection and one reader
 * for all of them, whatever their number, and nothing at all while there are none.
 */
export function createEventHub({ db, databaseUrl, logger }: { db: Db; databaseUrl: string; logger: HubLogger }): EventHub {
  const subscriptions = new Set<Subscription>()
  /** History below it has been handed out; null while nobody listens. */
  let position: bigint | null = null
  let queue: Promise<unknown> = Promise.resolve()
  let wanted = false
  let soon: NodeJS.Timeout | undefined
  let backoff = 10
  let closed = false

  const listener = createEventListener({ databaseUrl, logger, onHistory: pump, onProgress: spread })
  const poll = setInterval(() => subscriptions.size > 0 && pump(), POLL_MS)
  poll.unref()

  /** One thing at a time: a subscription joins between two batches, never within one. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  /** Asks for a read; any number of calls until it starts are one. */
  function pump(): void {
    if (wanted || subscriptions.size === 0) return
    wanted = true
    exclusive(async () => {
      wanted = false
      await readOn()
    }).catch((error: unknown) => logger.warn({ err: error }, 'reading events failed; it is tried again'))
  }

  async function readOn(): Promise<void> {
    if (position === null || subscriptions.size === 0) return
    const { safe, next } = await readHorizon(db)
    const from = position
    if (safe > from) {
      const organizationIds = [...new Set([...subscriptions].map((one) => one.organizationId))]
      for (let afterId = 0n, more = true; more; ) {
        const rows = await readHistory(db, { from, to: safe, afterId, organizationIds, limit: BATCH })
        for (const row of rows) for (const one of subscriptions) one.offer(row, { from, to: safe, id: row.id })
        afterId = rows.at(-1)?.id ?? afterId
        more = rows.length === BATCH
      }
      position = safe
      backoff = 10
    }
    // A transaction that still runs holds the horizon back; what it hides is visible right after it.
    if (next > safe && soon === undefined) {
      soon = setTimeout(() => {
        soon = undefined
        pump()
      }, backoff)
      backoff = Math.min(backoff * 2, 500)
    }
  }

  function spread(rows: ProgressRow[]): void {
    for (const row of rows) for (const one of subscriptions) one.offerProgress(row)
  }

  const source: EventSource = {
    db,
    join: (subscription) =>
      exclusive(async () => {
        subscriptions.add(subscription)
        return (position ??= (await readHorizon(db)).safe)
      }),
    leave: (subscription) => {
      subscriptions.delete(subscription)
      void exclusive(async () => {
        if (subscriptions.size === 0) position = null
      })
    },
  }

  return {
    subscribe: (options) => {
      const subscription = createSubscription(source, options)
      if (closed) subscription.close()
      else listener.start()
      return subscription
    },
    close: async () => {
      closed = true
      clearInterval(poll)
      clearTimeout(soon)
      for (const one of subscriptions) one.close()
      await listener.close()
      await queue
    },
  }
}
