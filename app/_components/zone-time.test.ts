import { expect, it } from 'vitest'
import { fromZoneInput, toZoneInput } from './zone-time'

const moment = (text: string, zone: string) => new Date(fromZoneInput(text, zone)!).toISOString()

it('what is typed is a time of the clock in that zone, wherever the reader is', () => {
  expect(moment('2026-01-05T00:30', 'Asia/Tokyo')).toBe('2026-01-04T15:30:00.000Z')
  expect(moment('2026-01-05T00:30', 'America/New_York')).toBe('2026-01-05T05:30:00.000Z')
  expect(moment('2026-07-05T00:30', 'America/New_York')).toBe('2026-07-05T04:30:00.000Z')
  expect(moment('2026-07-05T00:30', 'Asia/Kathmandu')).toBe('2026-07-04T18:45:00.000Z')
  expect(moment('2026-07-05T00:30:15', 'UTC')).toBe('2026-07-05T00:30:15.000Z')
  expect(fromZoneInput('', 'UTC')).toBeNull()
  expect(fromZoneInput('soon', 'UTC')).toBeNull()
})

it('a clock time that comes twice means its first; one that the clock leaves out is read by the clock before the change', () => {
  expect(moment('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
  expect(moment('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  expect(moment('2026-10-25T03:30', 'Europe/Berlin')).toBe('2026-10-25T02:30:00.000Z')
})

it('a moment that is shown in a field and read back is the same minute', () => {
  // Lord Howe changes its clock by half an hour, and St. John’s is off by half an hour.
  for (const zone of ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns', 'Pacific/Apia'])
    // Every seventh hour of a year, so that all hours of the day come up.
    for (let at = Date.parse('2026-01-01T00:00:00Z'); at < Date.parse('2027-01-01T00:00:00Z'); at += 7 * 3_600_000)
      expect(toZoneInput(fromZoneInput(toZoneInput(at, zone), zone)!, zone)).toBe(toZoneInput(at, zone))
})
