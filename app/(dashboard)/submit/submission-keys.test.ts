import { expect, test } from 'vitest'
import { randomKey, submissionKeys } from './submission-keys'

test('each input of the submit form has one idempotency key, and the same input later gets the same key', () => {
  let n = 0
  const keyOf = submissionKeys(() => `k${n++}`)
  const input = (count: number) => ({ organizationId: 'o', jobType: 't', parameters: { count } })
  expect([1, 1, 2, 1].map((count) => keyOf(input(count)))).toEqual(['k0', 'k0', 'k1', 'k0'])
  expect(keyOf({ ...input(1), dedupe: false })).toBe('k2')
})

test('two submit forms have different idempotency keys', () => {
  expect(randomKey()).toMatch(/^form-[0-9a-f]{32}$/)
  expect(randomKey()).not.toBe(randomKey())
})
