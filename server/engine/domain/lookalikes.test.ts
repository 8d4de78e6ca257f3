import { expect, test } from 'vitest'
import { findLookalike } from './lookalikes'

test.each([
  ['Acme', 'Аcme', 'a Cyrillic letter'],
  ['ACME', 'АСМЕ', 'all letters Cyrillic'],
  ['Acme Robotics', 'ACME ROBOTICS', 'capitals'],
  ['Acme', 'Ａｃｍｅ', 'wide letters'],
  ['Initech', 'lnitech', 'a small L for a capital I'],
  ['Globex 10', 'Globex lO', 'letters for digits'],
  ['Stern', 'Stem', 'rn for m'],
  ['Zoë', 'Zoe\u0308', 'composed otherwise'],
  ['Omega', 'Οmega', 'a Greek letter'],
  ['x', 'x', 'the same'],
])('%s and %s are taken for each other (%s)', (name, other) => {
  expect(findLookalike(name, ['Else', other])).toBe(other)
  expect(findLookalike(other, [name])).toBe(name)
})

test.each([
  ['Acme', 'Acme 2'],
  ['Zoe', 'Zoë'],
  ['Initech', 'Initrode'],
  ['株式会社', '株式会杜'],
  ['North', 'South'],
])('%s and %s can be told apart', (name, other) => {
  expect(findLookalike(name, [other])).toBeUndefined()
})
