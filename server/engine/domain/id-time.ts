// Ids are UUIDv7. They begin with the time at which they were made, so a range of ids is a range of time.

/**
 * The largest difference between two clocks that is allowed for, in milliseconds: the clock of the process that made a
 * row's id, and PostgreSQL's, which gave the row its time. A range of ids that stands for a range of time is widened by
 * this at both ends.
 */
export const CLOCK_SKEW_MS = 5 * 60_000

/**
 * A UUID that lies between the UUIDv7s of earlier moments and those of this one, as the bound of a range. The moment is
 * given in milliseconds since 1970.
 */
export function idAt(ms: number): string {
  // A UUIDv7 begins with 48 bits of time.
  const hex = Math.max(0, Math.min(Math.floor(ms), 2 ** 48 - 1))
    .toString(16)
    .padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}
