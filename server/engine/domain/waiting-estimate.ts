import type { QueueName } from './types'

// Estimates how long jobs still wait.

/**
 * The jobs of one organization and type in one queue of a worker pool: those that wait and can run by themselves, and
 * those under way.
 */
export interface Work {
  organizationId: string
  jobType: string
  queue: QueueName
  pool: string
  waiting: number
  underWay: number
  /** How long a job of it runs on average. Null where none has ended lately. */
  seconds: number | null
}

/** A limit on how many jobs run at once. */
export interface Bound {
  of: 'slots' | 'organization' | 'jobType' | 'jobTypeInOrganization'
  /** These four say whose jobs it limits. Null: those of every organization, of every type, and so on. */
  organizationId: string | null
  jobType: string | null
  queue: QueueName | null
  pool: string | null
  /** The limit as people set it, or all slots. */
  limit: number
  /** How many jobs of the given work may run at once: the limit, less what others take of it. */
  room: number
  /**
   * How much work got through it lately, where jobs waited for it all the while: how many attempts ended in how many
   * seconds, and their run times added up. Null where jobs did not wait all the while, or it is new.
   */
  measured: { seconds: number; ended: number; runSeconds: number } | null
}

export interface Estimate {
  seconds: number
  /** What decides. `time`: only the times for which the jobs are planned, so there is no job type and no limit. */
  limitedBy: { of: Bound['of'] | 'time'; jobType: string | null; limit: number | null }
}

/** Fewer attempts than this say too little about how many get through. */
export const LEAST_ENDED = 20
/** A gap is no longer than the run time, or than this where jobs are short. What looks longer was a standstill. */
const LONGEST_SHORT_GAP = 0.25

const boundApplies = (bound: Bound, work: Pick<Work, 'organizationId' | 'jobType' | 'queue' | 'pool'>) =>
  (bound.organizationId === null || bound.organizationId === work.organizationId) &&
  (bound.jobType === null || bound.jobType === work.jobType) &&
  (bound.queue === null || bound.queue === work.queue) &&
  (bound.pool === null || bound.pool === work.pool)

/**
 * Makes a function that estimates how long it takes until all waiting jobs of some work have run. Null where none waits,
 * where a bound lets nothing through, or where it is not known how long a job runs.
 *
 * It is the bottleneck bound of operational analysis (Denning and Buzen, "The Operational Analysis of Queueing Network
 * Models", ACM Computing Surveys 10/3, 1978): no plan is quicker than the busiest resource, and one that never leaves a
 * free place empty is hardly slower. For each bound with `room` m, over all work that passes it:
 *
 *     T = Σ jobs · (run time + gap) / m + (1 − 1/m) · run time / 2
 *
 * The last part is the end, when places fall empty one after the other (Graham's bound for list scheduling, SIAM J.
 * Appl. Math. 17/2, 1969, has at most the whole of it). Jobs under way count for half of their run time. The bound with
 * the largest T decides. Where all jobs find a place at once, T is the longest of their run times. `gap` is the time between two jobs in one place of the bound that decides today, measured
 * where jobs waited all the while: (m · time − run times) / jobs.
 *
 * @param today the bounds as they are, where `bounds` are those of another limit that somebody thinks about
 */
export function estimator(
  all: readonly Work[],
  bounds: readonly Bound[],
  today: readonly Bound[] = bounds,
): (of: readonly Work[]) => Estimate | null {
  const plain = timesThrough(today, all)
  const withGaps = new Map(
    all.map((work) => [work, { ...work, seconds: secondsWithGap(work, slowestOf(plain, [work])?.bound) }]),
  )
  const times = timesThrough(bounds, [...withGaps.values()])
  return (of) => {
    const asked = of.filter(({ waiting }) => waiting > 0)
    if (asked.length === 0 || asked.some(({ seconds }) => seconds === null)) return null
    const slowest = slowestOf(times, asked)
    if (!slowest || !Number.isFinite(slowest.seconds)) return null
    const { of: what, jobType, limit } = slowest.bound
    return { seconds: slowest.seconds, limitedBy: { of: what, jobType, limit } }
  }
}

interface Through {
  bound: Bound
  seconds: number
}

const timesThrough = (bounds: readonly Bound[], all: readonly Work[]): Through[] =>
  bounds.map((bound) => ({ bound, seconds: timeThrough(bound, all) }))

/** Where several are equally slow, the narrowest decides. Bounds come from the widest to the narrowest. */
const slowestOf = (times: readonly Through[], asked: readonly Work[]): Through | null =>
  times
    .filter(({ bound }) => asked.some((work) => boundApplies(bound, work)))
    .reduce<Through | null>((worst, each) => (worst && worst.seconds > each.seconds ? worst : each), null)

function secondsWithGap({ seconds }: Work, bound: Bound | undefined): number | null {
  const measured = bound?.measured
  if (seconds === null || !bound || !measured || measured.ended < LEAST_ENDED) return seconds
  const gap = (bound.room * measured.seconds - measured.runSeconds) / measured.ended
  return seconds + Math.min(Math.max(0, gap), Math.max(seconds, LONGEST_SHORT_GAP))
}

function timeThrough(bound: Bound, all: readonly Work[]): number {
  const { room } = bound
  const passing = all.filter(
    (work) => work.seconds !== null && work.waiting + work.underWay > 0 && boundApplies(bound, work),
  )
  const jobs = passing.reduce((sum, { waiting, underWay }) => sum + waiting + underWay / 2, 0)
  if (jobs === 0) return 0
  if (room <= 0) return Infinity
  if (jobs <= room) return Math.max(...passing.map(({ seconds }) => seconds!))
  const run = passing.reduce((sum, { waiting, underWay, seconds }) => sum + (waiting + underWay / 2) * seconds!, 0)
  return run / room + ((1 - 1 / room) * (run / jobs)) / 2
}
