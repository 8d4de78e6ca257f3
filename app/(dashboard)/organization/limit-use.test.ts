import { expect, test } from 'vitest'
import { limitUse, peakMark } from './limit-use'

test('the bar of a limit shows which part of the limit is used', () => {
  expect(limitUse(0, 10)).toEqual({ percent: 0, nearness: 'free' })
  expect(limitUse(3, 10)).toEqual({ percent: 30, nearness: 'free' })
})

test('a limit counts as near from four fifths on, and as full at its end', () => {
  expect(limitUse(79, 100)?.nearness).toBe('free')
  expect(limitUse(80, 100)?.nearness).toBe('near')
  expect(limitUse(100, 100)).toEqual({ percent: 100, nearness: 'full' })
})

test('when a limit is lowered below what is used, its bar stops at 100 percent', () => {
  expect(limitUse(1200, 1000)).toEqual({ percent: 100, nearness: 'full' })
})

test('a limit of 0 counts as full even when nothing is used', () => {
  expect(limitUse(0, 0)).toEqual({ percent: 100, nearness: 'full' })
})

test('a figure without a limit has no bar', () => {
  expect(limitUse(5, null)).toBeNull()
})

test('the bar does not show full just below the limit', () => {
  expect(limitUse(9_999, 10_000)).toEqual({ percent: 99, nearness: 'near' })
})

test('the mark of a peak stands at its place, and at the end of the bar if the limit was lowered since', () => {
  expect(peakMark(25, 100)).toBe(25)
  expect(peakMark(300, 100)).toBe(100)
})

test('a peak has no mark where there is no bar', () => {
  expect(peakMark(5, null)).toBeNull()
  expect(peakMark(5, 0)).toBeNull()
})
