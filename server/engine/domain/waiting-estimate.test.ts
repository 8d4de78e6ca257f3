import { describe, expect, test } from 'vitest'
import { estimator, type Bound, type Work } from './waiting-estimate'

const ORG = 'acme'
const work = (more: Partial<Work> = {}): Work => ({
  organizationId: ORG,
  jobType: 'report',
  queue: 'ISOLATED',
  pool: 'default',
  waiting: 100,
  underWay: 0,
  seconds: 10,
  ...more,
})
const slots = (room: number): Bound => ({
  of: 'slots',
  organizationId: null,
  jobType: null,
  queue: 'ISOLATED',
  pool: 'default',
  limit: room,
  room,
  measured: null,
})
const typeLimit = (limit: number, measured: Bound['measured'] = null): Bound => ({
  of: 'jobType',
  organizationId: null,
  jobType: 'report',
  queue: null,
  pool: null,
  limit,
  room: limit,
  measured,
})

test('the narrowest bound decides, and the estimate names it', () => {
  const one = work()
  const { seconds, limitedBy } = estimator([one], [slots(20), typeLimit(2)])([one])!
  expect(limitedBy).toEqual({ of: 'jobType', jobType: 'report', limit: 2 })
  // 100 jobs of 10 s in 2 places take 500 s. At the end one place is empty, for 2.5 s on average.
  expect(seconds).toBeCloseTo(502.5)
})

test('other work of the same slots is waited for, too', () => {
  const [one, other] = [work({ waiting: 1 }), work({ jobType: 'mail', waiting: 99 })]
  expect(estimator([one, other], [slots(10)])([one])!.seconds).toBeGreaterThan(90)
})

test('jobs that all find a place at once take as long as the longest', () => {
  const [one, other] = [work({ waiting: 2 }), work({ jobType: 'mail', waiting: 1, seconds: 30 })]
  expect(estimator([one, other], [slots(4)])([one, other])).toMatchObject({ seconds: 30 })
})

test('nothing is estimated where no run time is known, no slot is there, a limit is 0, or nothing waits', () => {
  const unknown = work({ seconds: null })
  expect(estimator([unknown], [slots(4)])([unknown])).toBeNull()
  const one = work()
  expect(estimator([one], [slots(0)])([one])).toBeNull()
  expect(estimator([one], [slots(4), typeLimit(0)])([one])).toBeNull()
  expect(estimator([one], [slots(4)])([work({ waiting: 0 })])).toBeNull()
})

describe('the gap between two jobs in one place', () => {
  const short = work({ waiting: 6_000, seconds: 0.01 })
  // 2 places for 120 s are 240 s of room. 3,000 jobs of 0.01 s took 30 of them, so each job takes 0.08 s of a place.
  const measured = { seconds: 120, ended: 3_000, runSeconds: 30 }

  test('the gap between two jobs is counted where it was measured on the bound that decides', () => {
    const { seconds } = estimator([short], [slots(20), typeLimit(2, measured)])([short])!
    expect(seconds).toBeCloseTo(240, 0)
  })

  test('the gap between two jobs stays the same with another limit', () => {
    const { seconds } = estimator([short], [slots(20), typeLimit(4)], [slots(20), typeLimit(2, measured)])([short])!
    expect(seconds).toBeCloseTo(120, 0)
  })

  test('the gap between two jobs is not longer than the run time or a quarter of a second: what looks longer was a standstill', () => {
    const standstill = { seconds: 120, ended: 20, runSeconds: 0.2 }
    const { seconds } = estimator([short], [typeLimit(2, standstill)])([short])!
    // Each job takes 0.01 s and a gap of 0.25 s at most.
    expect(seconds).toBeLessThanOrEqual((6_000 * 0.26) / 2 + 1)
  })

  test('the gap between two jobs is not counted where too few jobs were seen', () => {
    const few = { seconds: 120, ended: 3, runSeconds: 0.03 }
    expect(estimator([short], [typeLimit(2, few)])([short])!.seconds).toBeCloseTo(30, 0)
  })
})

/** Runs the jobs one by one in `places` places, each as long as the next number says. */
function simulate(jobs: number, places: number, runTime: () => number): number {
  const free = Array.from({ length: places }, () => 0)
  for (let n = 0; n < jobs; n++) {
    const at = free.indexOf(Math.min(...free))
    free[at] = free[at]! + runTime()
  }
  return Math.max(...free)
}

test.each([
  [3, 2],
  [4, 2],
  [5, 4],
  [10, 4],
  [100, 7],
  [1_000, 16],
])('the estimate for %i jobs in %i places is within 25 % of a simulation with run times that vary', (jobs, places) => {
  let state = 7
  // Run times between 5 and 15 s, 10 s on average.
  const runTime = () => {
    state = (state * 48_271) % 2_147_483_647
    return 5 + (10 * state) / 2_147_483_647
  }
  const runs = Array.from({ length: 300 }, () => simulate(jobs, places, runTime))
  const mean = runs.reduce((sum, each) => sum + each, 0) / runs.length
  const one = work({ waiting: jobs })
  const { seconds } = estimator([one], [slots(places)])([one])!
  expect(Math.abs(seconds - mean) / mean).toBeLessThan(0.25)
})
