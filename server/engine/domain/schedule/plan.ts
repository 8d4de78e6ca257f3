import { cronTimes } from './cron'
import { dueAt, nextTime, type Missed, type Spread } from './recurrence'

/** A planned time that could not be met within this many milliseconds counts as missed (rule 4.27). */
export const MISSED_AFTER_MS = 60_000
/**
 * How many due times are decided about one by one: somewhat more than the runs that may be made up for (MAX_CAUGHT_UP).
 * After a longer gap the plan skips to the end of the gap.
 */
const MOST_TIMES = 1_100

/** A schedule of which a planned time has come. */
export interface Due extends Spread {
  missed: Missed
  /** The first planned time of which nobody has decided yet. */
  nextRunAt: Date
}

/** Planned times that are passed over because they were missed. */
export interface Passed {
  first: Date
  last: Date
  count: number
  /** There were more, and nobody counted them. */
  atLeast: boolean
}

/** What is to be done with a due schedule at this moment: one run at most. */
export interface Plan {
  passed: Passed | null
  run: Date | null
  /** The planned time to decide about afterwards. It may have come already. Null where none comes any more. */
  next: Date | null
}

/** Decides about the planned times that have come, by the rule for missed ones (rule 4.27). */
export function planRun(due: Due, now: Date): Plan {
  const times = dueTimes(due, now)
  if (times.length > MOST_TIMES) return planAfterLongGap(due, times, now)
  const late = times.filter((at) => isLate(due, at, now))
  const run = firstToRun(due.missed, late, times[late.length])
  const passed = run ? times.filter((at) => at < run) : times
  const last = run ?? times.at(-1)
  return { passed: passedOver(passed), run, next: last ? nextTime(due, last) : due.nextRunAt }
}

/** The planned times that are due, oldest first, at most one more than are looked at. */
function dueTimes(due: Due, now: Date): Date[] {
  const times: Date[] = []
  for (let at: Date | null = due.nextRunAt; at && times.length <= MOST_TIMES; at = nextTime(due, at)) {
    if (dueAt(due, at) > now) break
    times.push(at)
  }
  return times
}

const isLate = (due: Due, at: Date, now: Date) => now.getTime() - dueAt(due, at).getTime() > MISSED_AFTER_MS

/**
 * The oldest due time that gets a run. Where one run is enough for all missed times, a time that is met in time is that
 * run.
 *
 * @param late the missed times, oldest first: all, or at least the last ones that may get a run
 * @param inTime the first due time that is not missed. Times are due in their order, so it follows the missed ones
 */
function firstToRun(missed: Missed, late: Date[], inTime: Date | undefined): Date | null {
  const madeUp =
    missed === 'skip' || (missed === 'one' && inTime) ? [] : late.slice(missed === 'one' ? -1 : -missed.all)
  return madeUp[0] ?? inTime ?? null
}

/**
 * The plan where more times are due than are looked at one by one, for instance after a week without a worker. It
 * passes over all times that get no run at once, and finds the missed ones that do from the end of the gap.
 *
 * @param times the oldest of those that are due
 */
function planAfterLongGap(due: Due, times: Date[], now: Date): Plan {
  const cron = cronTimes(due.cron, due.timeZone)
  const lateUntil = new Date(now.getTime() - MISSED_AFTER_MS - 1)
  const until = due.endAt && due.endAt < lateUntil ? due.endAt : lateUntil
  // The last of these may be due in time because of its jitter. So one more is asked for.
  const mostRuns = typeof due.missed === 'object' ? due.missed.all : 1
  const late = cron.latest(mostRuns + 1, until).filter((at) => isLate(due, at, now))
  const following = nextTime(due, late.at(-1)!)
  const inTime = following && dueAt(due, following) <= now ? following : undefined
  const run = firstToRun(due.missed, late, inTime)
  const last = run ?? late.at(-1)!
  const lastPassed = run ? cron.latest(1, new Date(run.getTime() - 1))[0]! : last
  const looked = passedOver(times.filter((at) => at <= lastPassed))
  const passed = looked && { ...looked, last: lastPassed, atLeast: lastPassed > looked.last }
  return { passed, run, next: nextTime(due, last) }
}

const passedOver = (times: Date[]): Passed | null =>
  times.length === 0 ? null : { first: times[0]!, last: times.at(-1)!, count: times.length, atLeast: false }
