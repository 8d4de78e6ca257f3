const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Steps as people count time: thirds of ten minutes are none. */
const STEPS = [1, 2, 5, 10, 15, 30, ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), ...[1, 2, 4, 6, 12].map((n) => n * HOUR), ...[1, 2, 5, 10, 20, 50, 100].map((n) => n * DAY)]

/** At most four marks of an axis, in seconds, from 0 to the first that is not below `most`. */
export function durationTicks(most: number): number[] {
  const step = most > 3 ? (STEPS.find((size) => most <= 3 * size) ?? STEPS.at(-1)!) : decimalStep(most / 3)
  const count = Math.max(1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, n) => n * step)
}

/** The first of 1, 2 and 5 times a power of ten that is not below `least`; a millisecond at least. */
function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.001)))
  return (power * ([1, 2, 5].find((n) => n * power >= least) ?? 10))
}
