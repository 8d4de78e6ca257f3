import { EngineError } from '../domain/errors'

/**
 * Lets only so much work run at once, and takes waiting work from its owners in turn. An owner with many pieces delays
 * another owner's single piece by one piece, and not by all of them. Only so many pieces of an owner may wait: each
 * holds memory, and would be worked on even after its caller has left.
 */
export class Turns {
  private running = 0
  private readonly waiting = new Map<string, (() => void)[]>()

  constructor(
    private readonly atOnce: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws EngineError RATE_LIMITED where too many pieces of this owner wait already */
  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      const queue = this.waiting.get(owner)
      if (queue && queue.length >= this.mostWaiting) throw tooMany(this.mostWaiting)
      await new Promise<void>((begin) => {
        if (queue) queue.push(begin)
        else this.waiting.set(owner, [begin])
      })
    } else {
      this.running++
    }
    try {
      return await work()
    } finally {
      this.next()
    }
  }

  /** Gives the free place to the next piece of work, if there is one. */
  private next(): void {
    const [first] = this.waiting
    if (!first) {
      this.running--
      return
    }
    const [owner, queue] = first
    const begin = queue.shift()!
    // The owner goes to the end, so that the others come before its next piece.
    this.waiting.delete(owner)
    if (queue.length > 0) this.waiting.set(owner, queue)
    begin()
  }
}

const tooMany = (most: number): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    `Parameters of ${most} jobs of your organization wait already for a check that takes long. Send fewer such jobs at once, or have the schema of the job type made simpler.`,
    { retryAfterSeconds: 2 },
  )
