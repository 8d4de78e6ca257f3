/**
 * How long a message that yields waits. For BullMQ it occupies the last slot meanwhile. Another organization's first
 * job, for which that slot is kept, may have to wait for this, and has to start within 2 s.
 */
const WAIT_MS = 500

/**
 * Keeps the last free slot of a queue on this worker for messages that do not yield it (rule 4.11): BullMQ hands out
 * messages for as long as a slot is free, and a job that runs long holds its slot to the end.
 *
 * A message that yields is taken, and waits here until another slot than the last is free. Mostly that is a matter of
 * milliseconds, because messages that yield are handed out only while jobs that were measured to be short hold some of
 * the slots. Where it takes longer, these were not short.
 */
export class LastSlot {
  private running = 0
  private closed = false
  /** Messages that wait, the one that came first at the front. */
  private readonly waiting = new Set<(mayStart: boolean) => void>()

  constructor(
    private readonly slots: number,
    private readonly waitMs = WAIT_MS,
  ) {}

  /** Resolves with true when a message may start, which then holds a slot until `leave`. False: it has to go back. */
  enter(yields: boolean): Promise<boolean> {
    if (!yields || this.hasSpare()) {
      this.running++
      return Promise.resolve(true)
    }
    if (this.closed) return Promise.resolve(false)
    return new Promise<boolean>((resolve) => {
      const answer = (mayStart: boolean) => {
        clearTimeout(timer)
        this.waiting.delete(answer)
        if (mayStart) this.running++
        resolve(mayStart)
      }
      const timer = setTimeout(() => answer(false), this.waitMs)
      this.waiting.add(answer)
    })
  }

  /** A message that was let in has ended: another may start in its place. */
  leave(): void {
    this.running--
    const [first] = this.waiting
    if (first && this.hasSpare()) first(true)
  }

  /** Sends back what waits, and from now on whatever would have to wait: the worker drains. */
  close(): void {
    this.closed = true
    for (const answer of [...this.waiting]) answer(false)
  }

  /** Whether a slot is free besides the last. */
  private hasSpare(): boolean {
    return this.running < this.slots - 1
  }
}
