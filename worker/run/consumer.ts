import type { Carrier, Claimed, Consumer as QueueConsumer, QueueName, Ticket } from '@/server/engine'
import type { Dispatcher } from '../dispatch/dispatcher'
import type { Attempt } from './attempt'
import type { Claims } from './claims'
import type { AttemptCloser } from './closer'
import type { LeaseKeeper } from './lease-keeper'
import type { HandlerRunner } from './runner'

export interface ConsumerOptions {
  carrier: Carrier
  slots: Record<QueueName, number>
  claims: Claims
  begin: (claimed: Claimed, claimSentAt: number) => Attempt
  runner: HandlerRunner
  closer: AttemptCloser
  leases: LeaseKeeper
  /** Told of each job that was taken or has ended: there is room for others. */
  dispatcher: Pick<Dispatcher, 'claimed' | 'ended'>
}

/** Takes messages from BullMQ. Each job of a message is claimed, run and closed. */
export class Consumer {
  private readonly queues: QueueConsumer[] = []
  private readonly running = new Set<Promise<void>>()

  constructor(private readonly options: ConsumerOptions) {}

  start(): void {
    const { carrier, slots } = this.options
    for (const queue of ['INLINE', 'ISOLATED'] as const) {
      this.queues.push(carrier.consume(queue, slots[queue], (tickets) => this.process(queue, tickets)))
    }
  }

  /** Takes nothing new. */
  async pause(): Promise<void> {
    this.options.claims.stopTrying()
    await Promise.all(this.queues.map((queue) => queue.pause()))
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running)
  }

  async close(): Promise<void> {
    await Promise.all(this.queues.map((queue) => queue.close()))
  }

  private async process(queue: QueueName, tickets: Ticket[]): Promise<void> {
    const work = Promise.all(tickets.map((ticket) => this.runJob(queue, ticket))).then(() => undefined)
    this.running.add(work)
    await work.finally(() => this.running.delete(work))
  }

  private async runJob(queue: QueueName, ticket: Ticket): Promise<void> {
    const { claims, begin, runner, closer, leases, dispatcher } = this.options
    const { claimed, sentAt } = await claims.claim(ticket)
    // Also where it may not be run: its message is gone from the queue.
    dispatcher.claimed(queue, 1)
    if (claimed) {
      const attempt = begin(claimed, sentAt)
      leases.hold(attempt)
      try {
        await closer.close(attempt, await runner.run(queue, attempt))
      } finally {
        leases.release(attempt)
      }
    }
    dispatcher.ended(queue, 1)
  }
}
