import { dayAt, dayPlus, startOfDay, startOfHour } from '@/server/engine/domain/time-zone'
import { PermanentError } from '@jobyard/handler'

/** A period. `from` belongs to it, `to` does not. */
export interface Period {
  from: Date
  to: Date
  /** The organization's, by which its days and hours are told. */
  timeZone: string
  /** Its first and last day, as 2026-01-31. */
  firstDay: string
  lastDay: string
  /** What the charts count by. */
  unit: 'hour' | 'day'
  /** Where each hour or day of it begins. The first may begin before the period. */
  starts: Date[]
}

const HOUR = 3_600_000
const MAX_DAYS = 366
/** Periods up to so long are counted by hours. */
const BY_HOURS_MS = 48 * HOUR

/**
 * The period that the parameters mean. Days begin and end in the time zone. A day that is given as `to` is part of the
 * period. Without `to` it ends now. Without `from` it covers seven days.
 *
 * @throws PermanentError where there is no such period, or it is too long
 */
export function periodOf({ from, to }: { from?: string; to?: string }, now: Date, timeZone: string): Period {
  const at = (text: string) => (isDay(text) ? startOfDay(text, timeZone) : Date.parse(text))
  const asked = to === undefined ? now.getTime() : at(isDay(to) ? dayPlus(to, 1) : to)
  // A time in the future would only make an empty end of the chart.
  const end = Math.min(asked, now.getTime())
  const lastDay = dayAt(end - 1, timeZone)
  const start = from === undefined ? startOfDay(dayPlus(lastDay, -6), timeZone) : at(from)
  if (start >= now.getTime()) throw new PermanentError('The period lies in the future: choose an earlier "from"')
  if (start >= end) throw new PermanentError('"from" must be before "to"')
  const firstDay = dayAt(start, timeZone)
  const longest = startOfDay(dayPlus(firstDay, MAX_DAYS), timeZone) - startOfDay(firstDay, timeZone)
  if (end - start > longest) throw new PermanentError(`A report covers at most ${MAX_DAYS} days: choose a later "from"`)
  const unit = end - start <= BY_HOURS_MS ? 'hour' : 'day'
  const starts = unit === 'hour' ? hours(startOfHour(start, timeZone), end) : days(firstDay, lastDay, timeZone)
  return { from: new Date(start), to: new Date(end), timeZone, firstDay, lastDay, unit, starts }
}

/** True for 2026-01-31. The handler's schema lets only days and moments in, and a moment is longer. */
const isDay = (text: string) => text.length === 10

/** When each hour from `first` begins that begins before `end`. */
function hours(first: number, end: number): Date[] {
  return Array.from({ length: Math.ceil((end - first) / HOUR) }, (_, n) => new Date(first + n * HOUR))
}

/** When each of these days begins, the last included. */
function days(firstDay: string, lastDay: string, timeZone: string): Date[] {
  const found: Date[] = []
  for (let day = firstDay; day <= lastDay; day = dayPlus(day, 1)) found.push(new Date(startOfDay(day, timeZone)))
  return found
}
