import type { Kind, QueueName } from '@/server/engine'

// Measures how long jobs run, so that the dispatcher knows how much work it has handed out.

/** The weight of the newest measurement in a mean. */
const WEIGHT_OF_NEWEST = 0.1
/** How many runs it takes before a mean or a longest run counts. */
const ENOUGH_RUNS = 5
/** A rate is forgotten after so long a pause. It is measured five times in this time. */
const WINDOW_MS = 1_000
/**
 * Jobs in a second. A mean of microseconds says what a thread could run, but not what a worker can claim and report, so
 * the estimate ends here.
 */
const MOST_PER_SECOND = 5_000
/** How long a kind of job is remembered after its last run ended. */
const REMEMBERED_MS = 10_000
/** The number of kinds that are remembered. The one that ran least recently is forgotten first. */
const MOST_KINDS = 500
/** The share of the longest run's length that is left after each further run. */
const FADE = 0.9

/**
 * What this worker has measured of its own runs: the mean per job type, the longest recent run per kind (organization
 * and job type), and the rate per queue.
 */
export class Meter {
  private readonly types = new Map<string, { mean: number; runs: number }>()
  /** What was measured of each kind of job. The kind of the run that ended last comes last. */
  private readonly kinds = new Map<string, Kind & { longest: number; runs: number; at: number }>()
  private readonly rates: Record<
    QueueName,
    { since: number; count: number; perSecond: number; mean: number; runs: number }
  > = {
    INLINE: { since: 0, count: 0, perSecond: 0, mean: 0, runs: 0 },
    ISOLATED: { since: 0, count: 0, perSecond: 0, mean: 0, runs: 0 },
  }

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Records a run that ended by itself. */
  recordRun(queue: QueueName, jobType: string, ms: number): void {
    const type = this.types.get(jobType) ?? { mean: ms, runs: 0 }
    type.mean += WEIGHT_OF_NEWEST * (ms - type.mean)
    type.runs++
    this.types.set(jobType, type)
    const rate = this.rates[queue]
    const now = this.now()
    if (now - rate.since >= WINDOW_MS / 5) {
      const seconds = (now - rate.since) / 1000
      // A pause is not measured. Only runs that follow each other closely tell the rate, which rises at once and falls
      // slowly.
      rate.perSecond =
        seconds > WINDOW_MS / 1000 ? 0 : Math.max(rate.count / seconds, rate.perSecond * (1 - WEIGHT_OF_NEWEST))
      rate.since = now
      rate.count = 0
    }
    rate.count++
    rate.mean = rate.runs++ === 0 ? ms : rate.mean + WEIGHT_OF_NEWEST * (ms - rate.mean)
  }

  /** Undefined until there were a few runs, because a single one may have waited for anything. */
  meanRunMs(jobType: string): number | undefined {
    const type = this.types.get(jobType)
    return type && type.runs >= ENOUGH_RUNS ? type.mean : undefined
  }

  /** Records how long a run held its slot, however it ended. */
  recordSlotTime({ organizationId, jobType }: Kind, ms: number): void {
    const key = `${organizationId} ${jobType}`
    const at = this.now()
    const known = this.kinds.get(key)
    const { longest, runs } = known && at - known.at <= REMEMBERED_MS ? known : { longest: 0, runs: 0 }
    this.kinds.delete(key)
    this.kinds.set(key, { organizationId, jobType, longest: Math.max(ms, FADE * longest), runs: runs + 1, at })
    if (this.kinds.size > MOST_KINDS) this.kinds.delete(this.kinds.keys().next().value!)
  }

  /**
   * Kinds that ran a few times within the last seconds, and never for longer than this. One long run is forgotten after
   * many short ones.
   */
  shortKinds(ms: number): Kind[] {
    const since = this.now() - REMEMBERED_MS
    return [...this.kinds.values()].filter(
      ({ longest, runs, at }) => at >= since && runs >= ENOUGH_RUNS && longest <= ms,
    )
  }

  /**
   * How many jobs of a queue make up this many seconds of work. It is estimated by how many ended recently and by how
   * long one takes, and the larger number counts. The first is too low where work has only begun, the second where many
   * jobs wait side by side.
   */
  jobsWorth(queue: QueueName, seconds: number): number {
    const { since, perSecond, mean, runs } = this.rates[queue]
    if (this.now() - since > WINDOW_MS) return 0
    return Math.ceil(seconds * Math.max(perSecond, runs >= ENOUGH_RUNS ? Math.min(1000 / mean, MOST_PER_SECOND) : 0))
  }
}
