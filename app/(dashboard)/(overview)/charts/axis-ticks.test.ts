import { expect, it } from 'vitest'
import { countTicks, durationTicks } from './axis-ticks'

it.each([
  [0, [0, 0.001]],
  [0.0005, [0, 0.001]],
  [0.03, [0, 0.01, 0.02, 0.03]],
  [0.25, [0, 0.1, 0.2, 0.3]],
  [1.4, [0, 0.5, 1, 1.5]],
  [3, [0, 1, 2, 3]],
  [5, [0, 2, 4, 6]],
  [25, [0, 10, 20, 30]],
  [70, [0, 30, 60, 90]],
  [560, [0, 300, 600]],
  [9_000, [0, 3_600, 7_200, 10_800]],
  [200_000, [0, 86_400, 172_800, 259_200]],
  [400 * 86_400, [0, 200 * 86_400, 400 * 86_400]],
])('an axis of up to %d seconds has ticks at %j', (most, ticks) => {
  expect(durationTicks(most).map((tick) => Number(tick.toFixed(6)))).toEqual(ticks)
})

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [11, [0, 5, 10, 15]],
  [118, [0, 50, 100, 150]],
  [285, [0, 100, 200, 300]],
  [40_000, [0, 20_000, 40_000]],
])('an axis of up to %d jobs has ticks at %j', (most, ticks) => expect(countTicks(most)).toEqual(ticks))

it('an axis has at most four ticks, also where it is years long, and the last one reaches its highest value', () => {
  for (let most = 0.0001; most < 1e10; most *= 1.07) {
    for (const ticks of [durationTicks(most), countTicks(most)]) {
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most * 0.999_999)
      expect(ticks.length, String(most)).toBeLessThanOrEqual(4)
    }
  }
})
