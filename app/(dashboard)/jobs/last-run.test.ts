import { expect, test } from 'vitest'
import { lastRun } from './last-run'

const at = (time: string) => `2026-11-29T${time}Z`
const job = {
  status: 'COMPLETED' as const,
  queuedAt: at('10:00:00.000'),
  startedAt: at('10:00:01.000'),
  finishedAt: at('10:00:03.000'),
  cancelRequestedAt: null,
  canceledAt: null,
  error: null,
}
const canceled = { ...job, status: 'CANCELED' as const, finishedAt: at('11:00:00.000'), canceledAt: at('11:00:00.000') }

test('a job that completed or died of its attempt ran from its start to its end, and a running one still runs', () => {
  expect(lastRun(job)).toEqual({ from: job.startedAt, to: job.finishedAt })
  const error = { message: 'Broken', class: 'PERMANENT' as const, fingerprint: 'broken' }
  expect(lastRun({ ...job, status: 'DEAD_LETTER', error })).toEqual({ from: job.startedAt, to: job.finishedAt })
  expect(lastRun({ ...job, status: 'RUNNING', finishedAt: null })).toEqual({ from: job.startedAt, to: null })
})

test('a job that has not started, or waits for its retry, has no run to show', () => {
  expect(lastRun({ ...job, status: 'PENDING', startedAt: null, finishedAt: null })).toBeNull()
  expect(lastRun({ ...job, status: 'FAILED', finishedAt: null })).toBeNull()
})

test('a job that was canceled while it ran shows its run', () => {
  expect(lastRun({ ...canceled, cancelRequestedAt: at('10:59:59.700') })).toEqual({
    from: job.startedAt,
    to: canceled.finishedAt,
  })
})

test('a job that was canceled while it waited for its retry shows no duration, though its attempt was an hour ago', () => {
  expect(lastRun({ ...canceled, cancelRequestedAt: at('11:00:00.000') })).toBeNull()
  expect(lastRun({ ...canceled, cancelRequestedAt: at('10:59:59.999') })).toBeNull()
})

test('a job that ended in the queue, or because of its parent, after an earlier attempt shows no duration', () => {
  const died = { ...job, status: 'DEAD_LETTER' as const, finishedAt: at('11:00:00.000') }
  expect(lastRun({ ...died, queuedAt: at('10:59:00.000') })).toBeNull()
  const error = { message: 'Its parent died', class: 'PERMANENT' as const, fingerprint: 'parent-ended' }
  expect(lastRun({ ...died, error })).toBeNull()
})
