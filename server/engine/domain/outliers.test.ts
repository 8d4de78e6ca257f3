import { expect, test } from 'vitest'
import { median, outlierOf, type Load } from './outliers'

/**
 * An organization in which all is well. `waitP95` is in seconds, `quotaUse` and `failureRate` are shares from 0 to 1,
 * `ofShare` is its slots divided by its fair share of them.
 */
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

test('a failure rate counts from ten outcomes on, and only when at least 20 % failed', () => {
  expect(marksOf({ outcomes: 9, failureRate: 1 })).toEqual([])
  expect(marksOf({ outcomes: 10, failureRate: 0.19 })).toEqual([])
  expect(marksOf({ outcomes: 10, failureRate: 0.2 })).toEqual(['FAILURES'])
})

test('a wait is marked from four times the median wait on, and never below 30 seconds', () => {
  expect(marksOf({ waitP95: 29 }, 0.1)).toEqual([])
  expect(marksOf({ waitP95: 30 }, 0.1)).toEqual(['WAIT'])
  expect(marksOf({ waitP95: 100 }, 60)).toEqual([])
  expect(marksOf({ waitP95: 240 }, 60)).toEqual(['WAIT'])
})

test('an organization is marked when it holds one and a half times its fair share of the slots', () => {
  expect(marksOf({ ofShare: 1.49 })).toEqual([])
  expect(marksOf({ ofShare: 1.5 })).toEqual(['SLOTS'])
  expect(marksOf({ ofShare: null })).toEqual([])
})

test('an organization that is paused or suspended is marked only while its jobs wait, and higher the more wait', () => {
  expect(marksOf({ held: true })).toEqual([])
  expect(marksOf({ held: true, waiting: 1 })).toEqual(['HELD'])
  const scoreOf = (waiting: number) => outlierOf({ ...calm, held: true, waiting }, 1).score
  expect(scoreOf(1_000)).toBeGreaterThan(scoreOf(1))
})

test('the figure that is farthest beyond its limit comes first, and a second mark makes the score higher', () => {
  const both = outlierOf({ ...calm, quotaUse: 0.8, failureRate: 1 }, 1)
  expect(both.marks).toEqual(['FAILURES', 'QUOTA'])
  expect(both.score).toBeGreaterThan(outlierOf({ ...calm, failureRate: 1 }, 1).score)
})

test('one figure adds at most 10 to the score', () => {
  expect(outlierOf({ ...calm, waitP95: 1e9 }, 1).score).toBe(10)
})

test('the median of an even count is the lower of the two middle numbers, and of no numbers null', () => {
  expect(median([])).toBeNull()
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1])).toBe(1)
})
