import { afterEach, expect, test, vi } from 'vitest'
import { byDay } from './days'

// The times are at noon, so that the days are the same in every time zone.
const noon = (date: string) => new Date(`${date}T12:00:00`).toISOString()
const now = Date.parse(noon('2026-11-29'))
const names = (dates: string[]) =>
  byDay(
    dates.map((date) => ({ at: noon(date) })),
    now,
  ).map(({ name, entries }) => `${name}: ${entries.length}`)

test('entries of the same day are listed under one heading, and the days in the order of their entries', () => {
  expect(names(['2026-11-29', '2026-11-29', '2026-11-28', '2026-11-22'])).toEqual([
    'Today: 2',
    'Yesterday: 1',
    'Sunday, November 22, 2026: 1',
  ])
})

test('an audit without entries is cut into no days', () => {
  expect(names([])).toEqual([])
})

afterEach(() => void vi.unstubAllEnvs())

test.each([
  ['in the last hour of a day of 25 hours', '2026-10-25T23:30:00+01:00', '2026-10-24T12:00:00+02:00', 'Yesterday'],
  ['in the first hour after a day of 23 hours', '2026-03-30T00:30:00+02:00', '2026-03-29T12:00:00+02:00', 'Yesterday'],
  [
    'in the first hour after a day of 23 hours',
    '2026-03-30T00:30:00+02:00',
    '2026-03-28T23:45:00+01:00',
    'Saturday, March 28, 2026',
  ],
])('a reader in Berlin %s (%s) finds an entry of %s under “%s”', async (_, at, entry, name) => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  // A formatter keeps the time zone with which it was made.
  vi.resetModules()
  const fresh = await import('./days')
  expect(fresh.byDay([{ at: entry }], Date.parse(at)).map((day) => day.name)).toEqual([name])
})
