// Ids are UUIDv7: they begin with the time at which they were made, so a range of ids is a range of time.

/**
 * How far apart the clocks may be that made a row's id (whoever wrote it) and its time (PostgreSQL): a range of ids
 * that is to hold a range of time is wider by this much at both ends.
 */
export const CLOCK_SKEW_MS = 5 * 60_000

/** The smallest UUIDv7 of a moment. */
export function idAt(ms: number): string {
  const hex = Math.max(0, Math.min(Math.floor(ms), 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
