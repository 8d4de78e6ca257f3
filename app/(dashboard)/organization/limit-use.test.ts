import { expect, test } from 'vitest'
import { limitUse, peakMark } from './limit-use'

test('the bar of a limit reaches as far as the limit is used', () => {
  expect(limitUse(0, 10)).toEqual({ percent: 0, nearness: 'free' })
  expect(limitUse(3, 10)).toEqual({ percent: 30, nearness: 'free' })
})

test('from four fifths on a limit is called near, and at its end full', () => {
  expect(limitUse(79, 100)?.nearness).toBe('free')
  expect(limitUse(80, 100)?.nearness).toBe('near')
  expect(limitUse(100, 100)).toEqual({ percent: 100, nearness: 'full' })
})

test('after a limit was lowered below what is there, its bar stays within its frame', () => {
  expect(limitUse(1200, 1000)).toEqual({ percent: 100, nearness: 'full' })
})

test('a limit of 0 admits nothing, so it is full although nothing is there', () => {
  expect(limitUse(0, 0)).toEqual({ percent: 100, nearness: 'full' })
})

test('where there is no limit there is no bar', () => {
  expect(limitUse(5, null)).toBeNull()
})

test('just below the end the bar does not call itself full', () => {
  expect(limitUse(9_999, 10_000)).toEqual({ percent: 99, nearness: 'near' })
})

test('the mark of a peak stands where the peak was, and at the end where the limit was lowered since', () => {
  expect(peakMark(25, 100)).toBe(25)
  expect(peakMark(300, 100)).toBe(100)
})

test('without a bar a peak has no mark', () => {
  expect(peakMark(5, null)).toBeNull()
  expect(peakMark(5, 0)).toBeNull()
})
