import type { LiveState } from './live-state'
import type { PageView } from './page-view'
import { refusalOf } from './refusal'
import type { StreamSlots } from './stream-slots'
import type { WatchEvent } from './types'

/** Events that arrive within this many milliseconds are passed on together. */
const FLUSH_MS = 150
/** A hidden tab closes its connection after this many milliseconds, or as soon as another tab wants it. */
const HIDDEN_MS = 10_000
/**
 * Nobody follows between one page and the next. The stream stays open for this many milliseconds, so that the next page
 * can use it.
 */
const LINGER_MS = 500
/** Milliseconds to wait before a broken stream is opened again. */
const RETRY_MS = 5_000
/**
 * Milliseconds. A stream that was refused as signed out is tried again at once, because the browser may hold a newer
 * cookie by now. It is tried so only once in this time.
 */
const NEWER_COOKIE_MS = 10_000
/** How often the page reads its data again while no stream is free for it, in milliseconds. */
const READ_AGAIN_MS = 10_000
/** No event has this id. So the server answers at once with a reset, whose id is the place where the stream begins. */
const START = 'start'

/** Which events are followed: all of an organization, or those of one of its jobs. */
export interface Target {
  organizationId: string
  jobId?: string
}

/** A part of the page that wants to hear of events. */
export interface Follower {
  target: Target
  /** Receives a batch of events, in their order. */
  onEvents: (events: WatchEvent[]) => void
  /**
   * Events may have been missed, so everything that is shown must be read again.
   * @param underWay true when the stream was already open before this follower came. A read that has begun by now then
   * misses nothing.
   */
  onGap: (underWay: boolean) => void
}

interface StreamHandlers {
  onStarted: () => void
  onConnectionStateChange: (change: { state: string; error?: unknown }) => void
  onData: (message: { data: WatchEvent }) => void
  onError: (error: unknown) => void
}

/** What the streams need from the browser tab. */
export interface Surroundings {
  /** Opens `jobs.watch`. It reconnects by itself after a broken connection. */
  open: (input: Target & { lastEventId?: string }, handlers: StreamHandlers) => { unsubscribe: () => void }
  page: PageView
  /**
   * A place in the stream of events from before the page asked its first question. Undefined where there is none, or
   * where too much may have happened since.
   */
  placeOfPage: () => string | undefined
  /** The page is so new that a part of it may show an early answer (early-answers.ts). */
  mayShowEarlyAnswers: () => boolean
  slots: StreamSlots
  onState: (state: LiveState) => void
  /** The connection to the server broke. */
  onBroken: () => void
  /**
   * The server no longer lets this person follow, or shows less than before. The page must ask again who the person is.
   */
  onRefused: () => void
}

/**
 * The events of a browser tab. All parts of a page that follow an organization share one connection. It asks for the
 * events of a single job where all of them want the same job, and for all events otherwise.
 */
export function createEvents(surroundings: Surroundings) {
  const streams = new Map<string, OrganizationStream>()
  return {
    /** Passes events to the follower until the returned function is called. */
    follow(follower: Follower): () => void {
      const { organizationId } = follower.target
      const stream = streams.get(organizationId) ?? new OrganizationStream(organizationId, surroundings)
      streams.set(organizationId, stream)
      stream.add(follower)
      return () => stream.remove(follower, () => streams.delete(organizationId))
    },
    /** The person has signed in again, so refused streams are opened once more. */
    resume() {
      for (const stream of streams.values()) stream.resume()
    },
  }
}
export type Events = ReturnType<typeof createEvents>

class OrganizationStream {
  private readonly followers = new Set<Follower>()
  /** The followers that have missed no event since they first read, or were told to read. Others must read again. */
  private readonly told = new Set<Follower>()
  private connection: { unsubscribe: () => void; jobId: string | undefined } | undefined
  /** It is known from where on events come, so a read that begins now misses nothing. */
  private started = false
  /** Undefined until the first event or reset. */
  private lastEventId: string | undefined
  /** When the stream was last tried again after it was refused as signed out. */
  private triedAgainAt = -Infinity
  private buffer: WatchEvent[] = []
  private flushTimer: ReturnType<typeof setTimeout> | undefined
  private waitTimer: ReturnType<typeof setTimeout> | undefined
  /** The slot among the streams of this browser. While none is free, it is the wait for one. */
  private slot: { given: boolean; leave: () => void } | undefined
  private readTimer: ReturnType<typeof setInterval> | undefined
  private readonly stopLooking: () => void

  constructor(
    private readonly organizationId: string,
    private readonly around: Surroundings,
  ) {
    const stops = [
      around.page.onChange(() => this.seenOrHidden()),
      around.slots.onWanted(() => {
        if (around.page.hidden && this.slot && this.followers.size > 0) this.rest()
      }),
    ]
    this.stopLooking = () => stops.forEach((stop) => stop())
  }

  add(follower: Follower) {
    this.followers.add(follower)
    clearTimeout(this.waitTimer)
    if (this.connection && this.connection.jobId !== this.wantedJob()) this.disconnect()
    if (this.connection && this.started) {
      this.told.add(follower)
      // An early answer was asked for before the follower came, and events may have come since.
      const mayBeOld = this.around.mayShowEarlyAnswers() && this.lastEventId !== undefined
      follower.onGap(!mayBeOld)
    }
    if (this.connection) this.around.onState(this.started ? 'live' : 'connecting')
    else this.open()
  }

  remove(follower: Follower, onEmpty: () => void) {
    this.followers.delete(follower)
    this.told.delete(follower)
    if (this.followers.size > 0) return
    this.around.onState('off')
    clearTimeout(this.waitTimer)
    this.waitTimer = setTimeout(() => {
      this.close()
      this.stopLooking()
      onEmpty()
    }, LINGER_MS)
  }

  resume() {
    this.triedAgainAt = -Infinity
    if (!this.around.page.hidden) this.open()
  }

  /** The job that all followers want. Undefined where they want several jobs, or one of them wants all jobs. */
  private wantedJob(): string | undefined {
    const jobs = new Set([...this.followers].map(({ target }) => target.jobId))
    return jobs.size === 1 ? [...jobs][0] : undefined
  }

  private open() {
    if (this.connection || this.followers.size === 0) return
    if (!this.slot?.given) return this.askForSlot()
    const jobId = this.wantedJob()
    this.started = false
    this.tellConnecting()
    const { organizationId, lastEventId = this.around.placeOfPage() } = this
    const from = lastEventId ?? START
    // Nobody knows what happened since the stream before ended. So all followers must read again.
    if (from === START) this.told.clear()
    const input = { organizationId, ...(jobId ? { jobId } : {}), lastEventId: from }
    // It is there before the call, because a handler may be called within it.
    this.connection = { jobId, unsubscribe: () => {} }
    this.connection.unsubscribe = this.around.open(input, {
      // A stream that goes on from a place begins here. Any other begins with its reset, which brings the place. The
      // link also calls this after it has repaired a broken connection. Then it goes on from the last event.
      onStarted: () => {
        if (from !== START || this.lastEventId !== undefined) this.begin()
      },
      onConnectionStateChange: (change) => {
        if (change.state === 'connecting' && change.error) {
          this.started = false
          this.around.onState('connecting')
          this.around.onBroken()
        }
      },
      onData: ({ data }) => {
        this.lastEventId = data.id
        if (!this.started) {
          this.begin()
          if (data.type === 'reset') return
        }
        this.buffer.push(data)
        this.flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS)
      },
      onError: (error) => this.failed(error),
    }).unsubscribe
  }

  private begin() {
    this.started = true
    this.stopReading()
    this.around.onState('live')
    // Without an event so far, the stream goes on from where the page began. Whatever the page read, it read after
    // that.
    const missedNothing = this.lastEventId === undefined
    // Otherwise a follower reads again, unless it was told before. Nobody heard of changes between its first read and
    // now.
    for (const follower of this.followers) {
      if (!this.told.has(follower) && !missedNothing) follower.onGap(false)
      this.told.add(follower)
    }
  }

  private askForSlot() {
    if (this.slot) return
    this.tellConnecting()
    const slot = { given: false, leave: () => {} }
    this.slot = slot
    slot.leave = this.around.slots.ask(
      () => {
        slot.given = true
        this.open()
      },
      () => this.readAtIntervals(),
    )
  }

  /** Reads everything that is shown at intervals, because no stream reports changes. */
  private readAtIntervals() {
    this.around.onState('delayed')
    if (this.readTimer !== undefined) return
    this.readTimer = setInterval(() => {
      for (const follower of this.followers) follower.onGap(false)
    }, READ_AGAIN_MS)
  }

  private stopReading() {
    clearInterval(this.readTimer)
    this.readTimer = undefined
  }

  /** A page that reads at intervals stays "delayed" until its stream is open. */
  private tellConnecting() {
    if (this.readTimer === undefined) this.around.onState('connecting')
  }

  private close() {
    this.disconnect()
    this.giveBack()
    this.stopReading()
  }

  private giveBack() {
    this.slot?.leave()
    this.slot = undefined
  }

  private disconnect() {
    this.connection?.unsubscribe()
    this.connection = undefined
    this.started = false
    clearTimeout(this.flushTimer)
    this.flush()
  }

  private flush() {
    this.flushTimer = undefined
    const events = this.buffer
    this.buffer = []
    const reset = events.some(({ type }) => type === 'reset')
    for (const follower of this.followers) {
      const { jobId } = follower.target
      const own = events.filter((event) => event.type !== 'reset' && (!jobId || event.jobId === jobId))
      if (reset) follower.onGap(false)
      if (own.length > 0) follower.onEvents(own)
    }
  }

  private failed(error: unknown) {
    this.connection = undefined
    this.started = false
    // Nobody follows between one page and the next. The next follower opens the stream again.
    if (this.followers.size === 0) return
    const reason = refusalOf(error)?.reason
    if (reason === 'UNAUTHENTICATED' && performance.now() > this.triedAgainAt + NEWER_COOKIE_MS) {
      this.triedAgainAt = performance.now()
      this.open()
      return
    }
    // The person is signed out, or no longer a member. The page asks again who they are. Then it asks for the password,
    // or says that access was lost (shell.tsx). Opening the stream again would not help.
    const isOver = reason === 'UNAUTHENTICATED' || reason === 'NOT_FOUND' || reason === 'NOT_PERMITTED'
    // Followers read again, because the server may now withhold what the page shows.
    if (isOver || reason === 'ORGANIZATION_SUSPENDED') {
      for (const follower of this.followers) follower.onGap(false)
      this.around.onRefused()
    }
    // The organization, or this person, already has as many open streams as allowed.
    const isFull = reason === 'RATE_LIMITED'
    if (isOver || isFull) this.giveBack()
    if (isFull) this.readAtIntervals()
    else if (isOver) {
      this.stopReading()
      this.around.onState('off')
    } else this.tellConnecting()
    // The link repairs a lost connection by itself. This stream broke for another reason, so it is opened again after a
    // pause. A hidden page opens it when it is shown.
    if (!isOver && !this.around.page.hidden)
      this.waitTimer = setTimeout(() => this.open(), isFull ? READ_AGAIN_MS : RETRY_MS)
  }

  private seenOrHidden() {
    if (this.followers.size === 0) return
    clearTimeout(this.waitTimer)
    if (!this.around.page.hidden) {
      this.open()
      return
    }
    this.waitTimer = setTimeout(() => this.rest(), HIDDEN_MS)
  }

  /** Pauses the stream of a hidden page. It goes on when the page is shown. */
  private rest() {
    clearTimeout(this.waitTimer)
    this.close()
    this.around.onState('paused')
  }
}
