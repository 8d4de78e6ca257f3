import { expect, test } from 'vitest'
import type { PlatformRow } from '@/app/_trpc/types'
import { markReason, slotsText, waitText } from './words'

const row: PlatformRow = {
  organizationId: 'o',
  name: 'Acme',
  slug: 'acme',
  status: 'ACTIVE',
  paused: false,
  waiting: 1200,
  running: 8,
  unfinished: 900,
  maxUnfinished: 1000,
  quotaUse: 0.9,
  slots: { queue: 'INLINE', held: 8, fairShare: 2.5 },
  waitP95: 95,
  completed: 60,
  failed: 40,
  failureRate: 0.4,
  outliers: [],
}

test('each mark is explained with the figures that led to it', () => {
  expect(markReason('QUOTA', row)).toBe('90 % of the limit of unfinished jobs is used.')
  expect(markReason('FAILURES', row)).toBe('40 of 100 attempts failed.')
  expect(markReason('WAIT', row)).toContain('1m 35s')
  expect(markReason('SLOTS', row)).toContain('8 of 2.5')
  expect(markReason('HELD', { ...row, paused: true })).toBe('It is paused while 1,200 of its jobs wait.')
  expect(markReason('HELD', { ...row, status: 'SUSPENDED' })).toContain('suspended')
})

test('a fair share is shown with one decimal while it is small, and in whole slots otherwise', () => {
  expect(slotsText({ queue: 'INLINE', held: 3, fairShare: 33.33 })).toBe('3 of 33')
  expect(slotsText({ queue: 'ISOLATED', held: 0, fairShare: 0 })).toBe('0 of 0')
})

test('a figure that was not measured is shown as a dash', () => {
  expect(waitText(null)).toBe('–')
  expect(slotsText(null)).toBe('–')
})
