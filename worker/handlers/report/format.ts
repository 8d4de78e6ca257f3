import { visible } from '@/server/engine/domain/visible'

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

export function seconds(value: number | null): string {
  if (value === null) return '–'
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`
  if (value < 60) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

const utc = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })
const days = utc({ day: 'numeric', month: 'long', year: 'numeric' })
const shortDays = utc({ weekday: 'short', day: 'numeric', month: 'short' })
const shortDates = utc({ day: 'numeric', month: 'short' })
const moments = utc({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const fullMoments = utc({ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' })
const hours = utc({ hour: '2-digit', minute: '2-digit' })

/** A range of days: `17 – 23 November 2026`. */
export const dayRange = (first: Date, last: Date) => days.formatRange(first, last)
export const shortDay = (at: Date) => shortDays.format(at)
export const shortDate = (at: Date) => shortDates.format(at)
export const moment = (at: Date) => moments.format(at)
export const fullMoment = (at: Date) => `${fullMoments.format(at)} UTC`
/** An hour: `14:00`. Midnight is written as the day that begins. */
export const hour = (at: Date) => (at.getUTCHours() === 0 ? shortDates : hours).format(at)

/**
 * One line that fits into a table. Control characters are removed, invisible ones written out, and long text is cut.
 */
export function excerpt(text: string, max = 220): string {
  const line = visible(text.replace(/[\p{Cc}\s]+/gu, ' ').trim())
  return line.length > max ? `${line.slice(0, max - 1).toWellFormed()}…` : line
}
