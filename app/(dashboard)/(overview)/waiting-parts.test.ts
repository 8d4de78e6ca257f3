import { expect, test } from 'vitest'
import type { WaitingItem } from '@/app/_trpc/types'
import { partPath, waitingParts } from './waiting-parts'

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

test('items of one reason become one part, whose count is their sum', () => {
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

test('a part has the longest estimate of its items, and none where one of them is not known', () => {
  const [known] = waitingParts([item({ estimate: minutes(3) }), item({ estimate: minutes(9) })])
  expect(known!.estimate).toEqual(minutes(9))
  const [unknown] = waitingParts([item({ estimate: minutes(3) }), item({ estimate: null })])
  expect(unknown!.estimate).toBeNull()
})

test('a part says when the first of its items goes on', () => {
  const [part] = waitingParts([
    item({}),
    item({ until: '2026-01-02T00:00:00Z' }),
    item({ until: '2026-01-01T00:00:00Z' }),
  ])
  expect(part!.until).toBe('2026-01-01T00:00:00Z')
})

test('the way to the jobs of a part names the reason, and the job type where one is meant', () => {
  expect(partPath('PAUSED')).toBe('/jobs?waitingFor=PAUSED')
  expect(partPath('CIRCUIT_OPEN', 'payout.send')).toBe('/jobs?waitingFor=CIRCUIT_OPEN&type=payout.send')
})
