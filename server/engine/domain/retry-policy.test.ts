import { expect, test } from 'vitest'
import { retryDelay } from './retry-policy'

const policy = { failures: 0, maxRetries: 2, backoffBaseSeconds: 60, backoffCapSeconds: 960 }
const transient = { class: 'TRANSIENT', retryAfterSeconds: null } as const

test('a transient failure is retried until the retries are used up', () => {
  const delays = [0, 1, 2].map((failures) => retryDelay({ ...policy, failures }, transient, 0.5))
  expect(delays).toEqual([60, 120, null])
  expect(retryDelay({ ...policy, maxRetries: 0 }, transient, 0.5)).toBeNull()
})

test('a permanent failure is not retried, whatever delay it asks for', () => {
  expect(retryDelay(policy, { class: 'PERMANENT', retryAfterSeconds: 5 }, 0.5)).toBeNull()
})

test('the delay that a failure asks for is used where it is longer than the backoff', () => {
  expect(retryDelay(policy, { ...transient, retryAfterSeconds: 600 }, 0.5)).toBe(600)
})
