import type { Schedule } from '@/app/_trpc/types'

const DAY_MS = 86_400_000
/** So many planned times are told of each schedule. Where they do not reach to the end of the day, they go on as densely. */
const MOST_UPCOMING = 24

/** Where a time stands in the two days around now, in percent. Null outside of them. */
export function placeIn(at: string, now: number): number | null {
  const place = ((Date.parse(at) - now + DAY_MS) / (2 * DAY_MS)) * 100
  return place >= 0 && place <= 100 ? place : null
}

/** The planned times as single marks, or as a band from the first to the end where they are too many to tell apart. */
export function aheadOf(
  { upcoming }: Pick<Schedule, 'upcoming'>,
  now: number,
): { marks: number[]; band: number | null } {
  const places = upcoming.flatMap((at) => placeIn(at, now) ?? [])
  const dense = upcoming.length >= MOST_UPCOMING && (places.at(-1) ?? 100) < 97
  return dense ? { marks: [], band: places[0]! } : { marks: places, band: null }
}

/** The schedules of a strip: those that have something in it, the one that runs next first. */
export const inStrip = (schedules: readonly Schedule[], now: number): Schedule[] =>
  schedules
    .filter(
      ({ upcoming, lastRuns }) => upcoming.length > 0 || lastRuns.some((run) => placeIn(run.plannedAt, now) !== null),
    )
    .sort((a, b) => (a.nextRunAt ?? '9').localeCompare(b.nextRunAt ?? '9'))
