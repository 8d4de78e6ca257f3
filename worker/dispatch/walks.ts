import { FIRST_TURNS, type QueueName, type Turns } from '@/server/engine'

const QUEUE_NAMES = ['INLINE', 'ISOLATED'] as const

/**
 * Remembers where the walk over the kinds of waiting work goes on, and whether it has to. One round of the dispatcher
 * walks only some hundreds of kinds. Where there are fewer, every round is a whole walk, and nothing is ever owed after
 * it.
 */
export class Walks {
  /** Whose turn it is in the next round, and where it begins. */
  turns: Turns = FIRST_TURNS
  /** How many more times the walk over a queue has to come to its end, before nothing is left to find for certain. */
  private readonly owed: Record<QueueName, number> = { INLINE: 0, ISOLATED: 0 }

  /** True where the walk over a queue may still find something, without a wake-up. */
  goesOn(queue: QueueName): boolean {
    return this.owed[queue] > 0
  }

  /**
   * Something may have come, anywhere. A walk that is under way may have passed it already. Then only the walk after it
   * finds it for certain.
   */
  somethingCame(): void {
    for (const queue of QUEUE_NAMES) this.owed[queue] = this.turns[queue].below === null ? 1 : 2
  }

  /**
   * Called after each round with the next turns, the queues that it walked over, and the queues in which it found work.
   */
  went(next: Turns, walked: (queue: QueueName) => boolean, found: (queue: QueueName) => boolean): void {
    this.turns = next
    for (const queue of QUEUE_NAMES) {
      if (!walked(queue)) continue
      if (next[queue].below === null) this.owed[queue] = Math.max(0, this.owed[queue] - 1)
      // Where a part of the walk found work, the other parts may hold some, too.
      else if (found(queue)) this.owed[queue] = 2
    }
  }
}
