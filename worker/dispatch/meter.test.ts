import { expect, test } from 'vitest'
import { Meter } from './meter'

/** A meter with a clock that only `run` moves. */
function measured() {
  let at = 10_000
  const meter = new Meter(() => at)
  return {
    meter,
    run: (times: number, ms: number, every: number) => {
      for (let n = 0; n < times; n++) {
        at += every
        meter.recordRun('INLINE', 'noop', ms)
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

test('200 ms of work are worth as many jobs as ended lately, where many that only wait run at once', () => {
  const { meter, run } = measured()
  run(2_000, 1_000, 1)
  expect(meter.jobsWorth('INLINE', 0.2)).toBeCloseTo(200, -1)
})

test('jobs that take microseconds are not expected faster than a worker can report them', () => {
  const { meter, run } = measured()
  run(100, 0.001, 1)
  // 5,000 a second at most.
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(1_000)
})

test('after a pause of more than a second the meter no longer says how much work a queue takes', () => {
  const { meter, run, wait } = measured()
  run(500, 2, 1)
  wait(1_500)
  expect(meter.jobsWorth('INLINE', 0.2)).toBe(0)
})

test('a kind of job counts as short after a few short runs, until a long run or ten seconds without any', () => {
  const { meter, wait } = measured()
  const kind = { organizationId: 'acme', jobType: 'report' }
  const held = (times: number, ms: number) => {
    for (let n = 0; n < times; n++) meter.recordSlotTime(kind, ms)
  }
  const isShort = () =>
    meter.shortKinds(1_000).some(({ organizationId, jobType }) => organizationId === 'acme' && jobType === 'report')
  held(4, 10)
  expect(isShort()).toBe(false)
  held(1, 10)
  expect(isShort()).toBe(true)
  held(1, 60_000)
  expect(isShort()).toBe(false)
  // Each short run fades the long one by a tenth. After 39 of them, less than a second is left of the minute.
  held(30, 10)
  expect(isShort()).toBe(false)
  held(20, 10)
  expect(isShort()).toBe(true)
  wait(10_001)
  expect(isShort()).toBe(false)
  held(4, 10)
  expect(isShort()).toBe(false)
})

test('the meter remembers the 500 kinds of jobs that ran last', () => {
  const { meter } = measured()
  for (let n = 0; n < 600; n++)
    for (let run = 0; run < 5; run++)
      meter.recordSlotTime({ organizationId: `organization-${n}`, jobType: 'report' }, 1)
  const short = meter.shortKinds(1_000)
  expect(short).toHaveLength(500)
  expect(short.at(-1)).toMatchObject({ organizationId: 'organization-599' })
})
