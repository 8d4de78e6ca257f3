import type { Db } from '@/server/db'
import { formatCursor, parseCursor, type EventCursor } from './event-cursor'
import type { EventStream, JobEvent } from './event-hub'
import { oldestHistory, readHistory, readHorizon, readProgress, type HistoryRow, type ProgressRow } from './store/events'

/** What a subscription needs of its hub. */
export interface EventSource {
  db: Db
  /** Registers it between two batches and returns where live events begin: everything below it is for replay. */
  join(subscription: Subscription): Promise<bigint>
  leave(subscription: Subscription): void
}

export interface Subscription extends EventStream {
  readonly organizationId: string
  offer(row: HistoryRow, cursor: EventCursor): void
  offerProgress(row: ProgressRow): void
}

/** Live events that wait for a slow reader; past this it reads from the database again, in its own time. */
const MAX_WAITING = 5_000
/** A longer absence is not replayed event by event. */
const MAX_REPLAY = 20_000
/** Nor one over so many transactions: of all organizations, they may hold millions of rows. */
const MAX_TRANSACTIONS = 100_000n
const CHUNK = 1_000

/** One viewer's place in the stream. It begins at its first `next`. */
export function createSubscription(
  source: EventSource,
  { organizationId, jobId, lastEventId, signal }: { organizationId: string; jobId?: string; lastEventId?: string; signal: AbortSignal },
): Subscription {
  let state = 'new' as 'new' | 'replay' | 'live' | 'closed'
  /** Asked anew after each wait: it may have been closed meanwhile. */
  const isClosed = () => state === 'closed'
  /** Everything up to here has been handed to the reader. */
  let cursor: EventCursor = { from: 0n, to: 0n, id: 0n }
  /** Where live events begin, and below which replay reads. */
  let joinedAt = 0n
  /** Live events below it were replayed: a cursor may be ahead of this process's reader. */
  let liveFrom = 0n
  let replayed = 0
  let waiting: { row: HistoryRow; cursor: EventCursor }[] = []
  let overflowed = false
  const progress = new Map<string, ProgressRow>()
  let progressCount = 0
  let wake: (() => void) | undefined

  const isMine = (row: { organizationId: string; jobId: string }) =>
    row.organizationId === organizationId && (jobId === undefined || row.jobId === jobId)

  async function begin(): Promise<JobEvent[]> {
    joinedAt = await source.join(self)
    cursor = { from: joinedAt, to: joinedAt, id: 0n }
    const events: JobEvent[] = []
    if (lastEventId !== undefined) {
      const given = parseCursor(lastEventId)
      if (given && (await isKept(given))) cursor = given
      else events.push(resetEvent(cursor))
    }
    for (const row of await readProgress(source.db, organizationId, jobId)) progress.set(row.jobId, row)
    if (!isClosed()) state = 'replay'
    return events
  }

  /** False for a place that is too far back, before what retention has left, or of another database's future. */
  async function isKept({ to }: EventCursor): Promise<boolean> {
    const [oldest, { next }] = await Promise.all([oldestHistory(source.db), readHorizon(source.db)])
    return to <= next && next - to <= MAX_TRANSACTIONS && (oldest === null || to >= oldest)
  }

  /** The rest of the batch that was interrupted, then everything up to where live events begin. */
  async function replay(): Promise<JobEvent[]> {
    const limits = { organizationIds: [organizationId], jobId, limit: CHUNK }
    const rows = await readHistory(source.db, { from: cursor.from, to: cursor.to, afterId: cursor.id, ...limits })
    const events = rows.map((row) => {
      cursor = { ...cursor, id: row.id }
      return statusEvent(row, cursor)
    })
    if (rows.length < CHUNK) {
      if (cursor.to < joinedAt) cursor = { from: cursor.to, to: joinedAt, id: 0n }
      else goLive()
    }
    replayed += rows.length
    if (replayed <= MAX_REPLAY) return events
    cursor = { from: joinedAt, to: joinedAt, id: 0n }
    goLive()
    return [resetEvent(cursor)]
  }

  function goLive(): void {
    liveFrom = cursor.to
    state = 'live'
  }

  function drain(): JobEvent[] {
    const events: JobEvent[] = []
    for (const { row, cursor: place } of waiting) {
      if (row.xid < liveFrom) continue
      cursor = place
      events.push(statusEvent(row, place))
    }
    waiting = []
    for (const row of progress.values()) events.push(progressEvent(row, cursor, progressCount++))
    progress.clear()
    return events
  }

  /** Live events were dropped: reads them from where it is, and joins the live ones anew. */
  async function rejoin(): Promise<void> {
    waiting = []
    overflowed = false
    replayed = 0
    joinedAt = await source.join(self)
    waiting = []
    overflowed = false
    if (!isClosed()) state = 'replay'
  }

  const self: Subscription = {
    organizationId,

    async next(timeoutMs) {
      if (state === 'new') {
        signal.addEventListener('abort', self.close, { once: true })
        const events = await begin()
        // It may have left while it joined, before there was anything to leave.
        if (signal.aborted) self.close()
        if (events.length > 0) return events
      }
      for (;;) {
        if (isClosed()) return null
        if (overflowed) await rejoin()
        if (state === 'replay') {
          const events = await replay()
          if (events.length > 0) return events
          continue
        }
        const events = drain()
        if (events.length > 0) return events
        if (!(await waitFor(timeoutMs))) return isClosed() ? null : []
      }
    },

    offer(row, place) {
      if (!isMine(row) || overflowed) return
      if (waiting.length >= MAX_WAITING) {
        waiting = []
        overflowed = true
      } else {
        waiting.push({ row, cursor: place })
      }
      wake?.()
    },

    offerProgress(row) {
      if (!isMine(row)) return
      progress.set(row.jobId, row)
      wake?.()
    },

    close() {
      state = 'closed'
      source.leave(self)
      signal.removeEventListener('abort', self.close)
      wake?.()
    },
  }

  /** True when something came, false when the time was over. */
  function waitFor(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (came: boolean) => {
        clearTimeout(timer)
        wake = undefined
        resolve(came)
      }
      const timer = setTimeout(() => done(false), timeoutMs)
      wake = () => done(true)
    })
  }

  return self
}

const statusEvent = (row: HistoryRow, cursor: EventCursor): JobEvent => ({
  id: formatCursor(cursor),
  type: 'status',
  jobId: row.jobId,
  fromStatus: row.fromStatus,
  toStatus: row.toStatus,
  attempt: row.attempt,
  progress: null,
  progressMessage: null,
  at: row.at,
})

const progressEvent = (row: ProgressRow, cursor: EventCursor, count: number): JobEvent => ({
  id: formatCursor(cursor, count),
  type: 'progress',
  jobId: row.jobId,
  fromStatus: null,
  toStatus: null,
  attempt: row.attempt,
  progress: row.progress,
  progressMessage: row.message,
  at: row.at,
})

const resetEvent = (cursor: EventCursor): JobEvent => ({
  id: formatCursor(cursor),
  type: 'reset',
  jobId: null,
  fromStatus: null,
  toStatus: null,
  attempt: null,
  progress: null,
  progressMessage: null,
  at: new Date(),
})
