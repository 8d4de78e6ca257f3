import { expect, test } from 'vitest'
import type { Job } from '@/app/_trpc/types'
import { mustAsk } from './ask-about-job'

const operator = { userId: 'u', role: 'OPERATOR', systemAdmin: false } as const
const job = (status: Job['status'], by: string, over: Partial<Job> = {}) =>
  ({ status, submittedBy: { type: 'user', id: by, name: 'x' }, cancelRequestedAt: null, ...over }) as Job

test('an operator has to ask for what only an admin may do to a job, and does the rest without asking', () => {
  expect(mustAsk('cancel', job('PENDING', 'other'), operator)).toBe(true)
  expect(mustAsk('cancel', job('PENDING', 'u'), operator)).toBe(false)
  expect(mustAsk('retry', job('DEAD_LETTER', 'u'), operator)).toBe(true)
  expect(mustAsk('delete', job('COMPLETED', 'u'), operator)).toBe(true)
})

test('nobody has to ask for what cannot be done, or for what they may do themselves, and a viewer may not ask', () => {
  expect(mustAsk('cancel', job('COMPLETED', 'other'), operator)).toBe(false)
  expect(mustAsk('cancel', job('RUNNING', 'other', { cancelRequestedAt: '2026-01-01T00:00:00Z' }), operator)).toBe(
    false,
  )
  expect(mustAsk('retry', job('RUNNING', 'other'), operator)).toBe(false)
  for (const role of ['ADMIN', 'VIEWER'] as const)
    expect(mustAsk('retry', job('DEAD_LETTER', 'other'), { ...operator, role })).toBe(false)
})
