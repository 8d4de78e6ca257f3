import { expect, test } from 'vitest'
import { Meter } from './meter'

/** A meter by a clock that only `run` moves. */
function measured() {
  let at = 10_000
  const meter = new Meter(() => at)
  return {
    meter,
    run: (times: number, ms: number, every: number) => {
      for (let n = 0; n < times; n++) {
        at += every
        meter.ran('INLINE', 'noop', ms)
      }
    },
    wait: (ms: number) => void (at += ms),
  }
}

test('a type is measured after a few runs, and follows how long they take', () => {
  const { meter, run } = measured()
  run(4, 2, 1)
  expect(meter.meanRunMs('noop')).toBeUndefined()
  run(1, 2, 1)
  expect(meter.meanRunMs('noop')).toBeCloseTo(2)
  run(100, 8, 1)
  expect(meter.meanRunMs('noop')).toBeCloseTo(8, 1)
})

test('200 ms of work are worth what the mean says while the rate is still unknown', () => {
  const { meter, run } = measured()
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(0)
  run(5, 2, 1)
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(100)
  expect(meter.jobsWorth('ISOLATED', 0.2)).toBe(0)
})

test('and what ended lately where that is more: many wait at once', () => {
  const { meter, run } = measured()
  run(2_000, 1_000, 1)
  expect(meter.jobsWorth('INLINE', 0.2)).toBeCloseTo(200, -1)
})

test('a mean of microseconds promises no more than a worker can report', () => {
  const { meter, run } = measured()
  run(100, 0.001, 1)
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(1_000)
})

test('after a pause nothing is known', () => {
  const { meter, run, wait } = measured()
  run(500, 2, 1)
  wait(1_500)
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(0)
})
