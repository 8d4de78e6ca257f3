import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckTooLong, Meter, NO_LIMIT } from './json-schema/meter'
import { checkParameterSchema } from './parameter-schema'
import { MASK } from './mask'
import { maskedPlaces, maskSensitive, sensitiveTexts } from './sensitive'
import type { Json } from './types'

const secret = { type: 'string', 'x-sensitive': true }
const masked = (schema: { [key: string]: Json }, parameters: Json): Json => {
  const whole = { type: 'object', ...schema }
  expect(checkParameterSchema(whole)).toEqual([])
  return maskSensitive(whole, parameters).parameters
}

describe('maskSensitive', () => {
  it('fields that are marked as sensitive are masked at any depth, and nothing else is', () => {
    const schema = {
      properties: {
        user: { type: 'string' },
        login: { type: 'object', properties: { password: secret, realm: { type: 'string' } } },
      },
    }
    expect(masked(schema, { user: 'ada', login: { password: 'hunter2', realm: 'x' }, more: [1] })).toEqual({
      user: 'ada',
      login: { password: MASK, realm: 'x' },
      more: [1],
    })
  })

  it('whole objects, numbers and null are masked like text', () => {
    const schema = {
      properties: {
        a: { 'x-sensitive': true },
        b: { 'x-sensitive': true },
        c: { 'x-sensitive': true },
        d: { 'x-sensitive': false },
      },
    }
    expect(masked(schema, { a: { deep: ['x'] }, b: null, c: 7, d: 8 })).toEqual({ a: MASK, b: MASK, c: MASK, d: 8 })
  })

  const forms: [string, { [key: string]: Json }, Json, Json][] = [
    [
      'items of a list',
      { properties: { keys: { type: 'array', items: secret } } },
      { keys: ['a', 'b'] },
      { keys: [MASK, MASK] },
    ],
    [
      'objects in a list',
      { properties: { rows: { items: { properties: { key: secret } } } } },
      { rows: [{ key: 'a', n: 1 }, { n: 2 }] },
      { rows: [{ key: MASK, n: 1 }, { n: 2 }] },
    ],
    [
      'a tuple',
      { properties: { pair: { prefixItems: [{ type: 'string' }, secret] } } },
      { pair: ['name', 'key', 'rest'] },
      { pair: ['name', MASK, 'rest'] },
    ],
    [
      'items after a tuple',
      { properties: { pair: { prefixItems: [{ type: 'string' }], items: secret } } },
      { pair: ['name', 'key'] },
      { pair: ['name', MASK] },
    ],
    [
      'contains, also for items that do not match it',
      { properties: { list: { contains: secret } } },
      { list: [1, 'a'] },
      { list: [MASK, MASK] },
    ],
    [
      '$ref',
      { properties: { a: { $ref: '#/$defs/key' } }, $defs: { key: secret } },
      { a: 'x', b: 'y' },
      { a: MASK, b: 'y' },
    ],
    [
      '$ref with a mark beside it',
      { properties: { a: { $ref: '#/$defs/text', 'x-sensitive': true } }, $defs: { text: { type: 'string' } } },
      { a: 'x' },
      { a: MASK },
    ],
    [
      '$anchor',
      { properties: { a: { $ref: '#key' } }, $defs: { key: { ...secret, $anchor: 'key' } } },
      { a: 'x' },
      { a: MASK },
    ],
    [
      'oneOf, also where another alternative was taken',
      { properties: { a: { oneOf: [secret, { type: 'number' }] } } },
      { a: 5 },
      { a: MASK },
    ],
    [
      'anyOf of objects',
      { properties: { a: { anyOf: [{ properties: { k: secret } }, { properties: { n: { type: 'number' } } }] } } },
      { a: { k: 'x', n: 1 } },
      { a: { k: MASK, n: 1 } },
    ],
    [
      'allOf',
      { allOf: [{ properties: { a: secret } }, { properties: { a: { minLength: 1 } } }] },
      { a: 'x' },
      { a: MASK },
    ],
    [
      'then',
      { if: { properties: { kind: { const: 'k' } } }, then: { properties: { a: secret } } },
      { kind: 'k', a: 'x' },
      { kind: 'k', a: MASK },
    ],
    [
      'dependentSchemas',
      { dependentSchemas: { b: { properties: { a: secret } } } },
      { a: 'x', b: 1 },
      { a: MASK, b: 1 },
    ],
    [
      'patternProperties',
      { patternProperties: { '^secret_': secret } },
      { secret_a: 'x', a: 'y' },
      { secret_a: MASK, a: 'y' },
    ],
    [
      'additionalProperties',
      { properties: { a: { type: 'string' } }, additionalProperties: secret },
      { a: 'x', b: 'y' },
      { a: 'x', b: MASK },
    ],
    [
      'unevaluatedProperties',
      { properties: { a: { type: 'string' } }, unevaluatedProperties: secret },
      { a: 'x', b: 'y' },
      { a: 'x', b: MASK },
    ],
    [
      'propertyNames, which hides the whole object because its names are secret',
      { properties: { tokens: { propertyNames: { 'x-sensitive': true } } } },
      { tokens: { 'secret name': 1 } },
      { tokens: MASK },
    ],
    ['the root', { 'x-sensitive': true }, { a: 1 }, MASK],
  ]
  it.each(forms)('a sensitive value is masked where the mark is reached by %s', (_, schema, parameters, expected) => {
    expect(masked(schema, parameters)).toEqual(expected)
  })

  it('a recursive schema masks as deep as the value goes', () => {
    const schema = {
      properties: { tree: { $ref: '#/$defs/node' } },
      $defs: {
        node: {
          type: 'object',
          properties: { key: secret, next: { $ref: '#/$defs/node' }, others: { items: { $ref: '#/$defs/node' } } },
        },
      },
    }
    expect(masked(schema, { tree: { key: 'a', next: { key: 'b', others: [{ key: 'c' }] } } })).toEqual({
      tree: { key: MASK, next: { key: MASK, others: [{ key: MASK }] } },
    })
  })

  // No schema with such a name is accepted today, but one of an earlier version may be stored.
  it('fields with names such as __proto__ are kept, and the secrets in them are masked', () => {
    const parameters = JSON.parse('{"__proto__":{"key":"a"},"constructor":"b","toString":"c","key":"d"}') as Json
    const schema = JSON.parse(
      '{"type":"object","properties":{"key":{"x-sensitive":true},"__proto__":{"properties":{"key":{"x-sensitive":true}}}}}',
    ) as Json
    expect(JSON.stringify(maskSensitive(schema, parameters).parameters)).toBe(
      '{"__proto__":{"key":"[masked]"},"constructor":"b","toString":"c","key":"[masked]"}',
    )
  })

  it('the same object is returned where nothing is sensitive', () => {
    const parameters = { a: { b: ['x'] } }
    expect(maskSensitive({ type: 'object', properties: { a: {}, z: secret } }, parameters).parameters).toBe(parameters)
    expect(maskSensitive({ type: 'object' }, parameters).parameters).toBe(parameters)
    expect(maskSensitive(true, parameters).parameters).toBe(parameters)
  })

  it('no sensitive text remains visible, whatever schemas stand around it', () => {
    const wrap = fc.array(
      fc.constantFrom(
        'properties',
        'items',
        'prefixItems',
        'patternProperties',
        'additionalProperties',
        '$ref',
        'allOf',
        'oneOf',
        'then',
      ),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(wrap, fc.string({ minLength: 5 }), (steps, text) => {
        const $defs: { [key: string]: Json } = {}
        let schema: { [key: string]: Json } = { 'x-sensitive': true }
        let value: Json = { text: `«${text}»` }
        steps.forEach((step, n) => {
          if (step === 'items') [schema, value] = [{ items: schema }, [value]]
          else if (step === 'prefixItems') [schema, value] = [{ prefixItems: [{}, schema] }, [0, value]]
          else if (step === 'patternProperties')
            [schema, value] = [{ patternProperties: { '^a': schema } }, { ab: value }]
          else if (step === 'additionalProperties')
            [schema, value] = [
              { properties: { b: {} }, additionalProperties: schema },
              { a: value, b: 1 },
            ]
          else if (step === '$ref') [schema, $defs[`d${n}`]] = [{ $ref: `#/$defs/d${n}` }, schema]
          else if (step === 'allOf' || step === 'oneOf') schema = { [step]: [{}, schema] }
          else if (step === 'then') schema = { if: {}, then: schema }
          else [schema, value] = [{ properties: { a: schema } }, { a: value }]
        })
        const shown = maskSensitive({ type: 'object', properties: { root: schema }, $defs }, { root: value }).parameters
        expect(JSON.stringify(shown)).not.toContain('«')
      }),
    )
  })
})

describe('maskedPlaces', () => {
  it('a mask that somebody sends back as a value is found, but only in sensitive places', () => {
    const schema = { type: 'object', properties: { a: { properties: { key: secret } }, b: { items: secret }, c: {} } }
    const given = { a: { key: MASK }, b: ['x', MASK], c: MASK }
    expect(maskedPlaces(maskSensitive(schema, given), given)).toEqual([
      ['a', 'key'],
      ['b', 1],
    ])
  })
})

describe('sensitiveTexts', () => {
  it('the sensitive texts are the strings and numbers that were masked, without blank strings', () => {
    const parameters = { a: 'open', b: 'shut', c: { deep: ['x', 5, null, true] }, d: ['', ' '] }
    const schema = { type: 'object', properties: { b: secret, c: { 'x-sensitive': true }, d: { items: secret } } }
    expect(sensitiveTexts(maskSensitive(schema, parameters).parameters, parameters)).toEqual(['shut', 'x', '5'])
  })
})

describe('a limit on the work of masking', () => {
  it.each<[string, Json, Json]>([
    [
      '950 branches for each of 1,000 items',
      {
        properties: { a: { items: { anyOf: Array.from({ length: 950 }, () => ({ items: { $ref: '#s' } })) } } },
        $defs: { s: { $anchor: 's', 'x-sensitive': true } },
      },
      { a: Array.from({ length: 1_000 }, () => 1) },
    ],
    [
      '500 name patterns for each of 500 names',
      { patternProperties: Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`^x${n}$`, secret])) },
      Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`y${n}`, n])),
    ],
  ])('masking stops with CheckTooLong when its work is used up, as by %s', (_, schema, parameters) => {
    // false: no pattern may run that can take for ever.
    expect(() => maskSensitive(schema, parameters, new Meter({ ...NO_LIMIT, steps: 200_000 }, false))).toThrow(
      CheckTooLong,
    )
    expect(() => maskSensitive(schema, parameters)).not.toThrow()
  })
})
