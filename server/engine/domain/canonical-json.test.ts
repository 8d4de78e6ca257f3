import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Prisma } from '@/server/generated/prisma/client'
import { canonicalJson, CanonicalJsonError, canonicalStoredJson, jsonPath, toStoredJson } from './canonical-json'
import type { Json } from './types'

const refusal = (value: unknown, root?: string) => {
  try {
    canonicalJson(value, root)
  } catch (error) {
    expect(error).toBeInstanceOf(CanonicalJsonError)
    return error as CanonicalJsonError
  }
  throw new Error('was not refused')
}

const nested = (depth: number): unknown => {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

const double = (hex: string) => Buffer.from(hex, 'hex').readDoubleBE()

describe('RFC 8785', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('canonical JSON writes the double %s as %s (RFC 8785, Appendix B)', (hex, text) => {
    expect(canonicalJson(double(hex))).toBe(text)
  })

  it('canonical JSON refuses NaN and Infinity (RFC 8785, Appendix B)', () => {
    expect(refusal(double('7fffffffffffffff')).problem).toContain('NaN is not a JSON number')
    expect(refusal(double('7ff0000000000000')).problem).toContain('Infinity')
  })

  it('canonical JSON writes the sample of RFC 8785, section 3.2.2', () => {
    const sample =
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    expect(canonicalJson(JSON.parse(sample))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('canonical JSON orders keys by UTF-16 code units (RFC 8785, section 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro',
      '\r': 'CR',
      '\ufb33': 'Dalet',
      1: 'One',
      '\ud83d\ude00': 'Smiley',
      '\u0080': 'Control',
      '\u00f6': 'o',
    }
    expect(Object.values(JSON.parse(canonicalJson(value)) as object).sort()).toEqual(Object.values(value).sort())
    const order = [...canonicalJson(value).matchAll(/:"(\w+)"/g)].map((match) => match[1])
    expect(order).toEqual(['CR', 'One', 'Control', 'o', 'Euro', 'Smiley', 'Dalet'])
  })
})

describe('what is the same job', () => {
  const same: [string, unknown, unknown][] = [
    ['key order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['undefined members', { a: 1, b: undefined }, { a: 1 }],
    ['minus zero', { a: -0 }, { a: 0 }],
    ['a Date and its ISO string', new Date('2026-01-31T12:00:00Z'), '2026-01-31T12:00:00.000Z'],
    [
      'a Map with string keys and its object',
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
      { a: 1, b: 2 },
    ],
    [
      'Maps in other orders',
      new Map([
        [2, 'b'],
        [1, 'a'],
      ]),
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]),
    ],
    ['Sets in other orders', new Set(['b', 10, 9, 'a']), new Set([9, 'a', 'b', 10])],
    ['Sets of objects with other key orders', new Set([{ a: 1, b: 2 }, 1]), new Set([1, { b: 2, a: 1 }])],
    ['a Buffer and a Uint8Array', Buffer.from('hi'), new Uint8Array([104, 105])],
    ['a Buffer and its base64', Buffer.from('hi'), 'aGk='],
    ['a URL and its href', new URL('https://example.com'), 'https://example.com/'],
    ['a BigInt and its digits', 12345678901234567890n, '12345678901234567890'],
    ['Decimals with trailing zeros', new Prisma.Decimal('1.50'), new Prisma.Decimal('1.5')],
    ['a Decimal and its digits', new Prisma.Decimal('0.000000000001'), '0.000000000001'],
    ['objects without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    [
      'instances and plain objects',
      new (class Point {
        x = 1
      })(),
      { x: 1 },
    ],
    ['undefined and null in arrays', [undefined, null], [null, null]],
  ]
  it.each(same)('parameters that count as the same: %s', (_, a, b) => expect(canonicalJson(a)).toBe(canonicalJson(b)))

  const different: [string, unknown, unknown][] = [
    ['1 and "1"', { a: 1 }, { a: '1' }],
    ['1n and 1: a BigInt is a string whatever its size', 1n, 1],
    ['null and absent', { a: null }, {}],
    ['array order', [1, 2], [2, 1]],
    ['Map keys 1 and "1"', new Map([[1, 'a']]), new Map([['1', 'a']])],
    ['nesting', [[1], 2], [1, [2]]],
    ['a member named __proto__ and none', JSON.parse('{"__proto__":{"a":1}}'), {}],
    ['composed and decomposed letters', '\u00e9', 'e\u0301'],
  ]
  it.each(different)('parameters that count as different: %s', (_, a, b) =>
    expect(canonicalJson(a)).not.toBe(canonicalJson(b)),
  )
})

describe('what is stored', () => {
  it('members named __proto__, constructor and hasOwnProperty are stored like any other, and no prototype changes', () => {
    const stored = toStoredJson(JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2}'))
    expect(JSON.stringify(stored)).toBe('{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2}')
    expect(Object.getPrototypeOf(stored)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(canonicalJson(new Map([['__proto__', 1]]))).toBe('{"__proto__":1}')
  })

  it('a Set is stored with its texts before its numbers, each in order and once', () => {
    expect(toStoredJson(new Set([10, 9, 'b', 'a', new Date(0), '1970-01-01T00:00:00.000Z']))).toEqual([
      '1970-01-01T00:00:00.000Z',
      'a',
      'b',
      9,
      10,
    ])
  })

  it('a Map whose keys are not text is stored as sorted entries', () => {
    expect(
      toStoredJson(
        new Map<unknown, unknown>([
          [2, 'x'],
          ['k', undefined],
          [1, new Set([1])],
        ]),
      ),
    ).toEqual([
      ['k', null],
      [1, [1]],
      [2, 'x'],
    ])
    expect(toStoredJson(new Map())).toEqual({})
  })

  it('a Decimal is stored the same way, however it is set up to print itself', () => {
    const Wide = Prisma.Decimal.clone({ toExpPos: 2, toExpNeg: -2 })
    expect(toStoredJson(new Wide('1234.5'))).toBe('1234.5')
    expect(toStoredJson(new Wide('1e9000'))).toBe('1e+9000')
    expect(toStoredJson(new Wide('-0'))).toBe('0')
    // As a number of big.js or bignumber.js looks: it inherits its methods, and keeps its digits in a field named `c`.
    expect(toStoredJson({ __proto__: { toFixed: () => '2.5', toExponential: () => '' }, s: 1, e: 0, c: [2, 5] })).toBe(
      '2.5',
    )
  })

  it('values of another realm, boxed values and objects with toJSON can be stored', () => {
    const context = createContext({})
    const foreign: unknown = runInContext(
      '({ d: new Date(0), m: new Map([["a", 1]]), s: new Set([1]), n: [1], b: new Uint8Array([1]) })',
      context,
    )
    expect(canonicalJson(foreign)).toBe('{"b":"AQ==","d":"1970-01-01T00:00:00.000Z","m":{"a":1},"n":[1],"s":[1]}')
    expect(canonicalJson([Object(1), Object('a'), Object(false)])).toBe('[1,"a",false]')
    expect(canonicalJson({ a: { toJSON: () => ({ b: new Date(0) }) }, c: { toJSON: () => undefined } })).toBe(
      '{"a":{"b":"1970-01-01T00:00:00.000Z"}}',
    )
  })

  it('the stored JSON is a copy, so a later change of the input does not change it', () => {
    const input = { a: { b: [1] } }
    const stored = toStoredJson(input)
    input.a.b.push(2)
    expect(stored).toEqual({ a: { b: [1] } })
  })

  it('an object that appears twice side by side is not taken for a cycle', () => {
    const shared = { a: 1 }
    expect(canonicalJson([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })
})

describe('what is refused, with its path, and what is just accepted', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = { list: [cyclic] }
  const cyclicMap = new Map<string, unknown>()
  cyclicMap.set('me', cyclicMap)
  const cases: [string, unknown, string, RegExp][] = [
    ['NaN', { order: { items: [{ price: NaN }] } }, 'order.items[0].price', /NaN is not a JSON number/],
    ['Infinity', [-Infinity], '[0]', /-Infinity/],
    ['a function', { a: () => 1 }, 'a', /function/],
    ['a symbol', { a: Symbol('x') }, 'a', /symbol/],
    ['a symbol as a key', { a: { [Symbol('x')]: 1 } }, 'a', /symbol as a key/],
    ['a cycle', cyclic, 'self.list[0]', /cycle/],
    ['a cycle through a Map', cyclicMap, 'me', /cycle/],
    [
      'toJSON that returns itself',
      {
        a: {
          toJSON() {
            return this
          },
        },
      },
      'a',
      /cycle/,
    ],
    ['undefined alone', undefined, '', /undefined/],
    ['an invalid Date', { at: new Date(NaN) }, 'at', /invalid Date/],
    ['a Decimal without digits', { a: new Prisma.Decimal(NaN) }, 'a', /not a finite Decimal/],
    ['an infinite Decimal', { a: new Prisma.Decimal(Infinity) }, 'a', /not a finite Decimal/],
    ['NUL', { a: 'x\0y' }, 'a', /NUL/],
    ['NUL in a key', { 'x\0y': 1 }, '["x\\u0000y"]', /NUL/],
    ['a lone surrogate', { a: ['\ud83d'] }, 'a[0]', /surrogate/],
    ['a lone surrogate in a Map key', new Map([['\udc00', 1]]), '["\\udc00"]', /surrogate/],
    ['a RegExp', { a: /x/ }, 'a', /RegExp/],
    ['an Error', { a: new Error('x') }, 'a', /Error/],
    ['a Promise', { a: Promise.resolve() }, 'a', /Promise/],
    ['a Float32Array', { a: new Float32Array(1) }, 'a', /Float32Array/],
    [
      'two Map keys stored alike',
      new Map<unknown, unknown>([
        [1n, 'a'],
        ['1', 'b'],
      ]),
      '',
      /two keys/,
    ],
    ['too deep', { a: nested(100) }, `a${'[0]'.repeat(99)}`, /deeper than 100/],
    ['too deep, alone', nested(101), '[0]'.repeat(100), /deeper than 100/],
  ]
  it.each(cases)('a value without a JSON form is refused with its path: %s', (_, value, path, problem) => {
    const error = refusal(value)
    expect(error.path).toBe(path)
    expect(error.problem).toMatch(problem)
    expect(error.message).toBe(path === '' ? error.problem : `${path}: ${error.problem}`)
  })

  it('a refusal names the root that the caller gave', () => {
    expect(refusal({ 'odd name': [NaN] }, 'parameters').path).toBe('parameters["odd name"][0]')
    expect(refusal(NaN, 'jobs[3].parameters').path).toBe('jobs[3].parameters')
  })

  it('100 levels of nesting are accepted', () =>
    expect(canonicalJson(nested(100))).toBe('['.repeat(100) + ']'.repeat(100)))

  it('an object whose parts are shared too many times is refused instead of written out for ever', () => {
    let value: unknown = [1]
    for (let i = 0; i < 60; i++) value = [value, value]
    expect(refusal(value).problem).toMatch(/more than 1000000 values/)
  })
})

describe('properties', () => {
  const json = () => fc.jsonValue().filter((value) => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value)))

  const withKeysReversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withKeysReversed)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, withKeysReversed(member)]),
    )
  }

  it('canonical JSON parses to an equal value, whatever the order of keys was', () => {
    fc.assert(
      fc.property(json(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(withKeysReversed(value))).toBe(text)
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
    )
  })

  it('storing what is stored already changes nothing', () => {
    const anything = fc.object({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: false,
      maxDepth: 4,
    })
    fc.assert(
      fc.property(anything, (value) => {
        let stored: Json
        try {
          stored = toStoredJson(value)
        } catch (error) {
          expect(error).toBeInstanceOf(CanonicalJsonError)
          return
        }
        expect(JSON.stringify(toStoredJson(stored))).toBe(JSON.stringify(stored))
        expect(canonicalStoredJson(JSON.parse(JSON.stringify(stored)) as Json)).toBe(canonicalJson(value))
      }),
    )
  })

  it('keys are ordered by code units, whatever they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'binary' })), (keys) => {
        const clean = keys.filter((key) => !/\0|\p{Surrogate}/u.test(key))
        const text = canonicalJson(Object.fromEntries(clean.map((key) => [key, 0])))
        expect(text).toBe(
          `{${[...clean]
            .sort()
            .map((key) => `${JSON.stringify(key)}:0`)
            .join(',')}}`,
        )
      }),
    )
  })
})

it('a path is written with dots for names and brackets for indexes', () => {
  expect(jsonPath('parameters', ['order', 'items', 0, 'sku'])).toBe('parameters.order.items[0].sku')
  expect(jsonPath('', ['a', 'b-c', 'd.e', '0', ''])).toBe('a.b-c["d.e"]["0"][""]')
})

it('half a million keys are written, which an algorithm of quadratic time would not finish', () => {
  const keys = Array.from({ length: 500_000 }, (_, i) => `key${i}`)
  const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])))
  expect(text).toBe(
    `{${keys
      .sort()
      .map((key) => `"${key}":0`)
      .join(',')}}`,
  )
})
