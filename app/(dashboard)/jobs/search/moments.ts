/** Spans and moments as a search writes them. Pure. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const
const SPAN = /^([1-9]\d{0,6})([smhdw])$/
/** The most that the API takes. */
const LONGEST = 31_536_000

/** The seconds of `90m` or `24h`. Null for what is no span, or longer than a year. */
export function secondsOf(span: string): number | null {
  const match = SPAN.exec(span)
  if (!match) return null
  const seconds = Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
  return seconds <= LONGEST ? seconds : null
}

/** The shortest span of so many seconds. */
export function spanOf(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const)
    if (seconds >= SECONDS[unit] && seconds % SECONDS[unit] === 0) return `${seconds / SECONDS[unit]}${unit}`
  return `${seconds}s`
}

const UNITS = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const

/** "24 hours" */
export function spanWords(span: string): string {
  const match = SPAN.exec(span)
  if (!match) return span
  const unit = UNITS[match[2] as keyof typeof UNITS]
  return `${match[1]} ${match[1] === '1' ? unit.slice(0, -1) : unit}`
}

const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** A day or a moment. Without a zone it is the reader's. */
export function momentOf(text: string): Date | null {
  if (!MOMENT.test(text)) return null
  const date = new Date(text.length === 10 ? `${text}T00:00` : text)
  if (Number.isNaN(date.getTime())) return null
  // The 31st of a month that has 30 days would become another day.
  const day = Number(text.slice(8, 10))
  return day > new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate() ? null : date
}

/** The same moment in the shortest form that loses nothing, in UTC. */
export const momentText = (date: Date) =>
  date
    .toISOString()
    .replace(/\.000Z$/, 'Z')
    .replace(/:00Z$/, 'Z')
