import type { Db } from '@/server/db'

interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Milliseconds that items gather at most while a call runs. Then the next call starts beside it, because a call that
 * takes so long is probably held up by its own items.
 */
const GATHER_AT_MOST_MS = 50

/**
 * Gathers items that come one by one, and calls `run` with many of them, because a few large statements cost less than
 * many small ones. When the next call starts:
 * - While `maxCalls` calls run: not before one of them has ended.
 * - With `maxItems` items: now.
 * - While a call runs: when it ends, or 50 ms (`GATHER_AT_MOST_MS`, or `spacingMs` where that is longer) after it began.
 * - Otherwise: now, or `spacingMs` after the start of the last call if that had several items. So a caller who asks for
 *   one thing after the other never waits.
 */
export class Batcher<T, R> {
  private readonly waiting: Waiting<T, R>[] = []
  private running = 0
  private scheduled = false
  /** When the last call began. */
  private startedAt = -Infinity
  /** The spacing after the last call: 0 where it had only one item. */
  private spacingMs = 0
  private timer: { at: number; handle: NodeJS.Timeout } | undefined

  constructor(
    private readonly options: {
      /** The most items of one call. */
      maxItems: number
      /** The most calls that run at once. */
      maxCalls: number
      /** Milliseconds from the start of a call with several items to the start of the next call. 0 by default. */
      spacingMs?: number
      /** Returns the answers in the order of the items. */
      run: (items: T[]) => Promise<R[]>
    },
  ) {}

  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject })
      this.schedule()
    })
  }

  /** Items that arrive within one turn of the event loop go together. */
  private schedule(): void {
    if (this.scheduled || this.waiting.length === 0) return
    const ms = this.waitMs()
    if (ms > 0) {
      if (ms < Infinity) this.scheduleIn(ms)
      return
    }
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.start()
      this.schedule()
    })
  }

  /** An earlier time replaces a later one: a call that has ended may let the next one start sooner. */
  private scheduleIn(ms: number): void {
    const at = performance.now() + ms
    if (this.timer && this.timer.at <= at) return
    clearTimeout(this.timer?.handle)
    const handle = setTimeout(() => {
      this.timer = undefined
      this.schedule()
    }, ms)
    this.timer = { at, handle }
  }

  /** Milliseconds until a call may start. Infinity means not before another call has ended. */
  private waitMs(): number {
    if (this.running >= this.options.maxCalls) return Infinity
    if (this.waiting.length >= this.options.maxItems) return 0
    return (
      this.startedAt +
      (this.running > 0 ? Math.max(GATHER_AT_MOST_MS, this.spacingMs) : this.spacingMs) -
      performance.now()
    )
  }

  private start(): void {
    const batch = this.waiting.splice(0, this.options.maxItems)
    if (batch.length === 0) return
    this.running++
    this.startedAt = performance.now()
    this.spacingMs = batch.length > 1 ? (this.options.spacingMs ?? 0) : 0
    this.options
      .run(batch.map(({ item }) => item))
      .then(
        (results) => batch.forEach(({ resolve }, index) => resolve(results[index] as R)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        this.running--
        this.schedule()
      })
  }
}

/** Milliseconds. Without it, a hundred callers a second would each start a statement of their own. */
const READ_SPACING_MS = 10

/**
 * Makes a read that is one statement for all who ask within a few milliseconds. Each gets what the database says after
 * the question. A statement that is already running when the question comes is not used, because it may have read
 * before.
 */
export function gathered<T, R>(run: (db: Db, items: T[]) => Promise<R[]>): (db: Db, item: T) => Promise<R> {
  const batchers = new WeakMap<Db, Batcher<T, R>>()
  return (db, item) => {
    let batcher = batchers.get(db)
    if (!batcher)
      batchers.set(
        db,
        (batcher = new Batcher({
          maxItems: 100,
          maxCalls: 2,
          spacingMs: READ_SPACING_MS,
          run: (items) => run(db, items),
        })),
      )
    return batcher.add(item)
  }
}
