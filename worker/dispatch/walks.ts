import { FIRST_TURNS, QUEUE_NAMES, type QueueName, type Turns } from '@/server/engine'

/**
 * Waiting work lies in lanes: one for each organization, job type and priority (store/lanes.ts). A round of the
 * dispatcher looks at some hundreds of lanes. Where there are more, a walk over all of them takes several rounds. This
 * class remembers where the next round begins, and whether another round may still find work. Where there are fewer
 * lanes, each round sees all of them, and no further round is needed.
 */
export class Walks {
  /** Whose turn it is in the next round, and where it begins. */
  turns: Turns = FIRST_TURNS
  /** How many walks still have to reach their end before it is certain that nothing was missed. 0: none. */
  private readonly walksLeft: Record<QueueName, number> = { INLINE: 0, ISOLATED: 0 }

  /** True where the walk over a queue may still find something, without a wake-up. */
  goesOn(queue: QueueName): boolean {
    return this.walksLeft[queue] > 0
  }

  /**
   * Something may have come, anywhere. A walk that is under way may have passed it already. Then only the walk after it
   * finds it for certain.
   */
  somethingCame(): void {
    // `below` is null where the next round begins a new walk. That walk sees everything. A walk that is under way must
    // end first, and one more must follow.
    for (const queue of QUEUE_NAMES) this.walksLeft[queue] = this.turns[queue].below === null ? 1 : 2
  }

  /**
   * Called after each round with the next turns, the queues that it walked over, and the queues in which it found work.
   */
  went(next: Turns, walked: (queue: QueueName) => boolean, found: (queue: QueueName) => boolean): void {
    this.turns = next
    for (const queue of QUEUE_NAMES) {
      if (!walked(queue)) continue
      if (next[queue].below === null) this.walksLeft[queue] = Math.max(0, this.walksLeft[queue] - 1)
      // Where a part of the walk found work, the other parts may hold some, too.
      else if (found(queue)) this.walksLeft[queue] = 2
    }
  }
}
