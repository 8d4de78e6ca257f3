// Times of the clock in a time zone that need not be the reader's own, for fields of the browser.

const formats = new Map<string, Intl.DateTimeFormat>()
function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(timeZone, format)
  return format
}

/** Whether this browser knows a time zone of this name. */
export function isKnownZone(name: string): boolean {
  try {
    formatIn(name)
    return true
  } catch {
    return false
  }
}

/** A moment for `<input type="datetime-local">`, as a clock of this zone shows it: 2026-11-30T02:30. */
export function toZoneInput(at: number, timeZone: string): string {
  const parts = Object.fromEntries(
    formatIn(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/**
 * The moment at which a clock of this zone shows what was typed, or null for text that is no date and time. Of a time
 * that the clock shows twice it is the first. A time that the clock leaves out is taken as if it had not been changed
 * yet.
 */
export function fromZoneInput(text: string, timeZone: string): number | null {
  const wall = Date.parse(`${text}Z`)
  if (Number.isNaN(wall)) return null
  // By how much the clock is ahead of UTC a day before and a day after. One of the two is right, unless the clock
  // leaves this time out.
  const around = [wall - 86_400_000, wall + 86_400_000].map((at) => wall - aheadOfUtc(at, timeZone))
  const exact = around.filter((at) => at + aheadOfUtc(at, timeZone) === wall)
  return exact.length > 0 ? Math.min(...exact) : around[0]!
}

const aheadOfUtc = (at: number, timeZone: string): number => {
  const minute = Math.floor(at / 60_000) * 60_000
  return Date.parse(`${toZoneInput(minute, timeZone)}Z`) - minute
}
