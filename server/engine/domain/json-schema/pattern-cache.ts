/** Something that was compiled, and how many bytes of memory it takes by now. */
export interface Weighed<T> {
  value: T
  bytes: number
}

/**
 * Keeps what was compiled, by its source, up to `mostBytes` in sum: the patterns of schemas, which grow while they are
 * used (patterns.ts). Roughly what was asked for least recently goes first. Nothing else may hold what is kept here, or
 * its memory would not be freed.
 */
export class WeighedCache<T> {
  private readonly kept = new Map<string, Weighed<T>>()
  private sum = 0

  constructor(private readonly mostBytes: number) {}

  /** Bytes of everything that is kept. */
  get bytes(): number {
    return this.sum
  }

  get(source: string): T | undefined {
    const found = this.kept.get(source)
    if (!found) return undefined
    // While there is much room, nothing will have to go soon, and the order does not matter.
    if (this.sum > this.mostBytes / 2) {
      this.kept.delete(source)
      this.kept.set(source, found)
    }
    return found.value
  }

  /** For a source that is not kept yet. */
  put(source: string, value: T, bytes: number): void {
    this.kept.set(source, { value, bytes })
    this.sum += bytes
    this.shrink(source)
  }

  /** Notes that something takes more memory, or less, than before. Does nothing where it is not kept any more. */
  reweigh(source: string, value: T, bytes: number): void {
    const found = this.kept.get(source)
    if (found?.value !== value || found.bytes === bytes) return
    this.sum += bytes - found.bytes
    found.bytes = bytes
    this.shrink(source)
  }

  /** What is in use stays, even if it is too large by itself: it goes when the next one comes. */
  private shrink(inUse: string): void {
    for (const [source, { bytes }] of this.kept) {
      if (this.sum <= this.mostBytes) return
      if (source === inUse) continue
      this.kept.delete(source)
      this.sum -= bytes
    }
  }
}
