import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkParameterSchema } from './parameter-schema'
import { CheckTooLong, checkParameters as checkWith, Meter, NO_LIMIT, tooLong } from './parameters'
import type { Json } from './types'

/** The check with very many steps. Where even these are not enough, it gives the problem that callers are told. */
const checkParameters = (schema: Json, parameters: Json, root?: string) => {
  try {
    return checkWith(schema, parameters, new Meter({ ...NO_LIMIT, steps: 100_000_000 }, true), root)
  } catch (error) {
    if (!(error instanceof CheckTooLong)) throw error
    return [tooLong(root)]
  }
}
const check = (schema: Json, parameters: Json) =>
  checkParameters(schema, parameters).map(({ path, message }) => `${path} ${message}`)
const object = (properties: Record<string, Json>, more: Record<string, Json> = {}): Json => ({
  type: 'object',
  properties,
  ...more,
})
/** The problem of one field `a`. */
const field = (schema: Json, value: Json) => check(object({ a: schema }), { a: value })

describe('checkParameters', () => {
  const order = object(
    {
      order: object(
        {
          id: { type: 'string', format: 'uuid' },
          items: {
            type: 'array',
            items: object({ sku: { type: 'string' }, count: { type: 'integer', minimum: 1 } }, { required: ['sku'] }),
          },
        },
        { required: ['id'] },
      ),
      mode: { enum: ['fast', 'safe'] },
    },
    { required: ['order'], additionalProperties: false },
  )

  it('parameters that fit their schema have no problem', () => {
    expect(
      check(order, {
        order: { id: '0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f', items: [{ sku: 'a', count: 1 }] },
        mode: 'fast',
      }),
    ).toEqual([])
    expect(check({}, {})).toEqual([])
    expect(check(true, {})).toEqual([])
  })

  it('every wrong value is named once, sorted by place, with what would be right', () => {
    const items: Json[] = [{ sku: 1 }, { count: 0 }, { sku: 'ok', count: 1.5 }]
    expect(check(order, { order: { id: 'x', items }, mode: 'slow', extra: 1 })).toEqual([
      'parameters.extra is not a known field; known are order, mode',
      'parameters.mode must be one of "fast", "safe"',
      'parameters.order.id must be a UUID such as 0197f1c2-7d3a-7c54-9a51-3f2b1c0d9e8f',
      'parameters.order.items[0].sku must be a string, not a number',
      'parameters.order.items[1].count must be at least 1 (is 0)',
      'parameters.order.items[1].sku is required: a string',
      'parameters.order.items[2].count must be a whole number, not 1.5',
    ])
    expect(check(order, {})).toEqual(['parameters.order is required: an object'])
    expect(check(order, [])).toEqual(['parameters must be an object, not a list'])
  })

  it.each<[string, Json, Json, string]>([
    ['type', { type: 'string' }, null, 'must be a string, not null'],
    ['types', { type: ['integer', 'null'] }, 'x', 'must be a whole number or null, not a string'],
    ['integer', { type: 'integer' }, '7', 'must be a whole number, not a string'],
    ['const', { const: 'v1' }, 'v2', 'must be "v1"'],
    ['enum and type', { type: 'string', enum: ['a', 'b'] }, 1, 'must be one of "a", "b"'],
    ['empty', { type: 'string', minLength: 1 }, '', 'must not be empty'],
    ['minLength', { minLength: 3 }, '😀a', 'must have at least 3 characters (has 2)'],
    ['maxLength', { maxLength: 1 }, 'ab', 'must have at most 1 character (has 2)'],
    ['pattern', { pattern: '^[A-Z]+$' }, 'a', 'must match the pattern ^[A-Z]+$'],
    ['date-time', { format: 'date-time' }, 'tomorrow', 'must be a date and time such as 2026-01-31T12:00:00Z'],
    ['date', { format: 'date' }, '2026-02-30', 'must be a date such as 2026-01-31'],
    ['email', { format: 'email' }, 'x', 'must be an email address such as name@example.com'],
    ['uri', { format: 'uri' }, 'x', 'must be a full address such as https://example.com/path'],
    ['ipv4', { format: 'ipv4' }, '1.2.3', 'must be an IPv4 address such as 192.0.2.1'],
    ['minimum', { minimum: 1 }, 0, 'must be at least 1 (is 0)'],
    ['maximum', { maximum: 1 }, 2, 'must be at most 1 (is 2)'],
    ['exclusiveMinimum', { exclusiveMinimum: 0 }, 0, 'must be more than 0 (is 0)'],
    ['exclusiveMaximum', { exclusiveMaximum: 0 }, 0, 'must be less than 0 (is 0)'],
    ['multipleOf', { multipleOf: 0.01 }, 0.005, 'must be a multiple of 0.01 (is 0.005)'],
    ['minItems', { minItems: 1 }, [], 'must hold at least 1 item (holds 0)'],
    ['maxItems', { maxItems: 1 }, [1, 2], 'must hold at most 1 item (holds 2)'],
    [
      'uniqueItems',
      { uniqueItems: true },
      [{ a: 1 }, 2, { a: 1 }],
      'must not hold the same item twice (items 0 and 2, counted from 0)',
    ],
    [
      'contains',
      { contains: { type: 'string' } },
      [1, 2],
      'must hold at least one item that is of the form {"type":"string"}',
    ],
    [
      'minContains',
      { contains: { type: 'string' }, minContains: 2 },
      [1, 'a'],
      'must hold at least 2 items, each of which is of the form {"type":"string"}',
    ],
    [
      'contains, by the title of what is looked for',
      { contains: { title: 'A main line', type: 'object' } },
      [1],
      'must hold at least one item that is of the form "A main line"',
    ],
    [
      'an address that is too long',
      { format: 'uri' },
      `https://example.com/${'x'.repeat(8_192)}`,
      'must have at most 8,192 characters to be of the format uri (has 8,212)',
    ],
    [
      'an email address that is too long',
      { format: 'email' },
      `${'x'.repeat(320)}@example.com`,
      'must have at most 320 characters to be of the format email (has 332)',
    ],
    ['minProperties', { minProperties: 1 }, {}, 'must have at least 1 field'],
    ['not', { not: { const: 'x' } }, 'x', 'must not be "x"'],
    ['false', false, 1, 'is not allowed here'],
  ])('a value that does not fit is explained: %s', (_, schema, value, message) =>
    expect(field(schema, value)).toEqual([`parameters.a ${message}`]),
  )

  it.each<[string, Json, Json, string[]]>([
    [
      'dependentRequired',
      object({}, { dependentRequired: { a: ['b'] } }),
      { a: 1 },
      ['parameters.b is required when a is given'],
    ],
    [
      'propertyNames',
      object({}, { propertyNames: { pattern: '^[a-z]+$' } }),
      { B1: 1 },
      ['parameters.B1 has a name that is not allowed here: a name must be of the form {"pattern":"^[a-z]+$"}'],
    ],
    // Only fields beside the keyword are named as known, so `b` is not.
    [
      'unevaluatedProperties',
      object({ a: {} }, { allOf: [object({ b: {} })], unevaluatedProperties: false }),
      { a: 1, b: 1, c: 1 },
      ['parameters.c is not a known field; known are a'],
    ],
    [
      'if and then',
      object({}, { if: { required: ['a'] }, then: { required: ['b'] } }),
      { a: 1 },
      ['parameters.b is required'],
    ],
    [
      '$ref',
      { type: 'object', properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'number', minimum: 5 } } },
      { a: 1 },
      ['parameters.a must be at least 5 (is 1)'],
    ],
    [
      '$ref to an anchor',
      { type: 'object', properties: { a: { $ref: '#n' } }, $defs: { n: { $anchor: 'n', minimum: 5 } } },
      { a: 1 },
      ['parameters.a must be at least 5 (is 1)'],
    ],
    [
      'odd names',
      object({ 'a b/c~d': { type: 'string' }, '0': { type: 'string' }, 'é%': { type: 'string' } }),
      { 'a b/c~d': 1, '0': 1, 'é%': 1 },
      [
        'parameters["0"] must be a string, not a number',
        'parameters["a b/c~d"] must be a string, not a number',
        'parameters["é%"] must be a string, not a number',
      ],
    ],
    [
      'a recursive schema',
      { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } } },
      { children: [{ children: [{ name: 1 }] }] },
      ['parameters.children[0].children[0].name must be a string, not a number'],
    ],
  ])('what does not fit is found and explained: %s', (_, schema, parameters, problems) =>
    expect(check(schema, parameters)).toEqual(problems),
  )

  describe('unions', () => {
    const shapes: Json = {
      oneOf: [
        object({ kind: { const: 'circle' }, radius: { type: 'number' } }, { required: ['kind', 'radius'] }),
        object({ kind: { const: 'box' }, width: { type: 'number', minimum: 1 } }, { required: ['kind', 'width'] }),
      ],
    }
    it('for a union, the faults of the form that was meant are told', () => {
      expect(field(shapes, { kind: 'box', width: 0 })).toEqual(['parameters.a.width must be at least 1 (is 0)'])
      expect(field({ anyOf: [{ type: 'string', minLength: 3 }, { type: 'null' }] }, 'x')).toEqual([
        'parameters.a must have at least 3 characters (has 1)',
      ])
    })
    it('for a union, one fault is told when no form was clearly meant', () => {
      expect(field({ anyOf: [{ type: 'string' }, { type: 'null' }] }, 1)).toEqual([
        'parameters.a must be a string or null',
      ])
      expect(field(shapes, { kind: 'star' })).toHaveLength(1)
    })
    it('a value that matches two forms of a oneOf is told so', () => {
      expect(field({ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1)).toEqual([
        'parameters.a must fit exactly one of the allowed forms (fits 2)',
      ])
    })
  })

  it('at most 20 problems are told, in order of place', () => {
    const problems = check(object({ a: { type: 'array', items: { type: 'string' } } }), {
      a: Array.from({ length: 50 }, (_, i) => i),
    })
    expect(problems).toHaveLength(20)
    // By number: as text, [10] would come after [1].
    expect(problems[10]).toMatch(/^parameters\.a\[10\] /)
  })

  // In time is before Vitest gives up on the test.
  it('a hundred thousand faults and long unique lists are checked in time, which comparing each pair would not allow', () => {
    const many = Array.from({ length: 120_000 }, () => 1)
    expect(check(object({ a: { type: 'array', items: { type: 'string' } } }), { a: many }).length).toBeGreaterThan(0)
    const unique = object(
      { a: { type: 'array', uniqueItems: true, items: { type: 'integer' } }, b: { $ref: '#/$defs/u' } },
      { $defs: { u: { uniqueItems: true } } },
    )
    const distinct = Array.from({ length: 60_000 }, (_, i) => i)
    expect(check(unique, { a: distinct })).toEqual([])
    expect(check(unique, { a: [...distinct, 7], b: [1, 1] })).toEqual([
      'parameters.a must not hold the same item twice (items 7 and 60000, counted from 0)',
      'parameters.b must not hold the same item twice (items 0 and 1, counted from 0)',
    ])
    expect(check(object({ a: { anyOf: [{ uniqueItems: true }, { maxItems: 1 }] } }), { a: distinct })).toEqual([])
    // Beside a long list, a field that must not be is refused in the same words as elsewhere.
    const closed = object({ a: { uniqueItems: true } }, { additionalProperties: false })
    expect(check(closed, { a: distinct, b: 1 })).toEqual(['parameters.b is not a known field; known are a'])
  })

  it('a value nested ninety deep in a recursive union is checked in time, which naively takes 2^90 steps', () => {
    const node: Json = {
      anyOf: [
        object({ next: { $ref: '#/$defs/node' }, a: { const: 1 } }),
        object({ next: { $ref: '#/$defs/node' }, b: { const: 1 } }),
      ],
    }
    const schema = object({ root: { $ref: '#/$defs/node' } }, { $defs: { node } })
    expect(checkParameterSchema(schema)).toEqual([])
    let deep: Json = { a: 2, b: 2 }
    for (let i = 0; i < 90; i++) deep = { next: deep }
    expect(check(schema, { root: deep })).toEqual(['parameters.root must be one of the forms of an object'])
    expect(check(schema, { root: { next: { next: { a: 1 } } } })).toEqual([])
  })

  it('a check leaves the schema as it is, so that it may be frozen', () => {
    const schema = Object.freeze(
      object({ a: Object.freeze({ $ref: '#/$defs/n' }) as Json }, { $defs: { n: false } }),
    ) as Json
    const before = JSON.stringify(schema)
    expect(check(schema, { a: 1 })).toEqual(['parameters.a is not allowed here'])
    expect(JSON.stringify(schema)).toBe(before)
  })

  it('a check begins paths with the prefix that it is given, and takes __proto__ for a name like any other', () => {
    expect(checkParameters(object({}, { required: ['x'] }), {}, 'jobs[3].parameters')).toEqual([
      { path: 'jobs[3].parameters.x', message: 'is required' },
    ])
    const hostile = JSON.parse('{"__proto__": 1, "constructor": 2}') as Json
    expect(check(object({}, { additionalProperties: false }), hostile).map((line) => line.split(' ')[0])).toEqual([
      'parameters.__proto__',
      'parameters.constructor',
    ])
    expect(check(object({}, { required: ['toString'] }), {})).toEqual(['parameters.toString is required'])
  })

  it('parameters have one problem where the schema of their job type is broken', () => {
    expect(check('nonsense', {})).toHaveLength(1)
    expect(check({ $ref: '#/nowhere' }, {})).toHaveLength(1)
    expect(check({ $ref: '#' }, {})).toHaveLength(1)
  })

  it('a check has a problem exactly when the value does not fit', () => {
    const schema = object(
      { n: { type: 'integer', minimum: 0, maximum: 9 }, s: { type: 'string', maxLength: 3 } },
      { required: ['n'], additionalProperties: false },
    )
    fc.assert(
      fc.property(
        fc.record(
          { n: fc.oneof(fc.integer({ min: -5, max: 15 }), fc.string()), s: fc.string(), t: fc.boolean() },
          { requiredKeys: [] },
        ),
        (value) => {
          const fits =
            typeof value.n === 'number' &&
            value.n >= 0 &&
            value.n <= 9 &&
            (value.s === undefined || [...value.s].length <= 3) &&
            value.t === undefined
          expect(checkParameters(schema, value as Json).length === 0).toBe(fits)
        },
      ),
    )
  })
})

describe('checkParameterSchema', () => {
  const problems = (schema: unknown) => checkParameterSchema(schema).map(({ path, message }) => `${path} ${message}`)

  it.each<[string, unknown]>([
    ['an empty object schema', { type: 'object' }],
    [
      'the usual',
      object({ a: { type: 'string', format: 'uuid', title: 'A' } }, { required: ['a'], additionalProperties: false }),
    ],
    ['draft 2020-12 by name', { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }],
    [
      'local references and recursion',
      {
        type: 'object',
        properties: { a: { $ref: '#' }, b: { $ref: '#/$defs/b' } },
        $defs: { b: { anyOf: [{ type: 'null' }, { items: { $ref: '#/$defs/b' } }] } },
      },
    ],
    [
      'fields named like keywords',
      object({ $ref: { type: 'string' }, type: { type: 'string' }, id: { type: 'string' }, items: { type: 'array' } }),
    ],
    [
      'references in data, not in schemas',
      object({ a: { const: { $ref: 'https://example.com' }, default: { $ref: 'x' } } }),
    ],
    ['own keywords', object({ a: { 'x-widget': 'textarea', examples: [1] } })],
  ])('a parameter schema is accepted: %s', (_, schema) => expect(problems(schema)).toEqual([]))

  it.each<[string, unknown, RegExp]>([
    ['no object', [], /^parameterSchema must be a JSON Schema object/],
    ['true', true, /^parameterSchema must be a JSON Schema object/],
    ['no type', { properties: {} }, /^parameterSchema\.type must be "object"/],
    ['another type', { type: 'array' }, /^parameterSchema\.type must be "object"/],
    ['an older draft', { type: 'object', $schema: 'http://json-schema.org/draft-07/schema#' }, /\$schema must be/],
    [
      'a remote $ref',
      object({ a: { $ref: 'https://example.com/s.json' } }),
      /^parameterSchema\.properties\.a\.\$ref must stay within this schema/,
    ],
    ['a relative $ref', object({ a: { $ref: 'other.json#/a' } }), /must stay within this schema/],
    ['a $ref to nothing', object({ a: { $ref: '#/$defs/no' } }), /refers to #\/\$defs\/no, which is not a schema/],
    ['a circle', { type: 'object', $ref: '#' }, /circle/],
    [
      'a circle through others',
      {
        type: 'object',
        $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } },
        properties: { x: { $ref: '#/$defs/a' } },
      },
      /circle/,
    ],
    ['$dynamicRef', object({ a: { $dynamicRef: '#x' } }), /not supported; use \$ref/],
    [
      'an unknown type',
      object({ a: { type: 'text' } }),
      /^parameterSchema\.properties\.a\.type must be one of string, /,
    ],
    ['a bad pattern', object({ a: { pattern: '(' } }), /a\.pattern must be a regular expression/],
    [
      'a bad pattern as a name',
      object({}, { patternProperties: { '[': {} } }),
      /patternProperties\["\["\] must be a regular expression/,
    ],
    ['a bad limit', object({ a: { minLength: -1 } }), /minLength must be a whole number/],
    ['a boolean exclusiveMinimum', object({ a: { exclusiveMinimum: true } }), /exclusiveMinimum must be a number/],
    ['required: true', object({ a: { required: true } }), /required must be a list of field names/],
    ['required twice', object({}, { required: ['a', 'a'] }), /each once/],
    ['an empty enum', object({ a: { enum: [] } }), /enum must be a list of at least one value/],
    ['items as a list', object({ a: { items: [{}] } }), /use prefixItems/],
    ['properties as a list', { type: 'object', properties: [] }, /must be an object of schemas/],
    ['a field that is no schema', object({ a: 'string' }), /^parameterSchema\.properties\.a must be a schema/],
    ['anyOf with a number', object({ a: { anyOf: [1] } }), /anyOf\[0\] must be a schema/],
    ['an inner $id', object({ a: { $id: 'https://example.com/a' } }), /only at the top/],
    ['NaN', object({ a: { minimum: NaN } }), /^parameterSchema\.properties\.a\.minimum NaN is not/],
    ['too many bytes', object({ a: { description: 'x'.repeat(70_000) } }), /at most 64 KiB/],
    [
      'too many schemas',
      object(Object.fromEntries(Array.from({ length: 2_100 }, (_, i) => [`f${i}`, {}]))),
      /at most 2000 schemas/,
    ],
    [
      'references that multiply',
      {
        type: 'object',
        properties: { a: { $ref: '#/$defs/d0' } },
        $defs: Object.fromEntries(
          Array.from({ length: 30 }, (_, i) => [
            `d${i}`,
            i === 29 ? {} : { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
          ]),
        ),
      },
      /multiplies through its references/,
    ],
  ])('a parameter schema is refused: %s', (_, schema, message) => expect(problems(schema)[0]).toMatch(message))

  it('checkParameterSchema lets pass only what checkParameters can use', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 2 }), (properties, parameters) => {
        const schema = { type: 'object', properties } as Json
        if (checkParameterSchema(schema).length > 0) return
        expect(Array.isArray(checkParameters(schema, parameters as Json))).toBe(true)
      }),
    )
  })
})
