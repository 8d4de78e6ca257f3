import type { Kind, QueueName } from '@/server/engine'

/** Weight of the newest measurement. */
const NEW = 0.1
/** Runs before a mean or a longest run counts. */
const ENOUGH = 5
/** A rate is forgotten after so long a pause. */
const WINDOW_MS = 1_000
/** The most jobs a second that a mean may promise: a worker cannot claim and report as fast as jobs of microseconds run. */
const MOST_PER_SECOND = 5_000
/** A kind of job is forgotten when none of it ended for so long. */
const REMEMBERED_MS = 10_000
/** The number of kinds that are remembered. The one that ran least recently is forgotten first. */
const MOST_KINDS = 500
/** With each run the length of the longest one before it counts for this much of what it did. */
const FADE = 0.9

/** What this worker measured of its own runs: the mean of each job type, the longest recent run of each kind, and the rate of each queue. */
export class Meter {
  private readonly types = new Map<string, { mean: number; runs: number }>()
  /** In the order in which a run of them last ended. */
  private readonly kinds = new Map<string, Kind & { longest: number; runs: number; at: number }>()
  private readonly rates: Record<
    QueueName,
    { since: number; count: number; perSecond: number; mean: number; runs: number }
  > = {
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

  /** The mean run of a job type in milliseconds. Undefined until there are a few runs: a single one may have waited for anything. */
  meanRunMs(jobType: string): number | undefined {
    const type = this.types.get(jobType)
    return type && type.runs >= ENOUGH ? type.mean : undefined
  }

  /** Notes how long a run held its slot, whatever ended it. */
  held({ organizationId, jobType }: Kind, ms: number): void {
    const key = `${organizationId} ${jobType}`
    const at = this.now()
    const known = this.kinds.get(key)
    const { longest, runs } = known && at - known.at <= REMEMBERED_MS ? known : { longest: 0, runs: 0 }
    this.kinds.delete(key)
    this.kinds.set(key, { organizationId, jobType, longest: Math.max(ms, FADE * longest), runs: runs + 1, at })
    if (this.kinds.size > MOST_KINDS) this.kinds.delete(this.kinds.keys().next().value!)
  }

  /**
   * The kinds of jobs that are short: each ran a few times, lately, and for at most `ms` each time. A long run is forgotten
   * after many short ones.
   */
  shortKinds(ms: number): Kind[] {
    const since = this.now() - REMEMBERED_MS
    return [...this.kinds.values()].filter(({ longest, runs, at }) => at >= since && runs >= ENOUGH && longest <= ms)
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
