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

/** The parts of a hub that a subscription needs. */
export interface EventSource {
  db: Db
  /** The place up to which history has been offered to subscriptions that joined. Null while there are none. */
  position(): EventPlace | null
  /**
   * Registers the subscription between two reads, and returns the place where live events begin. The subscription has
   * to replay everything before that place.
   */
  join(subscription: Subscription): Promise<EventPlace>
  leave(subscription: Subscription): void
}

export interface EventStream {
  /** The next events. An empty list means that none came within the time, null that the stream is closed. */
  next(timeoutMs: number): Promise<JobEvent[] | null>
  close(): void
}

/** A stream as the hub sees it: it is offered every event of its organization or job. */
export interface Subscription extends EventStream, Listener {
  offer(row: HistoryRow): void
  offerProgress(row: ProgressRow): void
}

/**
 * How many live events may wait for a slow reader. They are shared with all other readers of the same events. Beyond
 * this number they are dropped, and the reader gets them from the database later.
 */
const MAX_WAITING = 5_000
/** For how many jobs the latest progress may wait for a slow reader. */
const MAX_PROGRESS = 1_000
/** How many events are handed out at once. Each connection holds these in memory of its own. */
const CHUNK = 200
/** How many rows of history one statement of a replay looks at, whoever they belong to. */
const STEP = 10_000
/**
 * How many rows a whole replay looks at for a reader of all jobs. A reader that missed more is told to read everything
 * again.
 */
const MAX_REPLAY = 1_000_000
/**
 * The history of a job is kept for at least a day after its end (`retentionDays`). This is an hour less, so a reader
 * that comes back within this time has missed nothing.
 */
const KEPT_SECONDS = 23 * 3600

interface Wanted {
  organizationId: string
  /** Without it, every job of the organization. */
  jobId?: string
  /** The id of the last event that the reader has. Without it, the reader gets what happens from now on. */
  lastEventId?: string
  signal: AbortSignal
}

/** One viewer's place in the stream of events. It begins at its first `next`. */
export const createSubscription = (source: EventSource, wanted: Wanted): Subscription => new Viewer(source, wanted)

/**
 * `new`: not joined yet. `replay`: it reads from the database what happened between the reader's cursor and the moment
 * of joining. `live`: it hands on what the hub offers. `overflowed`: live events were dropped, so it must read them
 * from the database.
 */
type State = 'new' | 'replay' | 'live' | 'overflowed' | 'closed'

class Viewer implements Subscription {
  readonly organizationId: string
  readonly jobId: string | undefined
  private state: State = 'new'
  /** The place up to which everything has been handed to the reader. */
  private cursor: EventPlace = { xid: 0n, id: 0n }
  private waiting: HistoryRow[] = []
  private readonly progress = new LatestProgress()
  private readonly replay: Replay
  private wake: (() => void) | undefined

  /**
   * What each state does when the next events are asked for. An empty list means that there was nothing to hand out.
   */
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

  // This is a property and not a method, because it is passed as an event listener.
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
    // Progress is in no history, so nothing replays it: what running jobs reported last is read here.
    for (const row of await readProgress(this.source.db, {
      organizationIds: [organizationId],
      jobId,
      limit: MAX_PROGRESS,
    }))
      this.progress.keep(row)
    // It may have overflowed or been closed while this waited.
    if (this.state === 'new') this.state = 'replay'
    // The reader may have gone while this joined. Its signal fired too early to end the subscription, so it is ended
    // now.
    if (signal.aborted) this.close()
    return lastEventId === undefined || known ? [] : [resetEvent(this.cursor)]
  }

  /** Joins the live events. Everything before the place that it returns is for the replay. */
  private async join(): Promise<EventPlace> {
    const joinedAt = await this.source.join(this)
    this.replay.begin(joinedAt)
    return joinedAt
  }

  /** False for a place that is too old, or that lies ahead of this database, as one of another database may. */
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

  /** Takes live events that wait, as many as are handed out at once. */
  private drain(): JobEvent[] {
    // Another process may have given out the cursor, and may have been ahead of this one. Rows that the reader has
    // already are left out.
    const rows = this.waiting.splice(0, CHUNK).filter((row) => isAfter(row, this.cursor))
    const last = rows.at(-1)
    if (last) this.cursor = placeOf(last)
    const events = rows.map(statusEvent)
    this.skipToPosition()
    for (const row of this.progress.takeAll()) events.push(progressEvent(row, this.cursor))
    return events
  }

  /**
   * Called when nothing is left to hand out. The cursor moves past the rows of others, so that a reader who comes back
   * need not look through them again.
   */
  private skipToPosition(): void {
    const position = this.source.position()
    if (this.waiting.length === 0 && position && isAfter(position, this.cursor)) this.cursor = position
  }

  private overflow(): void {
    this.waiting = []
    // A subscription that was closed stays closed.
    if (!this.isClosed()) this.state = 'overflowed'
  }

  private async rejoin(): Promise<JobEvent[]> {
    await this.join()
    this.waiting = []
    if (!this.isClosed()) this.state = 'replay'
    return []
  }

  /** This is asked again after each wait, because the subscription may have been closed in the meantime. */
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

/** Reads the history between a reader's cursor and the place where live events begin, step by step. */
class Replay {
  private end: EventPlace = { xid: 0n, id: 0n }
  /** The end of the present step. Null before it is known. */
  private stepEnd: EventPlace | null = null
  private steps = 0

  constructor(
    private readonly db: Db,
    private readonly wanted: Pick<Wanted, 'organizationId' | 'jobId'>,
  ) {}

  /** From now on the replay ends at `end`. */
  begin(end: EventPlace): void {
    this.end = end
    this.stepEnd = null
    this.steps = 0
  }

  isOver(cursor: EventPlace): boolean {
    return !isAfter(this.end, cursor)
  }

  /**
   * Rows after the cursor, and the place up to which it has looked. A step may hold no rows of this reader. `lost` says
   * that too many rows lie in between to be read.
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

  /**
   * For one job a single step is enough, because its rows are found by its id, however many others lie between them.
   */
  private async stepAfter(cursor: EventPlace): Promise<EventPlace> {
    const { end, wanted } = this
    if (wanted.jobId !== undefined) return end
    return (await placeAhead(this.db, { after: cursor, upTo: end, rows: STEP })) || end
  }
}

/** The latest progress of each job, kept until a slow reader takes it. */
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

  /** Drops the progress that has waited longest. The reader learns of it by the next report of that job. */
  private dropOldest(): void {
    for (const oldest of this.byJob.keys()) {
      this.byJob.delete(oldest)
      return
    }
  }
}

const placeOf = ({ xid, id }: EventPlace): EventPlace => ({ xid, id })
