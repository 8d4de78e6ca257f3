import { expect, it } from 'vitest'
import { WeighedCache } from './pattern-cache'

it('what was asked for least recently goes first, and what grew counts with what it takes by now', () => {
  const cache = new WeighedCache<string>(100)
  cache.put('a', 'A', 40)
  cache.put('b', 'B', 40)
  expect(cache.get('a')).toBe('A')
  cache.put('c', 'C', 40)
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  cache.reweigh('c', 'C', 90)
  expect([cache.get('a'), cache.get('c'), cache.bytes]).toEqual([undefined, 'C', 90])
  cache.reweigh('gone', 'X', 1_000)
  cache.put('d', 'D', 1_000)
  expect([cache.get('c'), cache.get('d'), cache.bytes]).toEqual([undefined, 'D', 1_000])
})
