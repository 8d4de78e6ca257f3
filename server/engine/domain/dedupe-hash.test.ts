import { describe, expect, it } from 'vitest'
import { CanonicalJsonError, toStoredJson } from './canonical-json'
import { dedupeHash, inputHash } from './dedupe-hash'
import type { SubmitInput } from './types'

const job = { organizationId: 'o1', jobType: 'sample.work', parameters: { a: 1, b: [2] } }
const hex = (buffer: Buffer) => buffer.toString('hex')

describe('dedupeHash', () => {
  it('the dedupe hash is a SHA-256 that stays the same over releases, because stored hashes must still be found', () => {
    expect(dedupeHash(job)).toHaveLength(32)
    expect(hex(dedupeHash(job))).toBe('e8bf8bd192c6b6c72c687badbf03d241a7f80c55b6db08ce9a342562da4aced0')
  })

  it('the same job has the same dedupe hash, whether its parameters are raw or stored', () => {
    const raw = { ...job, parameters: { at: new Date(0), tags: new Set(['b', 'a']), none: undefined } }
    const stored = { ...job, parameters: JSON.parse(JSON.stringify(toStoredJson(raw.parameters))) as unknown }
    expect(dedupeHash(raw)).toEqual(dedupeHash(stored))
    expect(dedupeHash({ ...job, parameters: { b: [2], a: 1 } })).toEqual(dedupeHash(job))
  })

  it.each([
    ['organization', { ...job, organizationId: 'o2' }],
    ['job type', { ...job, jobType: 'sample.noop' }],
    ['parameters', { ...job, parameters: { a: '1', b: [2] } }],
  ])('the dedupe hash differs where this differs: %s', (_, other) =>
    expect(dedupeHash(other)).not.toEqual(dedupeHash(job)),
  )

  // Each pair would look the same if the two names were joined with nothing, with a dot, or with quotes that are not
  // escaped between them.
  it.each([
    [
      ['o1s', 'ample'],
      ['o1', 'sample'],
    ],
    [
      ['o1.a', 'b'],
      ['o1', 'a.b'],
    ],
    [
      ['o1","a', 'b'],
      ['o1', 'a","b'],
    ],
  ])('the dedupe hash differs where text moves from the organization to the job type: %j and %j', (one, other) => {
    const hashOf = ([organizationId, jobType]: string[]) =>
      dedupeHash({ ...job, organizationId: organizationId!, jobType: jobType! })
    expect(hashOf(one)).not.toEqual(hashOf(other))
  })

  it('the dedupe hash refuses parameters without a JSON form, and names the path', () => {
    expect(() => dedupeHash({ ...job, parameters: { a: NaN } })).toThrowError(CanonicalJsonError)
    expect(() => dedupeHash({ ...job, parameters: { a: NaN } })).toThrowError(/^parameters\.a: /)
  })
})

describe('inputHash', () => {
  const input: SubmitInput = { jobType: 'sample.work', parameters: { a: 1 }, idempotencyKey: 'k' }

  it('the input hash is the same for an absent field and for its fixed default', () => {
    expect(inputHash({ jobType: 't' })).toEqual(
      inputHash({ jobType: 't', parameters: {}, dedupe: true, priority: undefined }),
    )
    expect(inputHash({ jobType: 't', dependsOn: [] })).toEqual(inputHash({ jobType: 't' }))
    const named = inputHash({ ...input, dependsOn: ['first'] })
    expect(inputHash({ ...input, dependsOn: [{ job: 'first', on: 'completed' }] })).toEqual(named)
  })

  it('the idempotency key is not part of the input hash', () => {
    expect(inputHash({ ...input, idempotencyKey: 'another' })).toEqual(inputHash(input))
  })

  it.each<[string, Partial<SubmitInput>]>([
    ['jobType', { jobType: 'other' }],
    ['parameters', { parameters: { a: 2 } }],
    ['priority', { priority: 'NORMAL' }],
    ['runAt', { runAt: new Date(0) }],
    ['dedupe', { dedupe: false }],
    ['maxRetries', { maxRetries: 0 }],
    ['timeoutSeconds', { timeoutSeconds: 1 }],
    ['dependsOn', { dependsOn: ['first'] }],
    ['the condition of dependsOn', { dependsOn: [{ job: 'first', on: 'ended' }] }],
  ])('the input hash differs where this differs: %s', (_, change) =>
    expect(inputHash({ ...input, ...change })).not.toEqual(inputHash(input)),
  )

  it('the input hash stays the same over releases, because an idempotency key is remembered for a day', () => {
    expect(hex(inputHash({ ...input, runAt: new Date(0), maxRetries: 0 }))).toBe(
      'a41c6e3a89d7f3f96ae5a0cc2f5e060fd9951cf1220dc4376725e495ddc106d2',
    )
  })
})
