import { describe, expect, test } from 'vitest'
import { mergePatch } from './merge-patch'
import { carriedSecrets, hideAt, masksIn } from './rerun'
import type { Json } from './types'

// The examples of RFC 7396, appendix A.
const RFC: [Json, Json, Json][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
]

describe('a merge patch', () => {
  test.each(RFC)('a merge patch makes of %j with %j what RFC 7396 says', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })

  test('in a merge patch, a member called __proto__ is a member like any other', () => {
    const made = mergePatch({ a: 1 }, JSON.parse('{"__proto__": {"admin": true}}') as Json) as object
    expect(Object.keys(made)).toEqual(['a', '__proto__'])
    expect('admin' in made).toBe(false)
  })
})

describe('secrets that a patch takes over', () => {
  const parameters: Json = { token: 's', login: { user: 'u', password: 'p' }, cards: [{ pan: '1' }, { pan: '2' }] }
  const masked: Json = { token: '[masked]', login: '[masked]', cards: [{ pan: '[masked]' }, { pan: '[masked]' }] }
  const [token, login, first, second] = [['token'], ['login'], ['cards', 0, 'pan'], ['cards', 1, 'pan']]

  test.each<[string, Json | undefined, (string | number)[][]]>([
    ['nothing', undefined, [token!, login!, first!, second!]],
    ['another member', { other: 1 }, [token!, login!, first!, second!]],
    ['one of them', { token: 'new' }, [login!, first!, second!]],
    ['a part of one of them', { login: { password: 'new' } }, [token!, login!, first!, second!]],
    ['the whole of one that has parts', { login: 'none' }, [token!, first!, second!]],
    ['what holds them', { cards: [] }, [token!, login!]],
    ['one of them to null', { token: null }, [login!, first!, second!]],
    ['everything', [1], []],
  ])('the secrets that a patch takes over are found where it changes %s', (_, patch, places) => {
    expect(carriedSecrets(masked, parameters, patch)).toEqual(places)
  })

  test('secrets that a patch takes over are hidden at their places and nowhere else', () => {
    expect(hideAt(parameters, [token!, second!])).toEqual({
      token: '[masked]',
      login: { user: 'u', password: 'p' },
      cards: [{ pan: '1' }, { pan: '[masked]' }],
    })
    expect(hideAt(parameters, [])).toBe(parameters)
  })

  test('a mask that the patch sends back is told from secrets that it takes over', () => {
    expect(masksIn({ token: '[masked]', other: '[masked]' }, [token!, login!])).toEqual([token])
    expect(masksIn({ cards: [{ pan: '3' }, { pan: '[masked]' }] }, [first!, second!])).toEqual([second])
  })
})
