// A second implementation of rule 4.28 of docs/specification.md, for tests alone. It asks of every minute whether the
// fields of an expression fit it, which is slow and leaves little to get wrong. It knows five fields of numbers, lists,
// ranges and steps.

/** The minutes of some years, one after the other, and what a clock on the wall shows at each of them in a time zone. */
interface ZoneMinutes {
  /** The first minute, since 1970 in UTC. */
  first: number
  /** For each minute that passes: minutes of the wall clock since 1970, as if the zone were UTC. */
  wall: Int32Array
}

/**
 * The minutes of a time zone in some years. Its offsets are read from Intl once an hour, and each minute where they
 * change.
 */
export function zoneMinutes(timeZone: string, fromYear: number, toYear: number): ZoneMinutes {
  const first = Date.UTC(fromYear, 0, 1) / 60_000
  const wall = new Int32Array(Date.UTC(toYear, 0, 1) / 60_000 - first)
  const offset = offsetsOf(timeZone)
  for (let start = 0; start < wall.length; start += 60) {
    const [before, after] = [offset(first + start), offset(first + start + 60)]
    for (let at = start; at < Math.min(start + 60, wall.length); at++)
      wall[at] = first + at + (before === after ? before : offset(first + at))
  }
  return { first, wall }
}

/** Minutes by which a clock of the zone is ahead of UTC. */
function offsetsOf(timeZone: string): (minute: number) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-iso8601', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (minute) => {
    const parts = Object.fromEntries(
      format.formatToParts(minute * 60_000).map(({ type, value }) => [type, Number(value)]),
    )
    return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute) / 60_000 - minute
  }
}

/** Which numbers each field of an expression allows: true at the index of each. */
interface Fields {
  minute: boolean[]
  hour: boolean[]
  day: boolean[]
  month: boolean[]
  weekday: boolean[]
  anyDay: boolean
  anyWeekday: boolean
  /** No wildcard and no step in minute and hour. */
  fixed: boolean
}

function read(cron: string): Fields {
  const [minute, hour, day, month, weekday] = cron.split(' ') as [string, string, string, string, string]
  const weekdays = allowed(weekday, 0, 7)
  if (weekdays[7]) weekdays[0] = true
  return {
    minute: allowed(minute, 0, 59),
    hour: allowed(hour, 0, 23),
    day: allowed(day, 1, 31),
    month: allowed(month, 1, 12),
    weekday: weekdays,
    anyDay: day === '*',
    anyWeekday: weekday === '*',
    fixed: !/[*/]/.test(minute + hour),
  }
}

function allowed(field: string, least: number, most: number): boolean[] {
  const found = Array<boolean>(most + 1).fill(false)
  for (const part of field.split(',')) {
    const [range, step = '1'] = part.split('/') as [string, string?]
    const [from, to = from] = range === '*' ? [least, most] : range.split('-').map(Number)
    for (let n = from!; n <= to!; n += Number(step)) found[n] = true
  }
  return found
}

/** Every minute at which the expression fires, counted from 1970. */
export function bruteForce(cron: string, { first, wall }: ZoneMinutes): number[] {
  const fields = read(cron)
  const fits = fitter(fields)
  const found: number[] = []
  /** The latest time that the wall clock has shown so far. */
  let furthest = -Infinity
  let previous = wall[0]! - 1
  for (let at = 0; at < wall.length; at++) {
    const shown = wall[at]!
    let fires = false
    if (!fields.fixed) fires = fits(shown)
    else {
      // Minutes that the clock leaves out count as the first one after them. Minutes that it shows again do not count.
      for (let skipped = previous + 1; skipped < shown && !fires; skipped++) fires = skipped > furthest && fits(skipped)
      fires ||= shown > furthest && fits(shown)
      furthest = Math.max(furthest, shown)
    }
    if (fires) found.push(first + at)
    previous = shown
  }
  return found
}

function fitter({ minute, hour, day, month, weekday, anyDay, anyWeekday }: Fields): (wall: number) => boolean {
  let known = NaN
  let fitsDay = false
  return (wall) => {
    const inDay = ((wall % 1440) + 1440) % 1440
    if (!minute[inDay % 60] || !hour[Math.floor(inDay / 60)]) return false
    const dayNumber = (wall - inDay) / 1440
    if (dayNumber !== known) {
      known = dayNumber
      const date = new Date(dayNumber * 86_400_000)
      const [byDay, byWeekday] = [day[date.getUTCDate()]!, weekday[date.getUTCDay()]!]
      fitsDay =
        month[date.getUTCMonth() + 1]! && (anyDay ? anyWeekday || byWeekday : anyWeekday ? byDay : byDay || byWeekday)
    }
    return fitsDay
  }
}

/** The first minute with each new offset of the zone, as an index of `wall`. */
export function changesOf({ wall }: ZoneMinutes): number[] {
  const found: number[] = []
  for (let at = 1; at < wall.length; at++) if (wall[at] !== wall[at - 1]! + 1) found.push(at)
  return found
}
