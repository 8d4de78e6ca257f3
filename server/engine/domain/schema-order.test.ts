import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalStoredJson } from './canonical-json'
import { inSchemaOrder, scalars } from './schema-order'
import type { Json } from './types'

const text = (value: Json, schema: Json) => JSON.stringify(inSchemaOrder(value, schema))

describe('parameters stand in the order of the schema', () => {
  const address = { type: 'object', properties: { street: {}, city: {} } }
  it.each<[string, Json, Json, string]>([
    ['fields', { properties: { from: {}, to: {} } }, { to: 2, from: 1 }, '{"from":1,"to":2}'],
    [
      'fields the schema does not know come after, as they stood',
      { properties: { b: {} } },
      { z: 1, a: 2, b: 3 },
      '{"b":3,"z":1,"a":2}',
    ],
    [
      'objects in objects',
      { properties: { a: { properties: { y: {}, x: {} } } } },
      { a: { x: 1, y: 2 } },
      '{"a":{"y":2,"x":1}}',
    ],
    [
      'objects in lists',
      { properties: { rows: { items: { properties: { y: {}, x: {} } } } } },
      { rows: [{ x: 1, y: 2 }] },
      '{"rows":[{"y":2,"x":1}]}',
    ],
    [
      'tuples',
      { properties: { t: { prefixItems: [{ properties: { y: {}, x: {} } }] } } },
      { t: [{ x: 1, y: 2 }] },
      '{"t":[{"y":2,"x":1}]}',
    ],
    [
      'values of free names',
      { additionalProperties: { properties: { y: {}, x: {} } } },
      { any: { x: 1, y: 2 } },
      '{"any":{"y":2,"x":1}}',
    ],
    [
      'behind a reference',
      { properties: { a: { $ref: '#/$defs/address' } }, $defs: { address } },
      { a: { city: 1, street: 2 } },
      '{"a":{"street":2,"city":1}}',
    ],
    [
      'in parts of a schema',
      { properties: { c: {} }, allOf: [{ properties: { b: {} } }], anyOf: [{ properties: { a: {} } }] },
      { a: 1, b: 2, c: 3 },
      '{"c":3,"b":2,"a":1}',
    ],
    [
      'a tree',
      { $defs: { n: { properties: { name: {}, kids: { items: { $ref: '#/$defs/n' } } } } }, $ref: '#/$defs/n' },
      { kids: [{ kids: [], name: 1 }], name: 2 },
      '{"name":2,"kids":[{"name":1,"kids":[]}]}',
    ],
    ['no schema', null, { b: 1, a: 2 }, '{"b":1,"a":2}'],
  ])('parameters are put in the order of their schema: %s', (_, schema, value, expected) =>
    expect(text(value, schema)).toBe(expected),
  )

  it('putting parameters in order changes nothing else about them', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.array(fc.string(), { maxLength: 5 }), (value, names) => {
        const schema: Json = {
          properties: Object.fromEntries(names.map((name) => [name, { $ref: '#' }])),
          additionalProperties: { $ref: '#' },
          items: { $ref: '#' },
        }
        expect(canonicalStoredJson(inSchemaOrder(value as Json, schema))).toBe(canonicalStoredJson(value as Json))
      }),
    )
  })
})

it('scalar values come in the order of the schema, and the first of many may be taken alone', () => {
  const schema = { properties: { c: {}, a: { properties: { y: {}, x: {} } } } }
  expect([...scalars({ a: { x: 1, y: 'two' }, b: [true, null], c: 3 }, schema)]).toEqual([3, 'two', 1, true])
  const long = scalars(
    Array.from({ length: 1000 }, (_, n) => n),
    {},
  )
  expect(long.next().value).toBe(0)
})

it('sorting and searching stop after a fixed number of steps, however a value and its schema are made', () => {
  let looks = 0
  const branch = (n: number) => ({
    title: `b${n}`,
    get $ref() {
      looks++
      return undefined
    },
  })
  const schema = {
    properties: { a: { items: { anyOf: Array.from({ length: 1_900 }, (_, n) => branch(n)) } } },
  } as unknown as Json
  const value = { a: Array.from({ length: 5_000 }, () => []) }
  expect([...scalars(value, schema)]).toEqual([])
  expect(looks).toBeLessThan(50_000)
  looks = 0
  expect(inSchemaOrder(value, schema)).toEqual(value)
  expect(looks).toBeLessThan(500_000)
})

it('a job with a hundred fields before its values is still named by the first three in the order of the schema', () => {
  const names = Array.from({ length: 100 }, (_, n) => `empty${n}`)
  const schema: Json = {
    properties: Object.fromEntries([...names, 'c', 'b', 'a'].map((name) => [name, { type: ['object', 'string'] }])),
  }
  const value: Json = { a: '3', b: '2', c: '1', ...Object.fromEntries(names.map((name) => [name, {}])) }
  expect([...scalars(value, schema)]).toEqual(['1', '2', '3'])
})
