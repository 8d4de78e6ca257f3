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
  if (times.length > MOST_TIMES) {
    const plan = skipLongGap(due, times, now)
    if (plan) return plan
  }
  const isLate = (at: Date) => now.getTime() - dueAt(due, at).getTime() > MISSED_AFTER_MS
  const late = times.filter(isLate)
  const onTime = times.filter((at) => !isLate(at))
  const [run] = timesToRun(due.missed, late, onTime)
  const passed = run ? times.filter((at) => at < run) : times
  const last = run ?? times.at(-1)
  return { passed: passedOver(passed), run: run ?? null, next: last ? nextTime(due, last) : due.nextRunAt }
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

/**
 * The due times that get a run, oldest first. Where one run is enough for all missed times, a time that is met in time
 * is that run.
 */
function timesToRun(missed: Missed, late: Date[], onTime: Date[]): Date[] {
  if (missed === 'skip') return onTime
  if (missed === 'one') return onTime.length > 0 ? onTime : late.slice(-1)
  return [...late.slice(-missed.all), ...onTime].sort((a, b) => a.getTime() - b.getTime())
}

/**
 * The plan after a gap of more than `MOST_TIMES` due times, for instance after a week without a worker. It passes over
 * the gap at once. It stops before the oldest missed time that still gets a run. Null where that time is among the
 * `times` that were looked at, because then nothing can be skipped.
 */
function skipLongGap(due: Due, times: Date[], now: Date): Plan | null {
  // A time before this moment is late, whatever its jitter is.
  const surelyLate = new Date(now.getTime() - MISSED_AFTER_MS - due.jitterSeconds * 1000 - 1)
  const cron = cronTimes(due.cron, due.timeZone)
  const runsForMissed = due.missed === 'skip' ? 0 : due.missed === 'one' ? 1 : due.missed.all
  const until = due.endAt && due.endAt < surelyLate ? due.endAt : surelyLate
  const target = runsForMissed > 0 ? cron.latest(runsForMissed, until)[0]! : nextTime(due, until)
  if (!target)
    return { passed: { ...passedOver(times)!, last: cron.latest(1, until)[0]!, atLeast: true }, run: null, next: null }
  if (target <= times.at(-1)!) return null
  const [last] = cron.latest(1, new Date(target.getTime() - 1000))
  return { passed: { first: times[0]!, last: last!, count: times.length, atLeast: true }, run: null, next: target }
}

const passedOver = (times: Date[]): Passed | null =>
  times.length === 0 ? null : { first: times[0]!, last: times.at(-1)!, count: times.length, atLeast: false }
