import { expect, test } from 'vitest'
import type { PlatformRow } from '@/app/_trpc/types'
import { markReason, slotsText, waitText } from './outlier-words'

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
  expect(markReason('WAIT', row)).toBe('The wait (p95) is 1m 35s, at least 4 times the usual one of an organization.')
  expect(markReason('SLOTS', row)).toBe('It has 8 slots. Its fair share is 2.5, and others wait.')
  expect(markReason('HELD', { ...row, paused: true })).toBe('It is paused, and 1,200 of its jobs wait.')
  expect(markReason('HELD', { ...row, paused: true, waiting: 1 })).toBe('It is paused, and 1 of its jobs waits.')
  expect(markReason('HELD', { ...row, status: 'SUSPENDED' })).toContain('suspended')
})

test('a fair share of 10 slots or more is shown in whole slots', () => {
  expect(slotsText({ queue: 'INLINE', held: 3, fairShare: 33.33 })).toBe('3 / 33')
  expect(slotsText({ queue: 'ISOLATED', held: 0, fairShare: 0 })).toBe('0 / 0')
})

test('a figure that was not measured is shown as a dash', () => {
  expect(waitText(null)).toBe('–')
  expect(slotsText(null)).toBe('–')
})
