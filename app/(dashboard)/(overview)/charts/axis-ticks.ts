const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * The steps below a day between ticks, in seconds. They are sizes that people use for time, such as 15 or 30 minutes.
 */
const STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 6, 12].map((n) => n * HOUR),
]

/** An axis has at most this many steps between its ticks, so at most four ticks. */
const MOST_STEPS = 3

/** The ticks of an axis of durations, in seconds. */
export const durationTicks = (most: number): number[] => ticks(most, durationStep(most / MOST_STEPS))

/** The smallest step in seconds that is not below `wanted`. Below a second and above a day, steps are decimal. */
function durationStep(wanted: number): number {
  if (wanted <= 1) return decimalStep(wanted, 0.001)
  return STEPS.find((size) => size >= wanted) ?? DAY * decimalStep(wanted / DAY, 1)
}

/** The ticks of an axis of counts. */
export const countTicks = (most: number): number[] => ticks(most, decimalStep(most / MOST_STEPS, 1))

/** Ticks from 0 to the first one that is not below `most`. There are at least two. */
function ticks(most: number, step: number): number[] {
  // Computers make three times 0.01 a little more than 0.03, so a tiny excess is ignored.
  const count = Math.max(1, Math.ceil(most / step - 1e-9))
  return Array.from({ length: count + 1 }, (_, n) => n * step)
}

/** The smallest step of 1, 2 or 5 times a power of ten that is not below `wanted` and not below `least`. */
function decimalStep(wanted: number, least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, least)))
  return power * ([1, 2, 5].find((n) => n * power >= wanted) ?? 10)
}
