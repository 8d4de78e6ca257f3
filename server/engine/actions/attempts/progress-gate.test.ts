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

test('the first value is written at once, then one a second, and the last always', async () => {
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

test('jobs do not wait for each other, nor does one that was silent for a second', async () => {
  const { gate: progress, written } = gate()
  await progress.report(report(1))
  await progress.report(report(2, 'b'))
  await vi.advanceTimersByTimeAsync(1_000)
  await progress.report(report(3))
  expect(written()).toEqual([1, 2, 3])
})

test('a value that a lock kept from being written comes again, unless there is a later one', async () => {
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

test('a failure is the first caller’s to know, and a later one’s nobody’s but the log', async () => {
  const { gate: progress, onError } = gate(vi.fn(() => Promise.reject(new Error('away'))))
  await expect(progress.report(report(1))).rejects.toThrow('away')
  await progress.report(report(2))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(onError).toHaveBeenCalledOnce()
})
