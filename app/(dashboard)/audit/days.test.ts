import { expect, test } from 'vitest'
import { byDay } from './days'

// The times are at noon, so that the days are the same in every time zone.
const noon = (date: string) => new Date(`${date}T12:00:00`).toISOString()
const now = Date.parse(noon('2026-11-29'))
const names = (dates: string[]) =>
  byDay(
    dates.map((date) => ({ at: noon(date) })),
    now,
  ).map(({ name, entries }) => `${name}: ${entries.length}`)

test('entries of the same day are listed under one heading, the newest day first', () => {
  expect(names(['2026-11-29', '2026-11-29', '2026-11-28', '2026-11-22'])).toEqual([
    'Today: 2',
    'Yesterday: 1',
    'Sunday, November 22, 2026: 1',
  ])
})

test('an audit without entries is cut into no days', () => {
  expect(names([])).toEqual([])
})
