import { describe, expect, it } from 'vitest'
import { client, failure, job, ok } from './client.fixture'
import { jsonText } from './json-text'

describe('parameters that a caller passes', () => {
  it('parameters are sent exactly as JSON.stringify writes them', () => {
    const input = {
      a: [1, -0, 1.5, 1e300, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, null, undefined],
      at: new Date(0),
      b: { c: undefined, d: 'x' },
      big: '9007199254740993',
      j: { toJSON: () => 7 },
    }
    expect(jsonText(input)).toBe(JSON.stringify(input))
  })

  it.each([
    ['a whole number beyond 2^53', 9007199254740992, /cannot be kept exactly.*send it as a string/],
    ['a negative one', -1e20, /cannot be kept exactly.*send it as a string/],
    ['a BigInt', 9007199254740993n, /BigInt.*send it as a string/],
    ['NaN', NaN, /NaN/],
    ['Infinity', -Infinity, /-Infinity/],
    ['a function', () => 1, /function/],
    ['a Map', new Map([['a', 1]]), /Map/],
    ['an invalid Date', new Date(NaN), /Date/],
  ])('parameters that JSON would change are refused before they are sent: %s', async (_, value, words) => {
    const { jobyard, seen } = client([ok({ id: 'a' })])
    const error = await failure(jobyard.submit({ ...job, parameters: { list: [{ fine: [1] }, { id: value }] } }))
    expect(error).toMatchObject({ reason: 'INVALID_INPUT', data: { fields: [{ path: 'parameters.list[1].id' }] } })
    expect(error.message).toMatch(words)
    expect((await failure(jobyard.submitMany([job, { ...job, parameters: { id: value } }]))).data).toMatchObject({
      fields: [{ path: 'jobs[1].parameters.id' }],
    })
    expect(seen).toEqual([])
  })

  it('an object that contains itself, or that cannot be written, is refused at once and not tried again', async () => {
    const { jobyard, seen } = client([ok({ id: 'a' })])
    const order: { lines: unknown[] } = { lines: [] }
    order.lines.push({ of: order })
    const itself = await failure(jobyard.submit({ ...job, parameters: { order } }))
    expect(itself).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'parameters.order.lines[0].of', message: expect.stringMatching(/contains itself/) }] },
    })
    const broken = {
      toJSON() {
        throw new Error('not today')
      },
    }
    expect(await failure(jobyard.submit({ ...job, parameters: { broken } }))).toMatchObject({
      reason: 'INVALID_INPUT',
      message: expect.stringMatching(/not today/),
    })
    const twice = { id: 1 }
    await jobyard.submit({ ...job, parameters: { first: twice, second: twice } })
    expect(seen).toHaveLength(1)
  })
})
