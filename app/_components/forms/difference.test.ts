import { describe, expect, test } from 'vitest'
import { mergePatch } from '@/server/engine/domain/merge-patch'
import { differences, equal, masksIn, patchBetween, unmasked } from './difference'
import type { Json } from './json'

const M = '[masked]'
const plain = (before: Json, after: Json) =>
  differences({ before, after, shownBefore: before, shownAfter: after }).map(({ path, before, after }) => [
    path,
    before,
    after,
  ])

describe('the difference of two sets of parameters', () => {
  test('the difference lists each place that was changed, added or removed, and no member that only moved', () => {
    expect(plain({ a: 1, b: { c: 2, d: 3 }, e: [1, 2] }, { b: { d: 4, c: 2 }, e: [1, 2, 3], a: 1, f: null })).toEqual([
      ['b.d', 3, 4],
      ['e[2]', undefined, 3],
      ['f', undefined, null],
    ])
    expect(plain({ a: 1 }, {})).toEqual([['a', 1, undefined]])
    expect(plain({ a: [1] }, { a: 'x' })).toEqual([['a', [1], 'x']])
    expect(plain({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([])
  })

  test('the difference says that a sensitive value changed, but neither the old nor the new value', () => {
    const found = differences({
      before: { token: 'old', login: { password: 'p' }, same: 's' },
      after: { token: 'new', login: { password: 'q' }, same: 's' },
      shownBefore: { token: M, login: M, same: M },
      shownAfter: { token: M, login: M, same: M },
    })
    expect(found.map(({ path, secret }) => [path, secret])).toEqual([
      ['token', true],
      ['login', true],
    ])
    expect(JSON.stringify(found)).not.toMatch(/old|new|"[pq]"/)
  })

  test('the difference hides a value that is sensitive on one side only', () => {
    const [one] = differences({ before: { t: 'x' }, after: { t: 'y' }, shownBefore: { t: 'x' }, shownAfter: { t: M } })
    expect(one).toEqual({ path: 't', before: M, after: M, secret: true })
  })

  test.each<Json>([0, false, '', null])(
    'the difference hides the sensitive value %j as it hides any other',
    (value) => {
      const found = differences({ before: { t: value }, after: {}, shownBefore: { t: M }, shownAfter: {} })
      expect(found).toEqual([{ path: 't', before: M, after: undefined, secret: true }])
      const [added] = differences({ before: {}, after: { t: value }, shownBefore: {}, shownAfter: { t: M } })
      expect(added).toEqual({ path: 't', before: undefined, after: M, secret: true })
    },
  )
})

describe('the patch between two sets of parameters', () => {
  test.each<[Json, Json]>([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1, b: 2 }, { b: 2 }],
    [{ a: { b: { c: 1 }, d: 2 } }, { a: { b: { c: 3 }, d: 2 } }],
    [{ a: [1, { b: 2 }] }, { a: [{ b: null }] }],
    [{ a: null }, { a: null, b: 1 }],
    [{ a: 'x' }, { a: { b: {} } }],
  ])('the patch turns %j into exactly %j', (before, after) => {
    const made = patchBetween(before, after)
    expect('patch' in made && made.patch !== undefined && mergePatch(before, made.patch)).toEqual(after)
  })

  test('there is no patch where nothing changed, and a member that cannot become null is named', () => {
    expect(patchBetween({ a: { b: 1 } }, { a: { b: 1 } })).toEqual({ patch: undefined })
    expect(patchBetween({ a: { b: 1 } }, { a: { b: null } })).toEqual({ nullAt: 'a.b' })
    expect(patchBetween({}, { a: { c: 1, b: null } })).toEqual({ nullAt: 'a.b' })
  })
})

describe('masks in a form that was filled from an earlier job', () => {
  const real: Json = { token: 's', login: { user: 'u', password: 'p' }, cards: [{ pan: '1' }, { pan: '2' }], n: 1 }
  const masked: Json = { token: M, login: M, cards: [{ pan: M }, { pan: M }], n: 1 }

  test('untouched masks become the values that they hide', () => {
    expect(unmasked({ ...masked, n: 2 }, masked, real)).toEqual({ ...real, n: 2 })
    expect(patchBetween(real, unmasked({ ...masked, n: 2 }, masked, real))).toEqual({ patch: { n: 2 } })
  })

  test('an object that replaces a mask does not bring back the hidden values', () => {
    const after = unmasked({ ...masked, login: { user: 'v' } }, masked, real)
    expect(after).toEqual({ ...real, login: { user: 'v' } })
    expect(patchBetween(real, after)).toEqual({ patch: { login: { user: 'v', password: null } } })
  })

  test('masks stay in a list whose items were changed, so that no item gets the value of another one', () => {
    const after = unmasked({ ...masked, cards: [{ pan: M }] }, masked, real)
    expect(after).toMatchObject({ cards: [{ pan: M }] })
    const made = patchBetween(real, after)
    expect('patch' in made && masksIn(made.patch, real)).toEqual(['cards[0].pan'])
  })

  test('a value that is really the text of the mask does not count as a mask', () => {
    expect(masksIn(masked, real)).toEqual(['token', 'login', 'cards[0].pan', 'cards[1].pan'])
    expect(masksIn({ word: M }, { word: M })).toEqual([])
  })
})

test('two values are equal whatever the order of their members', () => {
  expect(equal({ a: [1, { b: 2, c: 3 }] }, { a: [1, { c: 3, b: 2 }] })).toBe(true)
  expect(equal([1, 2], [2, 1])).toBe(false)
  expect(equal({ a: 1 }, { b: 1 })).toBe(false)
})
