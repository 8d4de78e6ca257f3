import { expect, test } from 'vitest'
import { formatDuration } from '@/app/_components/time'
import { paceWords, percentOf, skippedOf } from './bulk-state'

test('the progress of a bulk action reaches 100 percent only with its last job', () => {
  expect(percentOf({ matched: 1_000, processed: 999 })).toBe(99)
  expect(percentOf({ matched: 1_000, processed: 1_000 })).toBe(100)
  expect(percentOf({ matched: 0, processed: 0 })).toBe(100)
})

test('skipped jobs are counted over all reasons', () => {
  expect(skippedOf({ skipped: { NOT_FOUND: 2, ILLEGAL_TRANSITION: 3 } })).toBe(5)
  expect(skippedOf({ skipped: {} })).toBe(0)
})

test('the pace of a bulk action is shown where it is known, and the remaining time beside it where that is known, too', () => {
  expect(paceWords({ perSecond: 41.4, secondsLeft: 125, backfill: null }, formatDuration)).toBe(
    '41 jobs a second, about 2m 05s left',
  )
  expect(paceWords({ perSecond: 0.5, secondsLeft: null, backfill: null }, formatDuration)).toBe('0.5 jobs a second')
  expect(paceWords({ perSecond: 1, secondsLeft: null, backfill: null }, formatDuration)).toBe('1 job a second')
  expect(paceWords({ perSecond: 0, secondsLeft: 900, backfill: null }, formatDuration)).toBe(
    'less than 0.1 jobs a second, about 15m 00s left',
  )
  expect(
    paceWords(
      { perSecond: 12, secondsLeft: null, backfill: { scheduleId: 'id', name: 'Daily', from: '', to: '' } },
      formatDuration,
    ),
  ).toBe('12 times a second')
  expect(paceWords({ perSecond: null, secondsLeft: null, backfill: null }, formatDuration)).toBe('')
})
