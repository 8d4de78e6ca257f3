import { describe, expect, it } from 'vitest'
import { checkJson } from './clean-json'

const nested = (depth: number, inner: unknown = 1): unknown => {
  let value = inner
  for (let n = 0; n < depth; n++) value = n % 2 ? [value] : { a: value }
  return value
}

describe('checkJson', () => {
  it('is silent about everything that JSON may hold', () => {
    expect(checkJson(undefined)).toEqual([])
    expect(checkJson({ a: [1, 1e308, -0, null, true, '', '😀', '\u0001\u2028'], 'ключ': {}, ['__proto__']: { constructor: 1 } })).toEqual([])
  })

  it('names the place of each NUL byte and each half of a surrogate pair', () => {
    expect(checkJson({ a: ['x', 'y\0'], b: { c: '\ud83d' }, d: '\ude00x' })).toEqual([
      { path: 'a[1]', message: 'must not hold a NUL byte' },
      { path: 'b.c', message: 'must not hold half of a surrogate pair' },
      { path: 'd', message: 'must not hold half of a surrogate pair' },
    ])
    expect(checkJson('\0')).toEqual([{ path: '', message: 'must not hold a NUL byte' }])
    expect(checkJson({ a: { 'x\0': 1 } })).toEqual([{ path: 'a', message: 'has a name that must not hold a NUL byte' }])
    expect(checkJson(JSON.parse('{"__proto__":["\\u0000"]}'))).toEqual([{ path: '__proto__[0]', message: 'must not hold a NUL byte' }])
    expect(checkJson(Array.from({ length: 50 }, () => '\0'))).toHaveLength(20)
  })

  it('lets JSON be 100 deep, and parameters 100 from where they begin', () => {
    expect(checkJson(nested(100))).toEqual([])
    expect(checkJson(nested(101))).toMatchObject([{ message: 'must not be nested deeper than 100' }])
    expect(checkJson({ organizationId: 'x', parameters: nested(100) })).toEqual([])
    expect(checkJson({ organizationId: 'x', parameters: nested(101) })).toHaveLength(1)
    expect(checkJson({ jobs: [{ parameters: nested(100) }, { parameters: nested(101) }] })).toMatchObject([{ path: expect.stringMatching(/^jobs\[1\]\.parameters\./) as string }])
    expect(checkJson({ jobId: 'x', changes: { parameters: nested(100) } })).toEqual([])
    // Nothing else may call itself so.
    expect(checkJson({ filter: { parameters: nested(99) } })).toHaveLength(1)
    expect(checkJson({ parameters: { parameters: nested(100) } })).toHaveLength(1)
    expect(checkJson({ jobs: { a: { parameters: nested(98) } } })).toHaveLength(1)
  })

  it('ends at once where nesting has no end, and takes no memory by the size', () => {
    expect(checkJson(nested(200_000))).toHaveLength(1)
    const wide = { jobs: [{ parameters: Array.from({ length: 500_000 }, (_, n) => (n % 2 ? 'x' : [])) }] }
    const before = process.memoryUsage().heapUsed
    expect(checkJson(wide)).toEqual([])
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * 1024 * 1024)
  })
})
