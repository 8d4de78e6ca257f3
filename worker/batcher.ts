interface Waiting<T, R> {
  item: T
  resolve: (result: R) => void
  reject: (error: unknown) => void
}

/**
 * Gathers items that come one by one into calls of `run` with many. A call starts at once when none
 * is under way, so an idle system waits for nothing; while `inFlight` calls run, items gather.
 */
export class Batcher<T, R> {
  private readonly waiting: Waiting<T, R>[] = []
  private running = 0
  private scheduled = false

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
    if (this.scheduled || this.running >= this.options.inFlight) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.start()
    })
  }

  private start(): void {
    if (this.waiting.length === 0 || this.running >= this.options.inFlight) return
    const batch = this.waiting.splice(0, this.options.max)
    this.running++
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
