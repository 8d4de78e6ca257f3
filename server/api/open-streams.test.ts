import { expect, it } from 'vitest'
import type { EngineError } from '@/server/engine'
import { MOST_OF_A_CALLER, MOST_OF_AN_ORGANIZATION, OpenStreams } from './open-streams'

const refusal = (take: () => unknown) => {
  try {
    take()
  } catch (error) {
    return error as EngineError
  }
  return null
}

it('a caller with the most allowed streams gets no other, but other callers do', () => {
  const streams = new OpenStreams()
  const ends = Array.from({ length: MOST_OF_A_CALLER }, () => streams.take('a', 'acme'))
  expect(refusal(() => streams.take('a', 'globex'))).toMatchObject({
    reason: 'RATE_LIMITED',
    data: { retryAfterSeconds: 10 },
    message: expect.stringContaining('Close one') as string,
  })
  streams.take('b', 'acme')
  ends[0]!()
  ends[0]!()
  streams.take('a', 'acme')
  expect(refusal(() => streams.take('a', 'acme'))).not.toBeNull()
})

it('an organization with the most allowed streams gets no other, but another organization does', () => {
  const streams = new OpenStreams()
  const ends = Array.from({ length: MOST_OF_AN_ORGANIZATION }, (_, n) => streams.take(`caller ${n}`, 'acme'))
  expect(refusal(() => streams.take('one more', 'acme'))?.message).toContain('The organization is watched by')
  streams.take('one more', 'globex')
  for (const end of ends) end()
  streams.take('one more', 'acme')
})
