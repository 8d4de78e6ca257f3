import type { QueueName } from '@/server/engine'

/** Weight of the newest measurement. */
const NEW = 0.1
const ENOUGH = 5
const WINDOW_MS = 1_000
/** A mean of microseconds says what a thread could run, not what a worker can claim and report. */
const MOST_PER_SECOND = 5_000

/** What this worker measured of its own runs: the mean per job type, and the rate per queue. */
export class Meter {
  private readonly types = new Map<string, { mean: number; runs: number }>()
  private readonly rates: Record<QueueName, { since: number; count: number; perSecond: number; mean: number; runs: number }> = {
    INLINE: { since: 0, count: 0, perSecond: 0, mean: 0, runs: 0 },
    ISOLATED: { since: 0, count: 0, perSecond: 0, mean: 0, runs: 0 },
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
    rate.mean = rate.runs++ === 0 ? ms : rate.mean + NEW * (ms - rate.mean)
  }

  /** Undefined until there are a few runs: one may have waited for anything. */
  meanRunMs(jobType: string): number | undefined {
    const type = this.types.get(jobType)
    return type && type.runs >= ENOUGH ? type.mean : undefined
  }

  /** Job types whose measured mean is at most this. One that was never measured is none of them. */
  shortTypes(ms: number): string[] {
    return [...this.types].flatMap(([name, { mean, runs }]) => (runs >= ENOUGH && mean <= ms ? [name] : []))
  }

  /**
   * How many jobs of a queue make up so much measured work: by how many ended lately, or by how long one
   * takes, whichever is more. The rate is late where work has only begun, the mean where jobs wait together.
   */
  jobsWorth(queue: QueueName, seconds: number): number {
    const { since, perSecond, mean, runs } = this.rates[queue]
    if (this.now() - since > WINDOW_MS) return 0
    return Math.ceil(seconds * Math.max(perSecond, runs >= ENOUGH ? Math.min(1000 / mean, MOST_PER_SECOND) : 0))
  }
}
