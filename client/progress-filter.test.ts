import { expect, it } from 'vitest'
import type { JobEvent } from './index'
import { ProgressFilter } from './progress-filter'

const progress = (jobId: string): JobEvent => ({
  id: '1~1',
  type: 'progress',
  jobId,
  fromStatus: null,
  toStatus: null,
  attempt: 1,
  progress: 50,
  progressMessage: null,
  at: '2026-01-01T00:00:00.000Z',
})

it('the same progress is passed on once, and once more after a reset or the end of its job', () => {
  const filter = new ProgressFilter()
  expect([filter.isNew(progress('a')), filter.isNew(progress('a'))]).toEqual([true, false])
  expect(filter.isNew({ ...progress('a'), type: 'reset', jobId: null })).toBe(true)
  expect([filter.isNew(progress('a')), filter.isNew(progress('a'))]).toEqual([true, false])
  expect(filter.isNew({ ...progress('a'), type: 'status', toStatus: 'COMPLETED' })).toBe(true)
  expect(filter.isNew(progress('a'))).toBe(true)
})

it('after many jobs whose end it never hears of, the filter forgets the one with the oldest news', () => {
  const filter = new ProgressFilter()
  for (let n = 0; n < 5_000; n++) filter.isNew(progress(`job ${n}`))
  expect(filter.isNew(progress('job 0'))).toBe(false)
  filter.isNew(progress('one more'))
  expect([filter.isNew(progress('job 0')), filter.isNew(progress('job 2')), filter.isNew(progress('job 1'))]).toEqual([
    false,
    false,
    true,
  ])
})
