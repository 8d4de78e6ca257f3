const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Steps as people count time: thirds of ten minutes are none. */
const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100].map((n) => n * DAY),
]

/** Marks for times, in seconds. */
export function durationTicks(most: number): number[] {
  return ticks(
    most,
    most > 3 ? (STEPS.find((size) => most <= 3 * size) ?? STEPS.at(-1)!) : decimalStep(most / 3, 0.001),
  )
}

/** Marks for what is counted. */
export const countTicks = (most: number): number[] => ticks(most, decimalStep(most / 3, 1))

/** At most four, from 0 to the first that is not below `most`. */
function ticks(most: number, step: number): number[] {
  // Three times 0.01 is a little more than 0.03.
  const count = Math.max(1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, n) => n * step)
}

/** The first of 1, 2 and 5 times a power of ten that is not below `wanted`, nor below `least`. */
function decimalStep(wanted: number, least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, least)))
  return power * ([1, 2, 5].find((n) => n * power >= wanted) ?? 10)
}
