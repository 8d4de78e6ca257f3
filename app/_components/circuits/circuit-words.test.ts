import { expect, test } from 'vitest'
import type { Circuit } from '@/app/_trpc/types'
import { nextStep, splitByState, outcomeWords } from './circuit-words'

const NOW = Date.parse('2026-11-29T10:00:00.000Z')
const circuit = (over: Partial<Circuit>) =>
  ({ state: 'OPEN', trialMayStartAt: '2026-11-29T10:12:03.000Z', trialJobId: null, ...over }) as Circuit

test('the words for an open circuit tell when one of its jobs is tried, and change once that time has come', () => {
  expect(nextStep(circuit({}), NOW)).toBe('One job is tried in 12m 03s')
  expect(nextStep(circuit({ trialMayStartAt: '2026-11-29T09:59:59.000Z' }), NOW)).toBe(
    'The next job that waits is tried',
  )
  expect(nextStep(circuit({ state: 'HALF_OPEN' }), NOW)).toBe('The next job that waits is tried')
  expect(nextStep(circuit({ state: 'HALF_OPEN', trialJobId: 'j' }), NOW)).toBe('One job is being tried now')
})

test('open and closed circuits are listed apart, and those that opened or closed last come first', () => {
  const opened = (jobType: string, openedAt: string) => circuit({ jobType, openedAt })
  const closed = (jobType: string, closedAt: string) => circuit({ jobType, state: 'CLOSED', closedAt })
  // Instead of times, any texts in their order.
  const sorted = splitByState([closed('a', '1'), opened('b', '1'), closed('c', '2'), opened('d', '2')])
  expect(sorted.open.map(({ jobType }) => jobType)).toEqual(['d', 'b'])
  expect(sorted.closed.map(({ jobType }) => jobType)).toEqual(['c', 'a'])
})

test('a screen reader hears the dots of a circuit as words', () => {
  const at = { jobId: 'j', at: '' }
  expect(
    outcomeWords({
      recent: [
        { ...at, outcome: 'COMPLETED' },
        { ...at, outcome: 'FAILED' },
        { ...at, outcome: 'TIMED_OUT' },
      ],
    }),
  ).toBe('Of the last 3 attempts, 1 completed and 2 failed')
})
