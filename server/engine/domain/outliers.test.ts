import { expect, test } from 'vitest'
import { median, outlierOf, type Load } from './outliers'

const calm: Load = {
  waiting: 0,
  quotaUse: 0.1,
  outcomes: 100,
  failureRate: 0.01,
  waitP95: 1,
  ofShare: 1,
  held: false,
}
const marksOf = (changes: Partial<Load>, medianWait: number | null = 1) =>
  outlierOf({ ...calm, ...changes }, medianWait).marks

test('an organization in which all is well has no mark and no score', () => {
  expect(outlierOf(calm, 1)).toEqual({ score: 0, marks: [] })
})

test('an organization near its quota is marked, one without a quota is not', () => {
  expect(marksOf({ quotaUse: 0.79 })).toEqual([])
  expect(marksOf({ quotaUse: 0.8 })).toEqual(['QUOTA'])
  expect(marksOf({ quotaUse: null })).toEqual([])
})

test('a single failed job makes no outlier, ten outcomes do', () => {
  expect(marksOf({ outcomes: 9, failureRate: 1 })).toEqual([])
  expect(marksOf({ outcomes: 10, failureRate: 0.2 })).toEqual(['FAILURES'])
})

test('a wait counts against the waits of the others, and short waits never count', () => {
  expect(marksOf({ waitP95: 29 }, 0.1)).toEqual([])
  expect(marksOf({ waitP95: 30 }, 0.1)).toEqual(['WAIT'])
  expect(marksOf({ waitP95: 100 }, 60)).toEqual([])
  expect(marksOf({ waitP95: 240 }, 60)).toEqual(['WAIT'])
})

test('an organization that is held counts where jobs of it wait', () => {
  expect(marksOf({ held: true })).toEqual([])
  expect(marksOf({ held: true, waiting: 1 })).toEqual(['HELD'])
})

test('the farthest mark comes first, and more marks count for more', () => {
  const both = outlierOf({ ...calm, quotaUse: 0.8, failureRate: 1 }, 1)
  expect(both.marks).toEqual(['FAILURES', 'QUOTA'])
  expect(both.score).toBeGreaterThan(outlierOf({ ...calm, failureRate: 1 }, 1).score)
})

test('one figure that is beyond all measure counts for no more than ten', () => {
  expect(outlierOf({ ...calm, waitP95: 1e9 }, 1).score).toBe(10)
})

test('the median of no numbers is null', () => {
  expect(median([])).toBeNull()
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1])).toBe(1)
})
