import type { Carrier, Claimed, Consumer as QueueConsumer, QueueName, Ticket } from '@/server/engine'
import type { Dispatcher } from '../dispatch/dispatcher'
import type { Attempt } from './attempt'
import { countStart } from './attempt-metrics'
import type { Claims } from './claims'
import type { AttemptCloser } from './closer'
import type { LeaseKeeper } from './lease-keeper'
import { LastSlot } from './last-slot'
import type { HandlerRunner } from './runner'

// Takes the messages of BullMQ that name jobs, and has each job run.

export interface ConsumerOptions {
  carrier: Carrier
  slots: Record<QueueName, number>
  claims: Claims
  begin: (claimed: Claimed, claimSentAt: number) => Attempt
  runner: HandlerRunner
  closer: AttemptCloser
  leases: LeaseKeeper
  /** It is told of each job that was taken or has ended, because there is then room for others. */
  dispatcher: Pick<Dispatcher, 'claimed' | 'ended' | 'giveBack'>
}

/**
 * Takes messages from BullMQ. Each job of a message is claimed, run and closed. Where the only free slot is one that
 * the jobs may not take, they are put back.
 */
export class Consumer {
  private readonly queues: QueueConsumer[] = []
  private readonly running = new Set<Promise<void>>()
  private readonly lastSlots: Record<QueueName, LastSlot>
  private readonly attempts: Record<QueueName, number> = { INLINE: 0, ISOLATED: 0 }

  constructor(private readonly options: ConsumerOptions) {
    const { INLINE, ISOLATED } = options.slots
    this.lastSlots = { INLINE: new LastSlot(INLINE), ISOLATED: new LastSlot(ISOLATED) }
  }

  start(): void {
    const { carrier, slots } = this.options
    for (const queue of ['INLINE', 'ISOLATED'] as const) {
      this.queues.push(carrier.consume(queue, slots[queue], (tickets, yields) => this.process(queue, tickets, yields)))
    }
  }

  /** How many jobs of this queue run here. */
  runningIn(queue: QueueName): number {
    return this.attempts[queue]
  }

  /** Takes nothing new. */
  async pause(): Promise<void> {
    this.options.claims.stopTrying()
    for (const slot of Object.values(this.lastSlots)) slot.close()
    await Promise.all(this.queues.map((queue) => queue.pause()))
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running)
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close()))
  }

  private async process(queue: QueueName, tickets: Ticket[], yields: boolean): Promise<void> {
    const work = this.runMessage(queue, tickets, yields)
    this.running.add(work)
    await work.finally(() => this.running.delete(work))
  }

  private async runMessage(queue: QueueName, tickets: Ticket[], yields: boolean): Promise<void> {
    const slot = this.lastSlots[queue]
    if (!(await slot.enter(yields))) return this.options.dispatcher.giveBack(queue, tickets)
    try {
      await Promise.all(tickets.map((ticket) => this.runJob(queue, ticket)))
    } finally {
      slot.leave()
    }
  }

  private async runJob(queue: QueueName, ticket: Ticket): Promise<void> {
    const { claims, begin, runner, closer, leases, dispatcher } = this.options
    const { claimed, sentAt } = await claims.claim(ticket)
    // The dispatcher is told even where the job may not run, because its message has left the queue.
    dispatcher.claimed(queue, 1)
    if (claimed) {
      const attempt = begin(claimed, sentAt)
      leases.hold(attempt)
      this.attempts[queue]++
      countStart(claimed)
      try {
        await closer.close(attempt, await runner.run(queue, attempt))
      } finally {
        leases.release(attempt)
        this.attempts[queue]--
      }
    }
    dispatcher.ended(queue, 1)
  }
}
