import { expect, test } from 'vitest'
import { JobyardError } from '@/client'
import { failureOf } from './top'

test('top tells a refusal from a server that does not answer', () => {
  expect(failureOf(new JobyardError('NETWORK', 'It is away.'), 'jobs.example.com')).toBe(
    'No answer from jobs.example.com: It is away.',
  )
  expect(failureOf(new JobyardError('NOT_PERMITTED', 'Your role does not allow it.'), 'jobs.example.com')).toBe(
    'jobs.example.com refuses (NOT_PERMITTED): Your role does not allow it.',
  )
})
