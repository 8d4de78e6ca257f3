import { PermanentError } from '@jobyard/handler'

/** A period. `from` belongs to it, `to` does not. */
export interface Period {
  from: Date
  to: Date
  /** Its first and last day (UTC), as 2026-01-31. */
  firstDay: string
  lastDay: string
}

const DAY = 86_400_000
const MAX_DAYS = 366

/**
 * The period that the parameters mean. A day that is given as `to` is part of it. Without `to` it ends now. Without
 * `from` it covers seven days.
 */
export function periodOf({ from, to }: { from?: string; to?: string }, now: Date): Period {
  const asked = to === undefined ? now.getTime() : Date.parse(to) + (isDay(to) ? DAY : 0)
  // A time in the future would only make an empty end of the chart.
  const end = Math.min(asked, now.getTime())
  const start = from === undefined ? startOfDay(end - 1) - 6 * DAY : Date.parse(from)
  if (start >= now.getTime()) throw new PermanentError('The period lies in the future: choose an earlier "from"')
  if (start >= end) throw new PermanentError('"from" must be before "to"')
  if (end - start > MAX_DAYS * DAY)
    throw new PermanentError(`A report covers at most ${MAX_DAYS} days: choose a later "from"`)
  return { from: new Date(start), to: new Date(end), firstDay: dayOf(start), lastDay: dayOf(end - 1) }
}

const isDay = (text: string) => text.length === 10
const startOfDay = (time: number) => Math.floor(time / DAY) * DAY
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
