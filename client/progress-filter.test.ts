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
  expect([filter.admit(progress('a')), filter.admit(progress('a'))]).toEqual([true, false])
  expect(filter.admit({ ...progress('a'), type: 'reset', jobId: null })).toBe(true)
  expect([filter.admit(progress('a')), filter.admit(progress('a'))]).toEqual([true, false])
  expect(filter.admit({ ...progress('a'), type: 'status', toStatus: 'COMPLETED' })).toBe(true)
  expect(filter.admit(progress('a'))).toBe(true)
})

it('after many jobs whose end it never hears of, the filter forgets the one with the oldest news', () => {
  const filter = new ProgressFilter()
  // As many as it remembers.
  for (let n = 0; n < 5_000; n++) filter.admit(progress(`job ${n}`))
  // Job 0 has news, so that job 1 has the oldest and gives way to the next one.
  expect(filter.admit(progress('job 0'))).toBe(false)
  filter.admit(progress('one more'))
  expect([filter.admit(progress('job 0')), filter.admit(progress('job 2')), filter.admit(progress('job 1'))]).toEqual([
    false,
    false,
    true,
  ])
})
