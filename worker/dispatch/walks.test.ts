import { expect, test } from 'vitest'
import { Walks } from './walks'

const HERE = '01900000-0000-7000-8000-000000000001'
const both = () => true
const none = () => false
const FIRST = { below: null, after: null }
const to = (below: string | null) => ({ INLINE: { below, after: null }, ISOLATED: FIRST })

test('where a round walks over all kinds of work, the dispatcher rests after one round that found nothing', () => {
  const walks = new Walks()
  expect(walks.goesOn('INLINE')).toBe(false)
  walks.somethingCame()
  expect(walks.goesOn('INLINE')).toBe(true)
  walks.went(to(null), both, none)
  expect(walks.goesOn('INLINE')).toBe(false)
})

test('a walk of several rounds goes on from where it came to, until it comes to the end', () => {
  const walks = new Walks()
  walks.somethingCame()
  walks.went(to(HERE), both, none)
  expect([walks.turns.INLINE.below, walks.goesOn('INLINE'), walks.goesOn('ISOLATED')]).toEqual([HERE, true, false])
  walks.went(to(null), both, none)
  expect([walks.turns.INLINE.below, walks.goesOn('INLINE')]).toEqual([null, false])
})

test('what comes while a walk is under way is found by one more whole walk', () => {
  const walks = new Walks()
  walks.somethingCame()
  walks.went(to(HERE), both, none)
  walks.somethingCame()
  walks.went(to(null), both, none)
  expect(walks.goesOn('INLINE')).toBe(true)
  walks.went(to(HERE), both, none)
  walks.went(to(null), both, none)
  expect(walks.goesOn('INLINE')).toBe(false)
})

test('a part of a walk that finds work makes the dispatcher look at all the other parts', () => {
  const walks = new Walks()
  walks.went(to(HERE), both, none)
  expect(walks.goesOn('INLINE')).toBe(false)
  walks.went(to(HERE), both, both)
  walks.went(to(null), both, none)
  expect(walks.goesOn('INLINE')).toBe(true)
  walks.went(to(null), both, none)
  expect(walks.goesOn('INLINE')).toBe(false)
})

test('a queue that was full in a round, and so was not walked over, is walked over later', () => {
  const walks = new Walks()
  walks.somethingCame()
  walks.went(to(null), none, none)
  expect(walks.goesOn('INLINE')).toBe(true)
})
