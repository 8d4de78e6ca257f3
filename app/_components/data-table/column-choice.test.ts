import { expect, test } from 'vitest'
import { NO_CHOICE, readChoice } from './column-choice'

test('a stored choice of columns is read back, as the same object each time', () => {
  const text = JSON.stringify({ shown: { by: false }, widths: { id: 120 } })
  expect(readChoice(text)).toEqual({ shown: { by: false }, widths: { id: 120 } })
  expect(readChoice(text)).toBe(readChoice(text))
})

test('a stored choice of columns that cannot be read counts as no choice', () => {
  expect(readChoice(null)).toBe(NO_CHOICE)
  expect(readChoice('{')).toEqual(NO_CHOICE)
  expect(readChoice('null')).toEqual(NO_CHOICE)
  expect(readChoice('{"shown":{"by":"no"},"widths":{"id":"wide"}}')).toEqual(NO_CHOICE)
})
