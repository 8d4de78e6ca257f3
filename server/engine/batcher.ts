interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/** A call that takes longer has met something of its own: what gathered meanwhile waits for it no more. */
const SLOW_MS = 50

/**
 * Gathers items that come one by one into calls of `run` with many. A call starts at once when none is
 * under way, so an idle system waits for nothing; while one runs, items gather: few large statements
 * cost less than many small ones. Further calls, up to `inFlight`, start beside it only when a full one
 * has gathered, or when it is slow.
 */
export class Batcher<T, R> {
  private readonly waiting: Waiting<T, R>[] = []
  private running = 0
  private scheduled = false
  private startedAt = 0
  private late: NodeJS.Timeout | undefined

  constructor(
    private readonly options: {
      max: number
      inFlight: number
      /** Answers in the order of the items. */
      run: (items: T[]) => Promise<R[]>
    },
  ) {}

  add(item: T): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject })
      this.schedule()
    })
  }

  /** One turn of the event loop gathers what arrives together. */
  private schedule(): void {
    if (this.scheduled) return
    if (!this.mayStart()) {
      if (this.running < this.options.inFlight) this.late ??= setTimeout(() => this.lookAgain(), SLOW_MS).unref()
      return
    }
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.start()
    })
  }

  private lookAgain(): void {
    this.late = undefined
    if (this.waiting.length > 0) this.schedule()
  }

  private mayStart(): boolean {
    if (this.running === 0) return true
    if (this.running >= this.options.inFlight) return false
    return this.waiting.length >= this.options.max || performance.now() - this.startedAt >= SLOW_MS
  }

  private start(): void {
    if (this.waiting.length === 0 || !this.mayStart()) return
    const batch = this.waiting.splice(0, this.options.max)
    this.running++
    this.startedAt = performance.now()
    this.options
      .run(batch.map(({ item }) => item))
      .then(
        (results) => batch.forEach(({ resolve }, index) => resolve(results[index] as R)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        this.running--
        if (this.waiting.length > 0) this.schedule()
      })
    if (this.waiting.length > 0) this.schedule()
  }
}
