import { createHash } from 'node:crypto'
import { invalid } from '../job-options'
import { cronTimes } from './cron'

// When a schedule plans to run.

/** What is done with planned times that could not be met: nothing, one run for all of them, or up to `all` runs. */
export type Missed = 'skip' | 'one' | { all: number }
/** The most times that one preview of a schedule shows. */
export const MAX_PREVIEW = 100

/** The most missed runs that `missed: { all: … }` can ask for. */
export const MAX_CAUGHT_UP = 1_000
/** What is done when a run is due while the job of an earlier run is unfinished. */
export type Overlap = 'allow' | 'skip' | 'cancel'
/** Seconds. */
export const MAX_JITTER = 3_600
/** Schedules of one organization. */
export const MAX_SCHEDULES = 1_000

/** When something is to be done, again and again. */
export interface Recurrence {
  cron: string
  timeZone: string
  /** Planned times before `startAt` or after `endAt` do not count. Null: there is no such bound. */
  startAt: Date | null
  endAt: Date | null
}

/** The first planned time after `instant`, or null where none comes any more. */
export function nextTime({ cron, timeZone, startAt, endAt }: Recurrence, instant: Date): Date | null {
  const beforeStart = startAt && startAt > instant ? new Date(startAt.getTime() - 1) : instant
  const next = cronTimes(cron, timeZone).next(beforeStart)
  return next && endAt && next > endAt ? null : next
}

/** The first `count` planned times after `from`, or fewer where there are no more. */
export function nextTimes(recurrence: Recurrence, from: Date, count: number): Date[] {
  const times: Date[] = []
  for (let at = nextTime(recurrence, from); at && times.length < count; at = nextTime(recurrence, at)) times.push(at)
  return times
}

/**
 * How long after its planned time a run is submitted, in milliseconds. It is the same each time that it is asked, and
 * differs from schedule to schedule and from run to run.
 */
export function jitterOf(scheduleId: string, plannedAt: Date, jitterSeconds: number): number {
  if (jitterSeconds === 0) return 0
  const hash = createHash('sha256').update(`${scheduleId} ${plannedAt.toISOString()}`).digest()
  return Math.floor((hash.readUIntBE(0, 6) / 2 ** 48) * jitterSeconds * 1000)
}

/** A schedule whose runs are spread. */
export interface Spread extends Recurrence {
  id: string
  jitterSeconds: number
}

/**
 * When a planned time is due. It is always due before the next planned time comes. Otherwise a run with a long jitter
 * would hold up the runs after it, and those would count as missed.
 */
export function dueAt({ id, jitterSeconds, cron, timeZone }: Spread, plannedAt: Date): Date {
  if (jitterSeconds === 0) return plannedAt
  const next = cronTimes(cron, timeZone).next(plannedAt)
  const most = next ? Math.min(jitterSeconds, (next.getTime() - plannedAt.getTime()) / 1000) : jitterSeconds
  return new Date(plannedAt.getTime() + jitterOf(id, plannedAt, most))
}

/** Identifies the job of one planned time (rule 4.7). */
export const runKey = (scheduleId: string, plannedAt: Date): string =>
  `schedule:${scheduleId}:${plannedAt.toISOString()}`

/** @throws EngineError INVALID_INPUT for what no schedule can have. `at` is the prefix of the fields. */
export function requireRules(
  {
    missed,
    jitterSeconds,
    startAt,
    endAt,
  }: { missed: Missed; jitterSeconds: number; startAt: Date | null; endAt: Date | null },
  at: string,
): void {
  if (typeof missed === 'object' && !isWithin(missed.all, 1, MAX_CAUGHT_UP))
    throw invalid(`${at}missed.all`, `Give a whole number from 1 to ${MAX_CAUGHT_UP}.`)
  if (!isWithin(jitterSeconds, 0, MAX_JITTER))
    throw invalid(`${at}jitterSeconds`, `Give a whole number of seconds from 0 to ${MAX_JITTER}.`)
  if (startAt && endAt && endAt < startAt) throw invalid(`${at}endAt`, 'Give a time after startAt.')
}

const isWithin = (value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most

/**
 * @returns the first planned time after `now`
 * @throws EngineError INVALID_INPUT for an expression that cannot be read, or of which no time lies between start and
 * end
 */
export function requireComing(recurrence: Recurrence, now: Date, at: string): Date {
  cronTimes(recurrence.cron, recurrence.timeZone, at)
  const next = nextTime(recurrence, now)
  if (next) return next
  if (recurrence.endAt && recurrence.endAt <= now)
    throw invalid(`${at}endAt`, 'Give a time that has not passed yet, or leave it out.')
  throw recurrence.endAt
    ? invalid(`${at}endAt`, `No time of "${recurrence.cron}" comes before it. Give a later end, or another expression.`)
    : invalid(`${at}cron`, `No time of "${recurrence.cron}" comes any more.`)
}
