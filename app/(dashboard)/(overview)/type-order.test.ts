import { expect, it } from 'vitest'
import type { TypeMetrics } from '@/app/_trpc/types'
import { byFailures } from './type-order'

const NOTHING = { avg: null, p50: null, p95: null, p99: null }
const type = (jobType: string, failed: number, completed: number): TypeMetrics => ({
  jobType,
  submitted: 0,
  completed,
  failed,
  failureRate: null,
  waiting: 0,
  running: 0,
  wait: NOTHING,
  run: NOTHING,
})

it('job types are ordered by failures, then by jobs completed, then by name', () => {
  const types = [
    type('idle.b', 0, 0),
    type('busy', 0, 9),
    type('worst', 7, 1),
    type('idle.a', 0, 0),
    type('bad', 2, 100),
  ]
  expect(byFailures(types).map(({ jobType }) => jobType)).toEqual(['worst', 'bad', 'busy', 'idle.a', 'idle.b'])
})
