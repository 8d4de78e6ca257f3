import { expect, test } from 'vitest'
import { formatInZone } from './schedule-words'

const NOW = Date.parse('2026-11-30T12:00:00Z')

test('a time of a schedule is shown by the clock of its zone, and in another year with that year', () => {
  // Whether a comma follows the day depends on the version of Node.js.
  expect(formatInZone('2026-12-01T01:30:00Z', 'Europe/Berlin', NOW)).toMatch(/^Tue,? 1 Dec, 02:30$/)
  expect(formatInZone('2027-01-01T01:30:00Z', 'Europe/Berlin', NOW)).toMatch(/^Fri,? 1 Jan 2027, 02:30$/)
  expect(formatInZone('2026-12-31T23:30:00Z', 'Europe/Berlin', NOW)).toContain('2027')
})

test('while the name of a zone is still being typed, the times are shown in UTC', () => {
  expect(formatInZone('2026-12-01T01:30:00Z', 'Europe/Berl', NOW)).toMatch(/^Tue,? 1 Dec, 01:30 UTC$/)
})
