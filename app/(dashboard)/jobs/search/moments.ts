/** Spans and moments of time, as a search writes them. Nothing here reads the clock. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const
const SPAN = /^([1-9]\d{0,6})([smhdw])$/
/** The longest span in seconds that the API accepts. It is a year. */
const LONGEST = 31_536_000

/** The length of a span such as `90m` or `24h` in seconds. Null where the text is no span, or longer than a year. */
export function secondsOf(span: string): number | null {
  const match = SPAN.exec(span)
  if (!match) return null
  const seconds = Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
  return seconds <= LONGEST ? seconds : null
}

/**
 * A span of this many seconds, in the longest unit up to days that divides it. It is never in weeks: `7d`, not `1w`.
 */
export function spanOf(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const)
    if (seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`
  return `${seconds}s`
}

const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const

/** A span in words: `24h` becomes "24 hours". */
export function spanWords(span: string): string {
  const match = SPAN.exec(span)
  if (!match) return span
  const unit = UNITS[match[2] as keyof typeof UNITS]
  return `${match[1]} ${match[1] === '1' ? unit.slice(0, -1) : unit}`
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** Reads a day or a moment. Without a time zone it is in the reader's. */
export function momentOf(text: string): Date | null {
  if (!MOMENT.test(text)) return null
  const date = new Date(text.length === 10 ? `${text}T00:00` : text)
  if (Number.isNaN(date.getTime())) return null
  // JavaScript turns the 31st of a month with 30 days into another day, so such a date is refused.
  const day = Number(text.slice(8, 10))
  return day > new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate() ? null : date
}

/** Writes a moment in UTC, in the shortest form that loses nothing. */
export const momentText = (date: Date) =>
  date
    .toISOString()
    .replace(/\.000Z$/, 'Z')
    .replace(/:00Z$/, 'Z')
