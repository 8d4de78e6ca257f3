import type { Db } from '@/server/db'
import { formatCursor, isAfter, parseCursor, type EventCursor, type EventPlace } from '../domain/event-cursor'
import type { Listener } from './audience'
import type { JobEvent } from '../domain/job-event'
import {
  placeAhead,
  readHistory,
  readHorizon,
  readProgress,
  type HistoryRow,
  type ProgressRow,
} from '../store/reads/events'

/** What a subscription needs of its hub. */
export interface EventSource {
  db: Db
  /** Up to where history has been offered to those who joined; null while nobody has. */
  position(): EventPlace | null
  /** Registers it between two reads and returns where live events begin: everything up to there is for replay. */
  join(subscription: Subscription): Promise<EventPlace>
  leave(subscription: Subscription): void
}

export interface EventStream {
  /** The next events, [] when none came within the time, null when the stream is closed. */
  next(timeoutMs: number): Promise<JobEvent[] | null>
  close(): void
}

export interface Subscription extends EventStream, Listener {
  offer(row: HistoryRow): void
  offerProgress(row: ProgressRow): void
}

/**
 * Live events that wait for a slow reader, shared with all other readers of the same; past this it
 * reads from the database again, in its own time.
 */
const MAX_WAITING = 5_000
/** Jobs whose latest progress waits for a slow reader. */
const MAX_PROGRESS = 1_000
/** Events that are handed out at once: what a connection holds in memory of its own. */
const CHUNK = 200
/** Rows of anybody's history that one statement of a replay looks at, and all of them together. */
const STEP = 10_000
const MAX_REPLAY = 1_000_000
/** Retention leaves the history of a job for a day at least after its end (`retentionDays`), so for so long nothing is missed. */
const KEPT_SECONDS = 23 * 3600

/** Makes the ids of progress unlike all others of this process, and of one that it follows. */
let progressCount = Date.now() * 1000

const seconds = () => Math.floor(Date.now() / 1000)

/** One viewer's place in the stream. It begins at its first `next`. */
export function createSubscription(
  source: EventSource,
  {
    organizationId,
    jobId,
    lastEventId,
    signal,
  }: { organizationId: string; jobId?: string; lastEventId?: string; signal: AbortSignal },
): Subscription {
  let state = 'new' as 'new' | 'replay' | 'live' | 'closed'
  /** Asked anew after each wait: it may have been closed meanwhile. */
  const isClosed = () => state === 'closed'
  /** Everything up to here has been handed to the reader. */
  let cursor: EventPlace = { xid: 0n, id: 0n }
  /** Where live events begin, and up to which replay reads. */
  let joinedAt = cursor
  /** How far the present step of the replay goes; null before it is known. */
  let stepEnd: EventPlace | null = null
  let steps = 0
  let waiting: HistoryRow[] = []
  let overflowed = false
  const progress = new Map<string, ProgressRow>()
  let wake: (() => void) | undefined

  async function begin(): Promise<JobEvent[]> {
    cursor = joinedAt = await source.join(self)
    const given = lastEventId === undefined ? null : parseCursor(lastEventId)
    const known = given !== null && (await isKept(given))
    if (known) cursor = given
    for (const row of await readProgress(source.db, { organizationIds: [organizationId], jobId, limit: MAX_PROGRESS }))
      keepProgress(row)
    if (!isClosed()) state = 'replay'
    return lastEventId === undefined || known ? [] : [resetEvent(cursor)]
  }

  /** False for a place of too long ago, or of another database's future. */
  async function isKept({ xid, at }: EventCursor): Promise<boolean> {
    return at >= seconds() - KEPT_SECONDS && xid <= (await readHorizon(source.db)).next
  }

  /** Some of what lies between the reader and the live events; [] where a step held nothing of its organization. */
  async function replay(): Promise<JobEvent[]> {
    if (!isAfter(joinedAt, cursor)) {
      state = 'live'
      return []
    }
    if (stepEnd === null) {
      if (steps++ * STEP >= MAX_REPLAY) {
        cursor = joinedAt
        return [resetEvent(cursor)]
      }
      // A job's own rows are found by its id, however many others lie between them.
      stepEnd =
        (jobId === undefined && (await placeAhead(source.db, { after: cursor, upTo: joinedAt, rows: STEP }))) ||
        joinedAt
    }
    const rows = await readHistory(source.db, {
      after: cursor,
      upTo: stepEnd,
      organizationIds: [organizationId],
      jobId,
      limit: CHUNK,
    })
    const events = rows.map(statusEvent)
    const last = rows.at(-1)
    if (last && rows.length === CHUNK) {
      cursor = last
    } else {
      cursor = stepEnd
      stepEnd = null
    }
    return events
  }

  /** The next that came live; a cursor may be ahead of this process's reader, whose rows it then has already. */
  function drain(): JobEvent[] {
    const rows = waiting.splice(0, CHUNK).filter((row) => isAfter(row, cursor))
    const last = rows.at(-1)
    if (last) cursor = { xid: last.xid, id: last.id }
    const events = rows.map(statusEvent)
    const position = source.position()
    // Past the rows of others too: whoever comes back need not have them looked at again.
    if (waiting.length === 0 && !overflowed && position && isAfter(position, cursor)) cursor = position
    for (const row of progress.values()) events.push(progressEvent(row, cursor, progressCount++))
    progress.clear()
    return events
  }

  /** Live events were dropped: reads them from where it is, and joins the live ones anew. */
  async function rejoin(): Promise<void> {
    joinedAt = await source.join(self)
    waiting = []
    overflowed = false
    stepEnd = null
    steps = 0
    if (!isClosed()) state = 'replay'
  }

  function keepProgress(row: ProgressRow): void {
    if (progress.size >= MAX_PROGRESS && !progress.has(row.jobId)) {
      // The one that has waited longest; its job's next report comes within seconds.
      for (const oldest of progress.keys()) {
        progress.delete(oldest)
        break
      }
    }
    progress.set(row.jobId, row)
  }

  const self: Subscription = {
    organizationId,
    jobId,

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
        // A whole piece of what came live may lie before a cursor that another process gave out.
        if (waiting.length > 0) continue
        if (!(await waitFor(timeoutMs))) return isClosed() ? null : []
      }
    },

    offer(row) {
      if (overflowed) return
      if (waiting.length >= MAX_WAITING) {
        waiting = []
        overflowed = true
      } else {
        waiting.push(row)
      }
      wake?.()
    },

    offerProgress(row) {
      keepProgress(row)
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

const NOTHING = { jobId: null, fromStatus: null, toStatus: null, attempt: null, progress: null, progressMessage: null }

const statusEvent = ({ jobId, fromStatus, toStatus, attempt, at, ...place }: HistoryRow): JobEvent => ({
  id: formatCursor(place, seconds()),
  type: 'status',
  ...NOTHING,
  jobId,
  fromStatus,
  toStatus,
  attempt,
  at,
})

const progressEvent = (
  { jobId, attempt, progress, message, at }: ProgressRow,
  place: EventPlace,
  count: number,
): JobEvent => ({
  id: formatCursor(place, seconds(), count),
  type: 'progress',
  ...NOTHING,
  jobId,
  attempt,
  progress,
  progressMessage: message,
  at,
})

const resetEvent = (place: EventPlace): JobEvent => ({
  id: formatCursor(place, seconds()),
  type: 'reset',
  ...NOTHING,
  at: new Date(),
})
