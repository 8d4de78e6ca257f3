/** Control characters of others' texts could move the cursor or write over lines, so they are shown as a sign. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '�')

type Cell = string | number | boolean | null | undefined

/** Rows under a heading, each column as wide as its widest cell. An empty list says so. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[], empty = 'None.'): string {
  if (rows.length === 0) return empty
  const lines = [heading, ...rows].map((row) => row.map((cell) => plain(String(cell ?? '-'))))
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values below each other. */
export const fields = (values: Record<string, Cell>): string => {
  const width = Math.max(...Object.keys(values).map(({ length }) => length))
  return Object.entries(values)
    .map(([name, value]) => `${`${name}:`.padEnd(width + 2)}${plain(String(value ?? '-'))}`)
    .join('\n')
}

/** A length of time, as in `3 min 20 s`. @param seconds null where it is not known */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '-'
  // Rounded before it is divided, so that 119.7 is 2 min and not 1 min 60 s.
  const whole = Math.round(seconds)
  if (whole < 60) return `${seconds < 10 ? Number(seconds.toFixed(1)) : whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : days(Math.floor(minutes / 1440))
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

/**
 * A length of time that is the most that something takes, in whole seconds, minutes or days. It is rounded up, because
 * "up to 1 s" is not true of 1.4 s.
 */
export function upTo(seconds: number): string {
  const step = seconds <= 3600 ? 1 : seconds <= 86_400 ? 60 : 86_400
  return `up to ${duration(Math.max(1, Math.ceil(seconds / step)) * step)}`
}
