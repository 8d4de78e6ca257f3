import { expect, test } from 'vitest'
import { JobyardError } from '@/client'
import { failureOf, frameOf } from './top'

test('top tells a refusal from a server that does not answer', () => {
  expect(failureOf(new JobyardError('NETWORK', 'It is away.'), 'jobs.example.com')).toBe(
    'No answer from jobs.example.com: It is away.',
  )
  expect(failureOf(new JobyardError('NOT_PERMITTED', 'Your role does not allow it.'), 'jobs.example.com')).toBe(
    'jobs.example.com refuses (NOT_PERMITTED): Your role does not allow it.',
  )
})

test('a screen that is too low says how many lines are missing, and one that is too narrow cuts them', () => {
  const visible = (rows: number, columns: number) =>
    frameOf('first line\nsecond\nthird\nfourth', rows, columns)
      .replace(/\x1b\[[^a-zA-Z]*[a-zA-Z]/g, '')
      .split('\r\n')
  expect(visible(24, 80)).toEqual(['first line', 'second', 'third', 'fourth'])
  expect(visible(5, 80)).toEqual(['first line', 'second', 'third', 'fourth'])
  expect(visible(4, 8)).toEqual(['first li', 'second', '… 2 more'])
})
