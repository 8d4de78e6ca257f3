import type { Db } from '@/server/db'
import { isAfter, parseCursor, type EventCursor, type EventPlace } from '../domain/event-cursor'
import type { Listener } from './audience'
import { progressEvent, resetEvent, secondsNow, statusEvent } from './job-events'
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

interface Wanted {
  organizationId: string
  /** Absent: every job of the organization. */
  jobId?: string
  /** The id of the last event that the reader has; absent: it wants what happens from now on. */
  lastEventId?: string
  signal: AbortSignal
}

/** One viewer's place in the stream. It begins at its first `next`. */
export const createSubscription = (source: EventSource, wanted: Wanted): Subscription => new Viewer(source, wanted)

/**
 * `new`: not joined yet. `replay`: reads from the database what happened between the reader's cursor and the moment of
 * joining. `live`: hands on what the hub offers. `overflowed`: live events were dropped, so it must read them.
 */
type State = 'new' | 'replay' | 'live' | 'overflowed' | 'closed'

class Viewer implements Subscription {
  readonly organizationId: string
  readonly jobId: string | undefined
  private state: State = 'new'
  /** Everything up to here has been handed to the reader. */
  private cursor: EventPlace = { xid: 0n, id: 0n }
  private waiting: HistoryRow[] = []
  private readonly progress = new LatestProgress()
  private readonly replay: Replay
  private wake: (() => void) | undefined

  /** What each state does when the next events are asked for; [] where it led to none. */
  private readonly turns: Record<Exclude<State, 'closed'>, () => JobEvent[] | Promise<JobEvent[]>> = {
    new: () => this.begin(),
    replay: () => this.readOn(),
    live: () => this.drain(),
    overflowed: () => this.rejoin(),
  }

  constructor(
    private readonly source: EventSource,
    private readonly wanted: Wanted,
  ) {
    this.organizationId = wanted.organizationId
    this.jobId = wanted.jobId
    this.replay = new Replay(source.db, wanted)
  }

  async next(timeoutMs: number): Promise<JobEvent[] | null> {
    for (;;) {
      const { state } = this
      if (state === 'closed') return null
      const events = await this.turns[state]()
      if (events.length > 0) return events
      if (state === 'live' && this.isIdle() && !(await this.cameWithin(timeoutMs))) return this.isClosed() ? null : []
    }
  }

  offer(row: HistoryRow): void {
    if (this.state === 'overflowed') return
    if (this.waiting.length < MAX_WAITING) this.waiting.push(row)
    else this.overflow()
    this.wake?.()
  }

  offerProgress(row: ProgressRow): void {
    this.progress.keep(row)
    this.wake?.()
  }

  // A property, because it is handed out as a listener.
  readonly close = (): void => {
    this.state = 'closed'
    this.source.leave(this)
    this.wanted.signal.removeEventListener('abort', this.close)
    this.wake?.()
  }

  private async begin(): Promise<JobEvent[]> {
    const { organizationId, jobId, lastEventId, signal } = this.wanted
    signal.addEventListener('abort', this.close, { once: true })
    this.cursor = await this.join()
    const given = lastEventId === undefined ? null : parseCursor(lastEventId)
    const known = given !== null && (await this.isKept(given))
    if (known) this.cursor = given
    for (const row of await readProgress(this.source.db, {
      organizationIds: [organizationId],
      jobId,
      limit: MAX_PROGRESS,
    }))
      this.progress.keep(row)
    if (this.state === 'new') this.state = 'replay'
    // The reader may have left while this joined, when there was nothing to leave yet.
    if (signal.aborted) this.close()
    return lastEventId === undefined || known ? [] : [resetEvent(this.cursor)]
  }

  /** Joins the live events; everything up to the place that it returns is for the replay. */
  private async join(): Promise<EventPlace> {
    const joinedAt = await this.source.join(this)
    this.replay.begin(joinedAt)
    return joinedAt
  }

  /** False for a place of too long ago, or of another database's future. */
  private async isKept({ xid, at }: EventCursor): Promise<boolean> {
    return at >= secondsNow() - KEPT_SECONDS && xid <= (await readHorizon(this.source.db)).next
  }

  private async readOn(): Promise<JobEvent[]> {
    if (this.replay.isOver(this.cursor)) {
      this.state = 'live'
      return []
    }
    const { rows, upTo, lost } = await this.replay.readFrom(this.cursor)
    this.cursor = upTo
    return lost ? [resetEvent(upTo)] : rows.map(statusEvent)
  }

  /** What came live, as much as is handed out at once. */
  private drain(): JobEvent[] {
    // A cursor that another process gave out may be ahead of the rows that this process reads.
    const rows = this.waiting.splice(0, CHUNK).filter((row) => isAfter(row, this.cursor))
    const last = rows.at(-1)
    if (last) this.cursor = placeOf(last)
    const events = rows.map(statusEvent)
    this.skipToPosition()
    for (const row of this.progress.takeAll()) events.push(progressEvent(row, this.cursor))
    return events
  }

  /** With nothing left to hand out, the rows of others are behind it too: whoever comes back need not look at them again. */
  private skipToPosition(): void {
    const position = this.source.position()
    if (this.waiting.length === 0 && position && isAfter(position, this.cursor)) this.cursor = position
  }

  private overflow(): void {
    this.waiting = []
    // What is closed stays closed.
    if (!this.isClosed()) this.state = 'overflowed'
  }

  private async rejoin(): Promise<JobEvent[]> {
    await this.join()
    this.waiting = []
    if (!this.isClosed()) this.state = 'replay'
    return []
  }

  /** Asked anew after each wait: it may have been closed meanwhile. */
  private isClosed(): boolean {
    return this.state === 'closed'
  }

  private isIdle(): boolean {
    return this.state === 'live' && this.waiting.length === 0 && this.progress.isEmpty
  }

  /** True when something came, false when the time was over. */
  private cameWithin(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (came: boolean) => {
        clearTimeout(timer)
        this.wake = undefined
        resolve(came)
      }
      const timer = setTimeout(() => done(false), timeoutMs)
      this.wake = () => done(true)
    })
  }
}

/** The history between a reader's cursor and the place where live events begin, read step by step. */
class Replay {
  private end: EventPlace = { xid: 0n, id: 0n }
  /** How far the present step goes; null before it is known. */
  private stepEnd: EventPlace | null = null
  private steps = 0

  constructor(
    private readonly db: Db,
    private readonly wanted: Pick<Wanted, 'organizationId' | 'jobId'>,
  ) {}

  /** From now on it reads up to `end`. */
  begin(end: EventPlace): void {
    this.end = end
    this.stepEnd = null
    this.steps = 0
  }

  isOver(cursor: EventPlace): boolean {
    return !isAfter(this.end, cursor)
  }

  /**
   * Rows after the cursor, and how far that reaches: a step may hold none of this reader's. `lost`: too much lies
   * between, and nobody will read it.
   */
  async readFrom(cursor: EventPlace): Promise<{ rows: HistoryRow[]; upTo: EventPlace; lost: boolean }> {
    if (this.stepEnd === null && this.steps++ * STEP >= MAX_REPLAY) return { rows: [], upTo: this.end, lost: true }
    const upTo = (this.stepEnd ??= await this.stepAfter(cursor))
    const { organizationId, jobId } = this.wanted
    const rows = await readHistory(this.db, {
      after: cursor,
      upTo,
      organizationIds: [organizationId],
      jobId,
      limit: CHUNK,
    })
    const last = rows.at(-1)
    if (last && rows.length === CHUNK) return { rows, upTo: placeOf(last), lost: false }
    this.stepEnd = null
    return { rows, upTo, lost: false }
  }

  /** A job's own rows are found by its id, however many others lie between them, so one step is enough. */
  private async stepAfter(cursor: EventPlace): Promise<EventPlace> {
    const { end, wanted } = this
    if (wanted.jobId !== undefined) return end
    return (await placeAhead(this.db, { after: cursor, upTo: end, rows: STEP })) || end
  }
}

/** The latest progress of each job, for a reader who takes it when it can. */
class LatestProgress {
  private readonly byJob = new Map<string, ProgressRow>()

  get isEmpty(): boolean {
    return this.byJob.size === 0
  }

  keep(row: ProgressRow): void {
    if (this.byJob.size >= MAX_PROGRESS && !this.byJob.has(row.jobId)) this.dropOldest()
    this.byJob.set(row.jobId, row)
  }

  takeAll(): ProgressRow[] {
    const rows = [...this.byJob.values()]
    this.byJob.clear()
    return rows
  }

  /** The one that has waited longest; its job's next report comes within seconds. */
  private dropOldest(): void {
    for (const oldest of this.byJob.keys()) {
      this.byJob.delete(oldest)
      return
    }
  }
}

const placeOf = ({ xid, id }: EventPlace): EventPlace => ({ xid, id })
