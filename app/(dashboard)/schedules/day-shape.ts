import { formatMinute } from '@/app/_components/time'
import type { ScheduleDay } from '@/app/_trpc/types'

const DAY_MS = 86_400_000
/**
 * The server lists at most this many planned times of a schedule. Where it lists so many and the last of them is not
 * near the end of the strip, more are to come that it does not list.
 */
const MOST_UPCOMING = 24
/** From this place on, in percent, a time counts as near the end of the strip. */
const NEAR_END = 97

type Part = ScheduleDay['past'][number]

/** Where a time stands in the two days around now, in percent. Null outside of them. */
export function placeIn(at: string, now: number): number | null {
  const place = percent(Date.parse(at), now)
  return place >= 0 && place <= 100 ? place : null
}
const percent = (at: number, now: number) => ((at - now + DAY_MS) / (2 * DAY_MS)) * 100

/** The planned times as single marks, or as a band from the first to the end where they are too many to tell apart. */
export function aheadOf(
  { upcoming }: Pick<ScheduleDay, 'upcoming'>,
  now: number,
): { marks: number[]; band: number | null } {
  const places = upcoming.flatMap((at) => placeIn(at, now) ?? [])
  const dense = upcoming.length >= MOST_UPCOMING && (places.at(-1) ?? 100) < NEAR_END
  return dense ? { marks: [], band: places[0]! } : { marks: places, band: null }
}

/**
 * Where the parts of the last day stand, in percent, cut at both ends. `unknown` is null where the server lists all of
 * them. Otherwise it is the place from which on it does.
 */
export function behindOf(
  { past, pastFrom }: Pick<ScheduleDay, 'past' | 'pastFrom'>,
  now: number,
): { parts: { part: Part; left: number; width: number }[]; unknown: number | null } {
  const parts = past.flatMap((part) => {
    const from = Date.parse(part.from)
    const left = Math.max(0, percent(from, now))
    const right = Math.min(50, percent(from + part.minutes * 60_000, now))
    return right > left ? [{ part, left, width: right - left }] : []
  })
  return { parts, unknown: pastFrom === null ? null : Math.max(0, placeIn(pastFrom, now) ?? 0) }
}

export type Look = 'dead' | 'failed' | 'refused' | 'unfinished' | 'completed' | 'canceled' | 'skipped'

/**
 * What a part of the day looks like: the worst of what happened in it. Canceled and skipped runs decide only where all
 * of its runs were canceled or skipped.
 */
export function lookOf(part: Part): Look {
  if (part.dead > 0) return 'dead'
  if (retried(part) > 0) return 'failed'
  if (part.refused > 0) return 'refused'
  if (part.unfinished > 0) return 'unfinished'
  if (part.skipped + part.canceled < part.count) return 'completed'
  return part.canceled > 0 ? 'canceled' : 'skipped'
}

/**
 * The runs whose job failed or timed out and is tried again. The server counts dead and refused runs as failed, too.
 */
const retried = ({ failed, dead, refused }: Pick<Part, 'failed' | 'dead' | 'refused'>) => failed - dead - refused

/** What happened in a part of the day, in words. */
export function partWords(part: Part): string {
  const from = Date.parse(part.from)
  return `${formatMinute(from)} to ${formatMinute(from + part.minutes * 60_000)}: ${countWords(part)}`
}

/** A line of the strip for those who do not see it. `planned` is null where they are too many to count. */
export function sumWords({ past, pastFrom }: ScheduleDay, planned: number | null): string {
  const sum = { count: 0, failed: 0, dead: 0, refused: 0, skipped: 0, unfinished: 0, canceled: 0 }
  for (const part of past) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += part[key]
  const behind = sum.count === 0 ? 'no run' : `${pastFrom === null ? '' : 'more than '}${countWords(sum)}`
  return `Last 24 hours: ${behind}. Next 24 hours: ${planned ?? 'many'} planned.`
}

function countWords(counts: Omit<Part, 'from' | 'minutes'>): string {
  const { count, dead, refused, skipped, unfinished, canceled } = counts
  const told: [number, string][] = [
    [count, count === 1 ? 'run' : 'runs'],
    [dead, dead === 1 ? 'dead letter' : 'dead letters'],
    [retried(counts), 'failed'],
    [refused, 'refused'],
    [unfinished, 'not finished'],
    [canceled, 'canceled'],
    [skipped, 'missed or left out'],
  ]
  return (
    told
      // The number of runs always stands first. The others are left out where they are 0.
      .filter(([number], n) => n === 0 || number > 0)
      .map(([number, words]) => `${number.toLocaleString('en')} ${words}`)
      .join(', ')
  )
}
