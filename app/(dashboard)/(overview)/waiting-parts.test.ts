import { expect, test } from 'vitest'
import type { WaitingItem } from '@/app/_trpc/types'
import { partPath, waitEstimateWords, waitingParts } from './waiting-parts'

const item = (more: Partial<WaitingItem>): WaitingItem => ({
  code: 'CONCURRENCY_LIMIT',
  count: 1,
  message: 'At a limit.',
  estimate: null,
  ...more,
})
const minutes = (n: number) => ({
  seconds: n * 60,
  limitedBy: { of: 'jobType' as const, jobType: 'a', limit: 2 },
})

test('items with the same reason become one part with their sum', () => {
  const parts = waitingParts([
    item({ code: 'WAITING_FOR_PARENTS', count: 20 }),
    item({ jobType: 'a', organizationId: 'x', count: 12 }),
    item({ jobType: 'b', count: 9 }),
    item({ jobType: 'a', organizationId: 'y', count: 3 }),
  ])
  expect(parts.map(({ code, count }) => [code, count])).toEqual([
    ['CONCURRENCY_LIMIT', 24],
    ['WAITING_FOR_PARENTS', 20],
  ])
  expect(parts[0]!.types).toEqual([
    { jobType: 'a', count: 15 },
    { jobType: 'b', count: 9 },
  ])
})

test('a part has the longest estimate of its items, and no estimate where that of an item is unknown', () => {
  const [known] = waitingParts([item({ estimate: minutes(3) }), item({ estimate: minutes(9) })])
  expect(known!.estimate).toEqual(minutes(9))
  const [unknown] = waitingParts([item({ estimate: minutes(3) }), item({ estimate: null })])
  expect(unknown!.estimate).toBeNull()
})

test('a part tells when the first of its items goes on', () => {
  const [part] = waitingParts([
    item({}),
    item({ until: '2026-01-02T00:00:00Z' }),
    item({ until: '2026-01-01T00:00:00Z' }),
  ])
  expect(part!.until).toBe('2026-01-01T00:00:00Z')
})

test('the link to the jobs of a part has the reason, and the job type where one is meant', () => {
  expect(partPath('PAUSED')).toBe('/jobs?waitingFor=PAUSED')
  expect(partPath('CIRCUIT_OPEN', 'payout.send')).toBe('/jobs?waitingFor=CIRCUIT_OPEN&type=payout.send')
})

test('the line about the queue tells how long it takes, for how many jobs, and what decides that', () => {
  const limited = item({ count: 9, estimate: minutes(31) })
  expect(waitEstimateWords([limited], 9, minutes(31))).toBe('about 31 min; a’s limit of 2 decides')
  const paused = item({ code: 'PAUSED', count: 3 })
  expect(waitEstimateWords([limited, paused], 12, minutes(31))).toBe(
    'about 31 min for 9 of them; a’s limit of 2 decides',
  )
  expect(waitEstimateWords([paused], 3, null)).toBe('how long is not known')
  expect(waitEstimateWords([item({ code: 'SCHEDULED' }), item({ code: 'RETRY_BACKOFF' })], 2, null)).toBe(
    'all planned for later',
  )
})
