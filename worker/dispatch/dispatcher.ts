import { setTimeout as sleep } from 'node:timers/promises'
import {
  PublishRefused,
  QUEUE_NAMES,
  SHORT_SECONDS,
  dispatchRound,
  loadsOfCrew,
  packSize,
  returnToPending,
  toMessage,
  type Carrier,
  type Crew,
  type Db,
  type Dispatched,
  type Load,
  type Message,
  type QueueName,
  type Ticket,
  type Wanted,
} from '@/server/engine'
import type { Logger } from '@/server/logger'
import { HeldWork } from './held'
import type { Meter } from './meter'
import { Walks } from './walks'

/**
 * What to do after a round: look again at once (`again`) or in a moment (`soon`). Where a queue is nearly full, look again
 * after RECOUNT_MS (`recount`). Otherwise wait for a wake-up, for at most SWEEP_MS (`sweep`).
 */
type Next = 'again' | 'soon' | 'recount' | 'sweep'

type Taken = Record<QueueName, Dispatched[]>
const NOTHING: Taken = { INLINE: [], ISOLATED: [] }

/** The most jobs that one statement moves. Each queue has a statement of its own. */
const BATCH = 1_000
/** Milliseconds. After so long without a wake-up it looks by itself, because a signal may have been lost. */
const SWEEP_MS = 500
/**
 * Milliseconds. How often the queue is counted while BullMQ is nearly as full as it may be, because others may have
 * taken from it.
 */
const RECOUNT_MS = 50
/**
 * After a round that moved several jobs, the next one waits. From the beginning of one to the beginning of the next it
 * takes SPACING_TIMES as long as the round took, and at most MOST_SPACING_MS. A round that leaves more jobs to move does
 * not wait. A round costs as much for one job as for fifty, and without this a hundred submissions a second would each
 * cause one. So rounds fill a fifth of the time, or more where one takes over 8 ms. A round that moved one job never
 * waits, so a chain of dependents is not slowed down.
 */
const SPACING_TIMES = 5
const MOST_SPACING_MS = 40
/**
 * A round that moves at most this many jobs, and has room for more, has most likely moved all there were. Whatever
 * comes next can wait until the next round may begin.
 */
const FEW = 20
/** Seconds of measured work that BullMQ may hold in any case (rule 4.11). */
const AHEAD_SECONDS = 0.2

/**
 * Moves jobs that may run to BullMQ. It is woken by NOTIFY, and by claims and ends of jobs of its own worker. Without a
 * wake-up it looks each half second. It keeps BullMQ's queues short, so that priority and fairness are decided late.
 */
export class Dispatcher {
  /**
   * What this process believes is queued and running, and how many slots the crew has. It is counted anew from time to
   * time (`recount`).
   */
  private readonly depth: Record<QueueName, Load> = {
    INLINE: { queued: 0, running: 0, slots: 0 },
    ISOLATED: { queued: 0, running: 0, slots: 0 },
  }
  private readonly walks = new Walks()
  private readonly held = new HeldWork()
  /** A concurrency limit exists somewhere, so a job that ends may make room for one of any queue. */
  private limited = false
  /** Other crews take jobs of the same pools. */
  private shared = false
  /** The last round moved more than one job. */
  private movedSeveral = false
  /** When `depth` was last counted. */
  private countedAt = -Infinity
  /** The next round does not begin before this time, by the process's clock. */
  private nextRoundAt = -Infinity
  /** Ends the present sleep. */
  private awake: (() => void) | undefined
  /** Somebody called `wake` since the last round began. */
  private woken = false
  private stopping = false
  private loop: Promise<void> = Promise.resolve()
  /** How long it waits after a round that failed. It grows with each failure. */
  private pauseMs = 0

  constructor(
    private readonly options: {
      db: Db
      carrier: Carrier
      meter: Meter
      logger: Logger
      slots: Record<QueueName, number>
      /** It dispatches the jobs that this crew takes, to the crew's queues. Every crew has dispatchers of its own. */
      crew: Crew
      announce: () => void
    },
  ) {}

  start(): void {
    // Connecting takes as long as counting the jobs, so both happen at once.
    this.options.carrier.ready().catch(() => undefined)
    this.loop = this.run()
  }

  async stop(): Promise<void> {
    this.stopping = true
    this.wake()
    await this.loop
  }

  wake(): void {
    this.woken = true
    this.awake?.()
  }

  /**
   * Something may be dispatched now that could not before: of one organization, or, without one, of any. For example, a
   * job came or a hold ended.
   */
  somethingCame(organizationId?: string): void {
    this.held.forget(organizationId)
    this.wake()
  }

  /** Called when this worker took `count` jobs from a queue. There is room for others. */
  claimed(queue: QueueName, count: number): void {
    this.depth[queue].queued -= count
    this.depth[queue].running += count
    if (!this.isFullEnough(queue)) this.wake()
  }

  /** Called when this worker ended `count` jobs of a queue. */
  ended(queue: QueueName, count: number): void {
    this.depth[queue].running -= count
    // An isolated job that waits can have the slot now. Inline slots become free too often for a wake-up each time, and
    // the next claim or round notices them. Where there is a concurrency limit, another job may have this one's place.
    if (queue === 'ISOLATED' || this.limited) this.wake()
  }

  /**
   * Puts jobs back that this worker took from a queue and may not start, because the last free slot is kept. They wait
   * for their turn again. Where that fails, the reconciler (worker/upkeep/reconciler.ts) finds them.
   */
  async giveBack(queue: QueueName, tickets: readonly Ticket[]): Promise<void> {
    const { db, announce, logger } = this.options
    this.depth[queue].queued -= tickets.length
    try {
      await returnToPending(db, tickets, 'Not started: the last free slot is kept')
      this.held.forget()
      announce()
    } catch (error) {
      logger.warn({ err: error, jobs: tickets.length }, 'jobs that found no free slot could not be put back')
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      if (this.woken) this.walks.somethingCame()
      this.woken = false
      let next: Next = 'sweep'
      try {
        // Normally the count at the end of this loop is fresh enough. This one is for the first round, for the round after
        // a failure, and for times when wake-ups leave no pause to count in.
        if (performance.now() - this.countedAt > 2 * SWEEP_MS) await this.recount()
        const began = performance.now()
        next = await this.round()
        const spacing = Math.min(MOST_SPACING_MS, SPACING_TIMES * (performance.now() - began))
        this.nextRoundAt = this.movedSeveral ? began + spacing : -Infinity
        this.pauseMs = 0
      } catch (error) {
        this.pauseMs = Math.min(5_000, Math.max(250, this.pauseMs * 2))
        this.options.logger.warn({ err: error, retryInMs: this.pauseMs }, 'dispatching failed; trying again')
        // A wake-up does not shorten this pause, because the store needs it.
        await sleep(this.pauseMs, undefined, { ref: false })
        continue
      }
      if (next === 'again') continue
      await this.sleep(this.pauseAfter(next))
      const early = this.nextRoundAt - performance.now()
      if (early > 0) await sleep(early, undefined, { ref: false })
      // Jobs are counted in the pauses, so that a wake-up on an idle system need not wait for a count. Where a wake-up
      // came, the next round begins at once.
      const age = performance.now() - this.countedAt
      if (!this.stopping && (next === 'recount' && !this.isAlone ? age > RECOUNT_MS : age > SWEEP_MS && !this.woken))
        await this.recount().catch(() => undefined)
    }
  }

  /** The longest pause in milliseconds until the next round. A wake-up may end it. */
  private pauseAfter(next: Next): number {
    if (next === 'soon') return Math.max(0, this.nextRoundAt - performance.now())
    return next === 'recount' ? RECOUNT_MS : SWEEP_MS
  }

  private async round(): Promise<Next> {
    const wanted: Wanted = {}
    for (const queue of QUEUE_NAMES) {
      const room = Math.min(this.room(queue), BATCH)
      if (room > 0) wanted[queue] = room
    }
    const moved = Object.keys(wanted).length > 0 ? await this.dispatch(wanted) : NOTHING
    const total = moved.INLINE.length + moved.ISOLATED.length
    this.movedSeveral = total > 1
    // A batch that is not full does not mean that there are no more jobs, because only the head of each lane was looked
    // at. A queue that is nearly full is left to run down a little, because one large statement costs much less than
    // many small ones.
    if (QUEUE_NAMES.some((queue) => moved[queue].length > 0 && !this.isFullEnough(queue)))
      return this.movedSeveral && total <= FEW ? 'soon' : 'again'
    if (QUEUE_NAMES.some((queue) => wanted[queue] && this.walks.goesOn(queue) && !this.isFullEnough(queue)))
      return 'again'
    return QUEUE_NAMES.some((queue) => moved[queue].length > 0 || !wanted[queue]) ? 'recount' : 'sweep'
  }

  private async dispatch(wanted: Wanted): Promise<Taken> {
    const { db, carrier, announce, crew } = this.options
    // Nothing is moved while the store is away. The jobs would only come back, with two rows of history each.
    await carrier.ready()
    const short = this.options.meter.shortKinds(SHORT_SECONDS * 1000)
    // A queue over which no walk goes on is looked at only by this sweep. There nothing is passed over, so that it also
    // finds work whose signal was lost.
    const passed = this.held.begin(QUEUE_NAMES.filter((queue) => this.walks.goesOn(queue)))
    const round = await dispatchRound(db, wanted, short, this.walks.turns, crew, passed)
    const { taken, turns, held, cameDue, moreCameDue } = round
    this.held.learn(held)
    for (const organizationId of cameDue) this.held.forget(organizationId)
    if (cameDue.length > 0) this.walks.somethingCame()
    // A sweep found work that no signal announced. Other signals may have been lost, too, so nothing stays remembered.
    if (QUEUE_NAMES.some((queue) => taken[queue].length > 0 && !this.walks.goesOn(queue))) this.held.forget()
    this.walks.went(
      turns,
      (queue) => wanted[queue] !== undefined,
      (queue) => taken[queue].length > 0,
    )
    // After `went`: whatever walk has just ended did not see jobs that this round had no time to mark as due.
    if (moreCameDue) this.walks.somethingCame()
    if (QUEUE_NAMES.every((queue) => taken[queue].length === 0)) return taken
    announce()
    await Promise.all(QUEUE_NAMES.map((queue) => this.publish(queue, taken[queue])))
    return taken
  }

  private async publish(queue: QueueName, jobs: readonly Dispatched[]): Promise<void> {
    if (jobs.length === 0) return
    const { db, carrier, announce } = this.options
    this.depth[queue].queued += jobs.length
    try {
      await carrier.publish(queue, this.pack(jobs, queue))
    } catch (error) {
      // Only a definite refusal sends the jobs back. After any other error the messages may have arrived, and the
      // reconciler finds out.
      if (error instanceof PublishRefused) {
        this.depth[queue].queued -= await returnToPending(db, jobs, 'The queue did not take it')
        this.held.forget()
        announce()
      }
      throw error
    }
  }

  /**
   * Short inline jobs of one type share a message. All others travel alone. Messages for the head of the queue are
   * published last and in reverse order, so that the first of them ends up before the others.
   */
  private pack(jobs: readonly Dispatched[], queue: QueueName): Message[] {
    const messages: Message[] = []
    const open = new Map<string, Message>()
    for (const { jobId, jobType, dispatch, ahead, yields } of jobs) {
      const ticket = { jobId, dispatch }
      // Jobs that go to the head of the queue share no message with others. Nor do jobs that may not take every slot.
      const key = `${jobType} ${ahead} ${yields}`
      const message = open.get(key)
      const size = queue === 'INLINE' ? packSize(this.options.meter.meanRunMs(jobType)) : 1
      if (message && message.tickets.length < size) message.tickets.push(ticket)
      else {
        const fresh = toMessage([ticket], { ahead, yields })
        messages.push(fresh)
        open.set(key, fresh)
      }
    }
    return [...messages.filter(({ ahead }) => !ahead), ...messages.filter(({ ahead }) => ahead).reverse()]
  }

  /**
   * True where the queue holds three quarters of its limit. Half would be too little: the rest must last while a
   * dispatch is under way, which takes a good part of 200 ms where much moves.
   */
  private isFullEnough(queue: QueueName): boolean {
    return this.depth[queue].queued * 4 >= this.limit(queue) * 3
  }

  /**
   * True where this is the only process that changes the queues of its crew. Then it knows their lengths without
   * counting.
   */
  private get isAlone(): boolean {
    return QUEUE_NAMES.every((queue) => this.depth[queue].slots <= this.options.slots[queue])
  }

  private room(queue: QueueName): number {
    return this.limit(queue) - this.depth[queue].queued
  }

  /**
   * The most jobs that a queue may hold: twice the free slots or 200 ms of measured work, whichever is more. Where
   * other crews take some of the same pools, it is the free slots and not twice as many: a long job would wait behind
   * another here, while one of the others has a slot for it.
   */
  private limit(queue: QueueName): number {
    const { slots, running } = this.depth[queue]
    return Math.max(
      (this.shared ? 1 : 2) * Math.max(0, slots - running),
      this.options.meter.jobsWorth(queue, AHEAD_SECONDS),
    )
  }

  private async recount(): Promise<void> {
    const { limited, shared, ...depth } = await loadsOfCrew(this.options.db, this.options.crew)
    Object.assign(this.depth, depth)
    this.limited = limited
    this.shared = shared
    this.countedAt = performance.now()
  }

  private sleep(ms: number): Promise<void> {
    if (this.woken || this.stopping) return Promise.resolve()
    return new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.awake = () => {
        clearTimeout(timer)
        resolve()
      }
    }).then(() => {
      this.awake = undefined
    })
  }
}
