import { expect, test } from 'vitest'
import { byDay } from './days'

// Noon, so that the days are the same in every zone of the tests.
const noon = (date: string) => new Date(`${date}T12:00:00`).toISOString()
const now = Date.parse(noon('2026-11-29'))
const names = (dates: string[]) =>
  byDay(
    dates.map((date) => ({ at: noon(date) })),
    now,
  ).map(({ name, entries }) => `${name}: ${entries.length}`)

test('entries of the same day stand under one heading, the newest day first', () => {
  expect(names(['2026-11-29', '2026-11-29', '2026-11-28', '2026-11-22'])).toEqual([
    'Today: 2',
    'Yesterday: 1',
    'Sunday, November 22, 2026: 1',
  ])
})

test('without entries there is no day', () => {
  expect(names([])).toEqual([])
})
