import { setTimeout as sleep } from 'node:timers/promises'
import {
  PublishRefused,
  SHORT_SECONDS,
  dispatchRound,
  loads,
  packSize,
  returnToPending,
  toMessage,
  type Carrier,
  type Db,
  type Dispatched,
  type Load,
  type Message,
  type QueueName,
  type Ticket,
  type Wanted,
} from '@/server/engine'
import type { Logger } from '@/server/logger'
import type { Meter } from './meter'

const QUEUE_NAMES = ['INLINE', 'ISOLATED'] as const
/**
 * What to do after a round: `again` looks at once, `soon` in a moment. `recount` waits a moment and counts again, because
 * a queue is full and other workers may take from it. `sweep` waits for a wake-up.
 */
type Next = 'again' | 'soon' | 'recount' | 'sweep'

const NOTHING: Record<QueueName, Dispatched[]> = { INLINE: [], ISOLATED: [] }

/** The most jobs that one statement dispatches. */
const BATCH = 1_000
const SWEEP_MS = 500
/** While BullMQ is nearly as deep as it may be, how often to look whether others took from it. */
const RECOUNT_MS = 50
/**
 * The time between a round that moved several jobs and the next one, unless more jobs wait already. A round costs as
 * much for one job as for fifty, and a hundred submissions a second would each start one. A round that moved one job
 * is followed at once, so that a chain of dependents never waits for this.
 */
const SPACING_MS = 40
/** A round that moves so few, and has room for more, has most likely moved all there was: what comes next can wait its 40 ms. */
const FEW = 20
/** The longest time until the next round. A wake-up may end it earlier. */
const PAUSE_MS = { soon: SPACING_MS, recount: RECOUNT_MS, sweep: SWEEP_MS }
/** How much measured work BullMQ may hold at least (rule 4.11). */
const AHEAD_SECONDS = 0.2

/**
 * Moves eligible jobs to BullMQ: woken by NOTIFY, by its own worker's claims, and by a sweep. Keeps
 * BullMQ shallow, so that priority and fairness are decided late.
 */
export class Dispatcher {
  private readonly depth: Record<QueueName, Load> = {
    INLINE: { queued: 0, running: 0, slots: 0 },
    ISOLATED: { queued: 0, running: 0, slots: 0 },
  }
  private limited = false
  private movedSeveral = false
  private countedAt = -Infinity
  /** The next round begins no earlier, by the process's clock. */
  private nextRoundAt = -Infinity
  private awake: (() => void) | undefined
  private woken = false
  private stopping = false
  private loop: Promise<void> = Promise.resolve()
  private pauseMs = 0

  constructor(
    private readonly options: {
      db: Db
      carrier: Carrier
      meter: Meter
      logger: Logger
      slots: Record<QueueName, number>
      announce: () => void
    },
  ) {}

  start(): void {
    // Connecting takes as long as counting what is there: both at once.
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

  /** This worker took `count` jobs from a queue: there is room for others. */
  claimed(queue: QueueName, count: number): void {
    this.depth[queue].queued -= count
    this.depth[queue].running += count
    if (!this.isFullEnough(queue)) this.wake()
  }

  /** This worker ended `count` jobs of a queue. */
  ended(queue: QueueName, count: number): void {
    this.depth[queue].running -= count
    // Its slot, or its place under a concurrency limit, may be what another waits for.
    if (queue === 'ISOLATED' || this.limited) this.wake()
  }

  /**
   * Puts jobs back that this worker took from a queue and may not start: they wait for their turn again, by what is
   * known of their length by now. Where that fails, the reconciler finds them.
   */
  async giveBack(queue: QueueName, tickets: readonly Ticket[]): Promise<void> {
    const { db, announce, logger } = this.options
    this.depth[queue].queued -= tickets.length
    try {
      await returnToPending(db, tickets, 'Not started: the last free slot is kept')
      announce()
    } catch (error) {
      logger.warn({ err: error, jobs: tickets.length }, 'jobs that found no free slot could not be put back')
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      this.woken = false
      let next: Next = 'sweep'
      try {
        // Counted before it slept, so that a wake-up on an idle system dispatches at once.
        if (performance.now() - this.countedAt > 2 * SWEEP_MS) await this.recount()
        const began = performance.now()
        next = await this.round()
        this.nextRoundAt = this.movedSeveral ? began + SPACING_MS : -Infinity
        this.pauseMs = 0
      } catch (error) {
        this.pauseMs = Math.min(5_000, Math.max(250, this.pauseMs * 2))
        this.options.logger.warn({ err: error, retryInMs: this.pauseMs }, 'dispatching failed; trying again')
        // A wake-up does not shorten this pause: the store needs it.
        await sleep(this.pauseMs, undefined, { ref: false })
        continue
      }
      if (next === 'again') continue
      await this.sleep(PAUSE_MS[next])
      const early = this.nextRoundAt - performance.now()
      if (early > 0) await sleep(early, undefined, { ref: false })
      const age = performance.now() - this.countedAt
      if (!this.stopping && (next === 'recount' && !this.isAlone ? age > RECOUNT_MS : age > SWEEP_MS && !this.woken))
        await this.recount().catch(() => undefined)
    }
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
    // A round that moved fewer than asked may have left some: it looks only at the head of each lane. A queue that is
    // nearly full may run down a little first, because one large statement costs a fraction of many small ones.
    if (QUEUE_NAMES.some((queue) => moved[queue].length > 0 && !this.isFullEnough(queue)))
      return this.movedSeveral && total <= FEW ? 'soon' : 'again'
    return QUEUE_NAMES.some((queue) => moved[queue].length > 0 || !wanted[queue]) ? 'recount' : 'sweep'
  }

  private async dispatch(wanted: Wanted): Promise<Record<QueueName, Dispatched[]>> {
    const { db, carrier, announce } = this.options
    // Nothing is moved while the store is away: it would only come back, with two rows of history.
    await carrier.ready()
    const taken = await dispatchRound(db, wanted, this.options.meter.shortKinds(SHORT_SECONDS * 1000))
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
      // Anything else than a definite refusal is left to the reconciler: the messages may be there.
      if (error instanceof PublishRefused) {
        this.depth[queue].queued -= await returnToPending(db, jobs, 'The queue did not take it')
        announce()
      }
      throw error
    }
  }

  /**
   * Short in-thread jobs of one type share a message; everything else travels alone. What goes to the
   * head of the queue comes last and in reverse, so that the first of them ends up before the others.
   */
  private pack(jobs: readonly Dispatched[], queue: QueueName): Message[] {
    const messages: Message[] = []
    const open = new Map<string, Message>()
    for (const { jobId, jobType, dispatch, ahead, yields } of jobs) {
      const ticket = { jobId, dispatch }
      // Jobs that go to the head, and such as may not have every slot, share no message with others.
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
   * Whether a queue holds three quarters of what it may. At half it would run empty: where much moves, a dispatch takes
   * a good part of the 200 ms that the jobs in the queue last.
   */
  private isFullEnough(queue: QueueName): boolean {
    return this.depth[queue].queued * 4 >= this.limit(queue) * 3
  }

  /** Whether this is the only worker. It then knows what happens to the queues without counting. */
  private get isAlone(): boolean {
    return QUEUE_NAMES.every((queue) => this.depth[queue].slots <= this.options.slots[queue])
  }

  private room(queue: QueueName): number {
    return this.limit(queue) - this.depth[queue].queued
  }

  /** Twice the free slots or 200 ms of measured work, whichever is more. */
  private limit(queue: QueueName): number {
    const { slots, running } = this.depth[queue]
    return Math.max(2 * Math.max(0, slots - running), this.options.meter.jobsWorth(queue, AHEAD_SECONDS))
  }

  private async recount(): Promise<void> {
    const { limited, ...depth } = await loads(this.options.db)
    Object.assign(this.depth, depth)
    this.limited = limited
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
