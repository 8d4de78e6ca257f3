import { EngineError } from '../domain/errors'

/** Milliseconds after its last piece from which on an owner counts as one that comes newly. */
const NEW_AFTER_MS = 2_000

/**
 * Lets only so much work run at once, and takes waiting work from its owners in turn. An owner with many pieces delays
 * another owner's single piece by one piece, and not by all of them. One who has asked for nothing lately comes before
 * all who have, so that it waits only until one of the running pieces ends, however many others wait. Only so many
 * pieces of an owner may wait: each holds memory, and would be worked on even after its caller has left.
 */
export class Turns {
  private running = 0
  private readonly waiting = new Map<string, (() => void)[]>()
  /** Those of `waiting` that come newly. */
  private readonly newcomers = new Set<string>()
  /** When a piece of an owner last ended, or Infinity where one has begun since; the oldest first. */
  private readonly seen = new Map<string, number>()

  constructor(
    /** How many pieces run at once, and how many of one owner may wait. */
    private readonly limits: { atOnce: number; mostWaiting: number },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws EngineError RATE_LIMITED where too many pieces of this owner wait already */
  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const { atOnce, mostWaiting } = this.limits
    if (this.running >= atOnce) {
      const queue = this.waiting.get(owner)
      if (queue && queue.length >= mostWaiting) throw tooMany(mostWaiting)
      await new Promise<void>((begin) => {
        if (queue) queue.push(begin)
        else {
          this.waiting.set(owner, [begin])
          if (this.isNew(owner)) this.newcomers.add(owner)
        }
      })
    } else {
      this.running++
    }
    this.note(owner, Infinity)
    try {
      return await work()
    } finally {
      this.note(owner, this.now())
      this.next()
    }
  }

  /** Gives the free place to the next piece of work, if there is one. */
  private next(): void {
    const [owner] = this.newcomers.size > 0 ? this.newcomers : this.waiting.keys()
    if (owner === undefined) {
      this.running--
      return
    }
    this.newcomers.delete(owner)
    const queue = this.waiting.get(owner)!
    const begin = queue.shift()!
    // The owner goes to the end, so that the others come before its next piece.
    this.waiting.delete(owner)
    if (queue.length > 0) this.waiting.set(owner, queue)
    begin()
  }

  private isNew(owner: string): boolean {
    return this.now() - (this.seen.get(owner) ?? -Infinity) > NEW_AFTER_MS
  }

  private note(owner: string, at: number): void {
    this.seen.delete(owner)
    this.seen.set(owner, at)
    for (const other of this.seen.keys()) {
      if (!this.isNew(other)) return
      this.seen.delete(other)
    }
  }
}

const tooMany = (most: number): EngineError =>
  new EngineError(
    'RATE_LIMITED',
    `Parameters of ${most} jobs of your organization wait already for a check that takes long. Send fewer such jobs at once, or have the schema of the job type made simpler.`,
    { retryAfterSeconds: 2 },
  )
