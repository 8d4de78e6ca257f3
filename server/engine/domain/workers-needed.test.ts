import { expect, test } from 'vitest'
import { workersNeeded } from './workers-needed'

const load = (more: Partial<Parameters<typeof workersNeeded>[0][number]>) => [
  { queue: 'ISOLATED' as const, running: 0, waiting: [], slotsPerWorker: 4, ...more },
]

test('a pool without work needs no worker, and a single job needs one', () => {
  expect(workersNeeded([])).toBe(0)
  expect(workersNeeded(load({}))).toBe(0)
  expect(workersNeeded(load({ waiting: [{ count: 1, meanSeconds: 0.01 }] }))).toBe(1)
  expect(workersNeeded(load({ running: 1 }))).toBe(1)
})

test('thousands of short jobs need few workers, and long ones need a slot each', () => {
  // 6,000 jobs of 0.1 s are ten minutes of work: ten slots do it in a minute.
  expect(workersNeeded(load({ waiting: [{ count: 6_000, meanSeconds: 0.1 }] }))).toBe(3)
  // More slots than jobs help nobody.
  expect(workersNeeded(load({ waiting: [{ count: 8, meanSeconds: 3_600 }] }))).toBe(2)
  expect(workersNeeded(load({ running: 4, waiting: [{ count: 4, meanSeconds: 3_600 }] }))).toBe(2)
})

test('types that were never measured count with ten seconds, and a pool without a worker with the usual slots', () => {
  expect(workersNeeded(load({ waiting: [{ count: 48, meanSeconds: null }], slotsPerWorker: null }))).toBe(2)
})
