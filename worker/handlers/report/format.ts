import { visible } from '@/server/engine/domain/visible'

// Writes numbers, shares and durations as a report shows them.

const numbers = new Intl.NumberFormat('en-GB')

export const count = (value: number) => numbers.format(value)

/** A number with its noun: `1 job`, `2 jobs`. */
export const plural = (value: number, one: string, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`

/** A percentage that is 100 % only for all, and 0 % only for none. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (100 * part) / whole
  if (part > 0 && percent < 0.1) return '< 0.1 %'
  if (part < whole && percent > 99.9) return '> 99.9 %'
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`
}

/** A duration in the units that suit it: `250 ms`, `12.3 s`, `1 min 15 s`, `2 h 5 min`. */
export function seconds(value: number | null): string {
  if (value === null) return '–'
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`
  if (value < 60) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })

/** A range of days, such as 2026-11-17 to 2026-11-23: `17 – 23 November 2026`. */
export const dayRange = (first: string, last: string) => days.formatRange(new Date(first), new Date(last))

/** Moments as a clock and a calendar of a time zone show them. */
export interface Clock {
  timeZone: string
  /** `Mon 23 Nov` */
  shortDay: (at: Date) => string
  /** `23 Nov` */
  shortDate: (at: Date) => string
  /** `23 Nov, 14:05` */
  moment: (at: Date) => string
  /** `23 November 2026, 14:05 (Europe/Berlin)` */
  fullMoment: (at: Date) => string
  /** `14:00`. Midnight is written as the day that begins. */
  hour: (at: Date) => string
  hourOfDay: (at: Date) => number
  dayOfMonth: (at: Date) => number
}

export function clockOf(timeZone: string): Clock {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat('en-GB', { ...options, hourCycle: 'h23', timeZone })
    return (at: Date) => made.format(at)
  }
  const shortDate = format({ day: 'numeric', month: 'short' })
  const time = format({ hour: '2-digit', minute: '2-digit' })
  const hours = format({ hour: 'numeric' })
  const daysOfMonth = format({ day: 'numeric' })
  const hourOfDay = (at: Date) => Number(hours(at))
  const full = format({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' })
  return {
    timeZone,
    shortDay: format({ weekday: 'short', day: 'numeric', month: 'short' }),
    shortDate,
    moment: format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    fullMoment: (at) => `${full(at)} (${timeZone})`,
    hour: (at) => (hourOfDay(at) === 0 ? shortDate : time)(at),
    hourOfDay,
    dayOfMonth: (at) => Number(daysOfMonth(at)),
  }
}

/**
 * One line that fits into a table. Line breaks and control characters become spaces, invisible characters are written
 * out, and long text is cut to `max` characters.
 */
export function excerpt(text: string, max = 220): string {
  const line = visible(text.replace(/[\p{Cc}\s]+/gu, ' ').trim())
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line
}
