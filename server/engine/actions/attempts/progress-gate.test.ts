import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProgressReport } from './report'
import { ProgressGate } from './progress-gate'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const report = (progress: number, jobId = 'a'): ProgressReport => ({
  jobId,
  attempt: 1,
  organizationId: 'o',
  progress,
  message: null,
})
const gate = (write = vi.fn((_: ProgressReport[]) => Promise.resolve<ProgressReport[]>([]))) => {
  const onError = vi.fn()
  return {
    write,
    onError,
    gate: new ProgressGate(write, onError),
    written: () => write.mock.calls.map(([[only]]) => only?.progress),
  }
}

test('the first progress of a job is written at once, then one value a second, and the last value always', async () => {
  const { gate: progress, written } = gate()
  for (const value of [1, 2, 3]) await progress.report(report(value))
  expect(written()).toEqual([1])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(written()).toEqual([1, 3])
  await progress.report(report(4))
  await vi.advanceTimersByTimeAsync(900)
  expect(written()).toEqual([1, 3])
  await vi.advanceTimersByTimeAsync(100)
  expect(written()).toEqual([1, 3, 4])
})

test('jobs do not wait for each other’s progress, and a job that was silent for a second does not wait at all', async () => {
  const { gate: progress, written } = gate()
  await progress.report(report(1))
  await progress.report(report(2, 'b'))
  await vi.advanceTimersByTimeAsync(1_000)
  await progress.report(report(3))
  expect(written()).toEqual([1, 2, 3])
})

test('progress that a lock kept from being written is written again, unless there is a later value', async () => {
  const { gate: progress, write, written } = gate()
  write.mockImplementationOnce((reports) => Promise.resolve(reports))
  await progress.report(report(1))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(written()).toEqual([1, 1])
  write.mockImplementationOnce((reports) => Promise.resolve(reports))
  await progress.report(report(2))
  await vi.advanceTimersByTimeAsync(1_000)
  await progress.report(report(3))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(written()).toEqual([1, 1, 2, 3])
})

test('a failure to write progress at once goes to its caller, and a failure to write it later goes to the log only', async () => {
  const { gate: progress, onError } = gate(vi.fn(() => Promise.reject(new Error('away'))))
  await expect(progress.report(report(1))).rejects.toThrow('away')
  await progress.report(report(2))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(onError).toHaveBeenCalledOnce()
})
