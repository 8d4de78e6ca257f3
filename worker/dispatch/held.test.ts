import { expect, test } from 'vitest'
import { NOTHING_HELD } from '@/server/engine'
import { HeldWork } from './held'

/** Held organizations from `bottom` to just below `above`. Their ids are digits here. A walk goes downwards. */
const stretch = (above: string, bottom: string, lanes = 10) => ({ above, bottom, lanes })
const inline = (...stretches: ReturnType<typeof stretch>[]) => ({ ...NOTHING_HELD, INLINE: stretches })
const told = (held: HeldWork) => held.begin(['INLINE']).INLINE

/** A clock that the test sets, and a memory that goes by it. */
function memory() {
  const clock = { ms: 0 }
  return { clock, held: new HeldWork(() => clock.ms) }
}

test('organizations whose work one round found held are passed over by the next rounds, and a sweep passes over none', () => {
  const { held } = memory()
  expect(held.begin(['INLINE'])).toEqual(NOTHING_HELD)
  held.learn(inline(stretch('9', '7')))
  held.learn(inline(stretch('7', '5')))
  expect(told(held)).toEqual([stretch('9', '5', 20)])
  expect(held.begin([])).toEqual(NOTHING_HELD)
})

test('a job that comes to an organization is not passed over, and the others still are', () => {
  const { held } = memory()
  held.begin(['INLINE'])
  held.learn(inline(stretch('9', '7'), stretch('5', '3')))
  held.forget('8')
  expect(told(held)).toEqual([stretch('5', '3')])
})

test('a hold that ends, of which nobody knows how far it reached, makes the walk look everywhere', () => {
  const { held } = memory()
  held.begin(['INLINE'])
  held.learn(inline(stretch('9', '7')))
  held.forget()
  expect(told(held)).toEqual([])
})

test('what changes while a round walks is not remembered as held, because the round may have looked before', () => {
  const { held } = memory()
  held.begin(['INLINE'])
  held.forget('8')
  held.learn(inline(stretch('9', '7'), stretch('5', '3')))
  expect(told(held)).toEqual([stretch('5', '3')])
  held.forget()
  held.learn(inline(stretch('9', '7'), stretch('5', '3')))
  expect(told(held)).toEqual([])
})

test('after half a minute every walk looks again, because a signal may have been lost', () => {
  const { clock, held } = memory()
  held.begin(['INLINE'])
  clock.ms = 5_000
  held.learn(inline(stretch('9', '7')))
  clock.ms = 29_999
  expect(told(held)).toHaveLength(1)
  clock.ms = 30_000
  expect(told(held)).toEqual([])
})

test('where very many organizations get jobs between two rounds, the next walk looks everywhere', () => {
  const { held } = memory()
  held.begin(['INLINE'])
  // Changes in up to 1,000 organizations are told apart.
  for (let n = 0; n < 1_001; n++) held.forget(`a${n}`)
  held.learn(inline(stretch('9', '7')))
  expect(told(held)).toEqual([])
})

test('of many stretches the 50 longest are told to the next round', () => {
  const { held } = memory()
  held.begin(['INLINE'])
  const id = (n: number) => String(n).padStart(5, '0')
  held.learn(inline(...Array.from({ length: 600 }, (_, n) => stretch(id(10 * n + 5), id(10 * n), n))))
  const longest = told(held)
  expect(longest).toHaveLength(50)
  expect(longest[0]).toEqual(stretch(id(5995), id(5990), 599))
})
