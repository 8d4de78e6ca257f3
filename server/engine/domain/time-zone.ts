// Days and hours of an organization's time zone. The offsets are those of the runtime's own table (ICU).

/** What an organization has until an admin says otherwise. */
export const DEFAULT_TIME_ZONE = 'UTC'

/**
 * True for the name of a time zone of IANA's table, such as Europe/Berlin. Bare offsets are none: they know no summer
 * time.
 */
export function isTimeZone(name: string): boolean {
  if (name.length > 64 || !/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const HOUR = 3_600_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** What a clock of the zone shows at a moment, as if it were UTC, in milliseconds. */
function clockAt(time: number, timeZone: string): number {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(time)) part[type] = Number(value)
  return (
    Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second) +
    (((time % 1000) + 1000) % 1000)
  )
}

/** The day that a calendar in the zone shows at a moment, as 2026-01-31. */
export const dayAt = (time: number, timeZone: string): string =>
  new Date(clockAt(time, timeZone)).toISOString().slice(0, 10)

/** How many minutes of the day a clock in the zone shows at a moment: 0 at midnight, 1,439 at 23:59. */
export const minuteOfDay = (time: number, timeZone: string): number =>
  Math.floor((((clockAt(time, timeZone) % (24 * HOUR)) + 24 * HOUR) % (24 * HOUR)) / 60_000)

/** The day that is `days` later, or earlier where it is negative. */
export const dayPlus = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 24 * HOUR).toISOString().slice(0, 10)

/**
 * The moment at which a day begins in the zone: midnight, or the first moment after a midnight that the clock leaves
 * out.
 */
export function startOfDay(day: string, timeZone: string): number {
  const midnight = Date.parse(day)
  // Where the clock changes on that day, midnight of UTC may lie on the wrong side of the change. A zone is at most 14
  // hours from UTC, so 15 hours earlier and later lie surely before and after the moment at which the day begins.
  for (const around of [midnight, midnight - 15 * HOUR, midnight + 15 * HOUR]) {
    const time = midnight - (clockAt(around, timeZone) - around)
    if (dayAt(time, timeZone) === day && dayAt(time - 1, timeZone) < day) return time
  }
  // The clock leaves this midnight out. The first moment of the day surely lies between these two, and is found by halving.
  let [before, from] = [midnight - 26 * HOUR, midnight + 26 * HOUR]
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2)
    if (dayAt(middle, timeZone) < day) before = middle
    else from = middle
  }
  return from
}

/** The moment at which the hour began that a clock in the zone shows. */
export function startOfHour(time: number, timeZone: string): number {
  const clock = clockAt(time, timeZone)
  return time - (((clock % HOUR) + HOUR) % HOUR)
}
