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
  if (dayPlus(firstDay, MAX_DAYS) < lastDay)
    throw new PermanentError(`A report covers at most ${MAX_DAYS} days: choose a later "from"`)
  const unit = end - start <= BY_HOURS_MS ? 'hour' : 'day'
  const starts: Date[] = []
  if (unit === 'hour')
    for (let time = startOfHour(start, timeZone); time < end; time += HOUR) starts.push(new Date(time))
  else for (let day = firstDay; day <= lastDay; day = dayPlus(day, 1)) starts.push(new Date(startOfDay(day, timeZone)))
  return { from: new Date(start), to: new Date(end), timeZone, firstDay, lastDay, unit, starts }
}

const isDay = (text: string) => text.length === 10
