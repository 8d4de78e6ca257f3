/**
 * Lets only so much work run at once, and takes waiting work from its owners in turn. An owner with a thousand pieces
 * delays another owner's single piece by one piece, and not by a thousand.
 */
export class Turns {
  private running = 0
  private readonly waiting = new Map<string, (() => void)[]>()

  constructor(private readonly atOnce: number) {}

  async run<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      await new Promise<void>((begin) => {
        const queue = this.waiting.get(owner)
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
