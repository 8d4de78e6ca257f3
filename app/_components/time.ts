// Formats times, durations and numbers. Callers pass `now`, so nothing here reads the clock, except `zoneNote`.

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * A time as "just now", "12s ago", "in 3m" or "4d ago". From 30 days on it is the date. It is short enough for a
 * column.
 */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(now - at)
  if (distance < 2 * SECOND) return 'just now'
  if (isFar(at, now)) return shortDate().format(at)
  const [size, unit] =
    distance < MINUTE
      ? [SECOND, 's']
      : distance < HOUR
        ? [MINUTE, 'm']
        : distance < DAY
          ? [HOUR, 'h']
          : ([DAY, 'd'] as const)
  const text = `${Math.floor(distance / size)}${unit}`
  return at > now ? `in ${text}` : `${text} ago`
}

/** True for a time that `formatRelative` shows as a date. */
export const isFar = (at: number, now: number) => Math.abs(now - at) >= 30 * DAY

/**
 * A formatter that is made when it is first used. Making one takes several milliseconds, and a page uses few of them.
 */
export function formatter(options: Intl.DateTimeFormatOptions) {
  let made: Intl.DateTimeFormat | undefined
  return () => (made ??= new Intl.DateTimeFormat('en', options))
}

const shortDate = formatter({ day: 'numeric', month: 'short', year: 'numeric' })
const EXACT: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  // `hour12: false` would call the first hour of a day the 24th.
  hourCycle: 'h23',
  timeZoneName: 'short',
}
const exact = formatter(EXACT)
const clock = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

const utc = formatter({
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZone: 'UTC',
})

const exactByZone = new Map<string, Intl.DateTimeFormat>()
function exactIn(timeZone: string): Intl.DateTimeFormat {
  const format = exactByZone.get(timeZone) ?? new Intl.DateTimeFormat('en', { ...EXACT, timeZone })
  exactByZone.set(timeZone, format)
  return format
}

/** The full date and time in the reader's time zone. */
export const formatExact = (at: number) => exact().format(at)

/**
 * The full time for a tooltip, in the reader's time zone or another one. Where that zone is not UTC, the time in UTC
 * follows.
 */
export function formatBoth(at: number, timeZone?: string): string {
  const own = (timeZone ? exactIn(timeZone) : exact()).format(at)
  return /\bUTC$/.test(own) ? own : `${own} = ${utc().format(at)} UTC`
}

/** A note such as "Times are in Europe/Berlin (GMT+1)." A field for a date and time does not show its zone. */
export function zoneNote(now = new Date()): string {
  const { timeZone } = exact().resolvedOptions()
  const short = exact()
    .formatToParts(now)
    .find(({ type }) => type === 'timeZoneName')?.value
  return `Times are in ${timeZone}${short && short !== timeZone ? ` (${short})` : ''}.`
}

const MINUTES: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const minute = formatter(MINUTES)
const monthDay = formatter({ day: 'numeric', month: 'short' })
const dayAndMinute = formatter({ day: 'numeric', month: 'short', ...MINUTES })
const dateAndMinute = formatter({ day: 'numeric', month: 'short', year: 'numeric', ...MINUTES })

const isSameYear = (at: number, now: number) => new Date(at).getFullYear() === new Date(now).getFullYear()
const isSameDay = (at: number, now: number) => new Date(at).toDateString() === new Date(now).toDateString()

/** The time of day, such as "03:24". */
export const formatMinute = (at: number) => minute().format(at)

/** The time of day with seconds, such as "03:24:05". */
export const formatSecond = (at: number) => clock().format(at)

/** The day without its year, such as "Nov 30". For a range of some days. */
export const formatMonthDay = (at: number) => monthDay().format(at)

/** The day and the time of day, without the year, such as "Nov 30, 03:24". For a range of some days. */
export const formatDayAndMinute = (at: number) => dayAndMinute().format(at)

/** The date and the time of day, such as "Nov 30, 2026, 03:24". */
export const formatDateAndMinute = (at: number) => dateAndMinute().format(at)

/** A day: "Nov 30", or "Nov 30, 2027" in another year than the present one. */
export const formatDayNear = (at: number, now: number) => (isSameYear(at, now) ? monthDay : shortDate)().format(at)

/** A time: "03:24" today, "Nov 30, 03:24" on another day, and "Nov 30, 2027, 03:24" in another year. */
export function formatNear(at: number, now: number): string {
  if (isSameDay(at, now)) return minute().format(at)
  return (isSameYear(at, now) ? dayAndMinute : dateAndMinute)().format(at)
}

/**
 * When something will happen, for the end of a sentence: "in 50 min, at 03:24", or on another day "in 14 h, on Nov 30,
 * 03:24".
 */
export function formatAhead(at: number, now: number): string {
  // A unit is used up to 90 or 48 of it, because "in 1 min" would say too little of 80 s.
  const distance = Math.max(SECOND, at - now)
  const [size, unit] =
    distance < 90 * SECOND
      ? [SECOND, 's']
      : distance < 90 * MINUTE
        ? [MINUTE, 'min']
        : distance < 48 * HOUR
          ? [HOUR, 'h']
          : ([DAY, 'days'] as const)
  return `in ${Math.round(distance / size)} ${unit}, ${isSameDay(at, now) ? 'at' : 'on'} ${formatNear(at, now)}`
}

/** The date alone, such as "Nov 29, 2027". */
export const formatDay = (at: number) => shortDate().format(at)

/** Time of day with milliseconds, for logs and histories. */
export const formatClock = (at: number) => `${clock().format(at)}.${String(Math.floor(at) % 1000).padStart(3, '0')}`

/** A duration as "340 ms", "2.4 s", "1m 12s", "2h 05m" or "3d 4h". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '0 ms'
  if (ms < SECOND) return `${Math.round(ms)} ms`
  // From here on one decimal would be rounded to "10.0 s".
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND)
  if (seconds < 60) return `${seconds} s`
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/**
 * The duration of something that still goes on. It has whole seconds only, because tenths would change too fast to
 * read.
 */
export const formatRunning = (ms: number) =>
  ms < 10 * SECOND ? `${Math.floor(ms / SECOND)} s` : formatDuration(Math.floor(ms / SECOND) * SECOND)

/**
 * A duration as a bound, for "within" and "at most". It is rounded up to whole seconds, minutes or hours, because a
 * bound that is rounded down is not true.
 */
export function formatAtMost(ms: number): string {
  const step = ms <= HOUR ? SECOND : ms <= DAY ? MINUTE : HOUR
  return formatRunning(Math.max(1, Math.ceil(ms / step)) * step)
}

/** A count as "1,234". `capped` means that counting stopped early: "10,000+". */
export const formatCount = (count: number, capped = false) => `${count.toLocaleString('en')}${capped ? '+' : ''}`

let compact: Intl.NumberFormat | undefined

/** A number for an axis, such as "1.2K", "34K" or "1.2M". */
export function formatCompact(n: number): string {
  compact ??= new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
  return compact.format(n)
}

/** A size as "812 B", "24.3 kB" or "1.3 MB". From 100 of a unit on it has no decimal. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  // What would be rounded to 1000 has the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}

/** A duration in seconds for an axis, in one unit: "0", "250ms", "4s", "2.5m", "3h". */
export function formatAxisSeconds(seconds: number): string {
  if (seconds <= 0) return '0'
  const [size, unit] =
    seconds < 1 ? [0.001, 'ms'] : seconds < 60 ? [1, 's'] : seconds < 3600 ? [60, 'm'] : ([3600, 'h'] as const)
  return `${Number((seconds / size).toFixed(1))}${unit}`
}

/** A rate per minute: "0.4", "12", "1,240". From 10 on it has no decimals. */
export const formatRate = (n: number) =>
  n >= 10 ? Math.round(n).toLocaleString('en') : Number(n.toFixed(1)).toString()

/**
 * A share of 1 in percent: "2.4 %", "18 %". A very small share is "< 0.1 %", because it is not zero, and one of almost
 * all is "> 99 %".
 */
export function formatPercent(rate: number | null | undefined): string {
  if (rate === null || rate === undefined) return '–'
  if (rate > 0 && rate < 0.001) return '< 0.1 %'
  if (rate < 1 && rate >= 0.995) return '> 99 %'
  // Below 10 % it has one decimal. What would be rounded to 10.0 has none.
  return `${(rate * 100).toFixed(rate > 0 && rate < 0.0995 ? 1 : 0)} %`
}

/** A time for `<input type="datetime-local">`, in the reader's time zone. */
export function toLocalInput(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * MINUTE)
  return local.toISOString().slice(0, 19)
}
