import type { Db } from '@/server/db'
import { isAfter, type EventPlace } from '../domain/event-cursor'
import { EventAudience } from './audience'
import { createEventListener, type HubLogger } from './listener'
import { completeUpTo } from './place'
import { createSubscription, type EventSource, type EventStream, type Subscription } from './subscription'
import { readHistory, readHorizon, readProgress, type ProgressRow } from '../store/reads/events'

export interface EventHub {
  /**
   * The events of one organization or job, until `signal` fires. They begin after `lastEventId`, or now without one.
   */
  subscribe(options: { organizationId: string; jobId?: string; lastEventId?: string; signal: AbortSignal }): EventStream
  close(): Promise<void>
}

/** Milliseconds. History is read this often even if no signal came, because a signal may have been lost. */
const POLL_MS = 1_000
/** How many rows of history are read at once. */
const BATCH = 2_000
/** How many rows of progress are read each time the connection that announces progress begins to listen. */
const MAX_PROGRESS = 5_000

/**
 * Hands changes of jobs to all viewers of this process. However many viewers there are, it needs one LISTEN connection
 * and one reader. Without viewers it reads nothing.
 */
export function createEventHub({
  db,
  databaseUrl,
  logger,
}: {
  db: Db
  databaseUrl: string
  logger: HubLogger
}): EventHub {
  const audience = new EventAudience<Subscription>()
  /** The place up to which history has been handed out. Null while nobody listens. */
  let position: EventPlace | null = null
  /** The last of the tasks that `exclusive` runs one after another. */
  let queue: Promise<unknown> = Promise.resolve()
  /** True from when a read was asked for until it begins. */
  let wanted = false
  /** The next read, where a transaction that was open hid rows. It comes after `backoff` milliseconds. */
  let soon: NodeJS.Timeout | undefined
  let backoff = 10
  let closed = false

  const listener = createEventListener({ databaseUrl, logger, onHistory: pump, onProgress: spread, onConnect: catchUp })
  const poll = setInterval(pump, POLL_MS)
  poll.unref()

  /** Runs one task at a time, so that a subscription joins between two reads and never within one. */
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }

  /** Asks for a read of the history. Any number of calls before that read begins cause one read. */
  function pump(): void {
    if (wanted || audience.size === 0) return
    wanted = true
    exclusive(async () => {
      wanted = false
      await readOn()
    }).catch((error: unknown) => logger.warn({ err: error }, 'reading events failed; it is tried again'))
  }

  async function readOn(): Promise<void> {
    if (position === null || audience.size === 0) return
    const { safe, next } = await readHorizon(db)
    const upTo = { xid: safe, id: 0n }
    if (isAfter(upTo, position)) {
      const organizationIds = audience.organizationIds()
      for (let more = true; more;) {
        const rows = await readHistory(db, { after: position, upTo, organizationIds, limit: BATCH })
        for (const row of rows) audience.forEach(row, (one) => one.offer(row))
        more = rows.length === BATCH
        // The position moves with each page, so that after a read that fails the next one goes on from there.
        position = (more && rows.at(-1)) || upTo
      }
      backoff = 10
    }
    // Rows cannot be read past a transaction that still runs. What it hides can be read right after it ends, so the
    // next read comes soon.
    if (next > safe && soon === undefined) {
      soon = setTimeout(() => {
        soon = undefined
        pump()
      }, backoff)
      backoff = Math.min(backoff * 2, 500)
    }
  }

  function spread(rows: readonly ProgressRow[]): void {
    for (const row of rows) audience.forEach(row, (one) => one.offerProgress(row))
  }

  /** Reads what was announced while nothing listened. */
  function catchUp(): void {
    pump()
    const organizationIds = audience.organizationIds()
    if (organizationIds.length === 0) return
    readProgress(db, { organizationIds, limit: MAX_PROGRESS }).then(spread, (error: unknown) =>
      logger.warn({ err: error }, 'reading progress failed'),
    )
  }

  const source: EventSource = {
    db,
    position: () => position,
    join: (subscription) =>
      exclusive(async () => {
        audience.add(subscription)
        return (position ??= await completeUpTo(db))
      }),
    leave: (subscription) => {
      audience.remove(subscription)
      void exclusive(async () => {
        if (audience.size === 0) position = null
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
      for (const one of [...audience.all()]) one.close()
      await listener.close()
      await queue
    },
  }
}
