import type { QueueName } from '@/server/engine'

/** Weight of the newest measurement. */
const NEW = 0.1
const ENOUGH = 5
const WINDOW_MS = 1_000

/** What this worker measured of its own runs: the mean per job type, and the rate per queue. */
export class Meter {
  private readonly types = new Map<string, { mean: number; runs: number }>()
  private readonly rates: Record<QueueName, { since: number; count: number; perSecond: number }> = {
    INLINE: { since: 0, count: 0, perSecond: 0 },
    ISOLATED: { since: 0, count: 0, perSecond: 0 },
  }

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Notes a run that ended by itself. */
  ran(queue: QueueName, jobType: string, ms: number): void {
    const type = this.types.get(jobType) ?? { mean: ms, runs: 0 }
    type.mean += NEW * (ms - type.mean)
    type.runs++
    this.types.set(jobType, type)
    const rate = this.rates[queue]
    const now = this.now()
    if (now - rate.since >= WINDOW_MS / 5) {
      const seconds = (now - rate.since) / 1000
      // A pause is no measurement: only what follows closely tells the rate.
      rate.perSecond = seconds > WINDOW_MS / 1000 ? 0 : Math.max(rate.count / seconds, rate.perSecond * (1 - NEW))
      rate.since = now
      rate.count = 0
    }
    rate.count++
  }

  /** Undefined until there are a few runs: one may have waited for anything. */
  meanRunMs(jobType: string): number | undefined {
    const type = this.types.get(jobType)
    return type && type.runs >= ENOUGH ? type.mean : undefined
  }

  jobsPerSecond(queue: QueueName): number {
    const rate = this.rates[queue]
    return this.now() - rate.since > WINDOW_MS ? 0 : rate.perSecond
  }
}
