const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The steps between ticks in seconds, in sizes that people use for time, such as 15 or 30 minutes. */
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

/** The ticks of an axis of durations, in seconds. */
export function durationTicks(most: number): number[] {
  return ticks(
    most,
    most > 3 ? (STEPS.find((size) => most <= 3 * size) ?? STEPS.at(-1)!) : decimalStep(most / 3, 0.001),
  )
}

/** The ticks of an axis of counts. */
export const countTicks = (most: number): number[] => ticks(most, decimalStep(most / 3, 1))

/** At most four ticks, from 0 to the first one that is not below `most`. */
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
