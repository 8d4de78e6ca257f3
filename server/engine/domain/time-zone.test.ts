import { expect, test } from 'vitest'
import { dayAt, dayPlus, isTimeZone, startOfDay, startOfHour } from './time-zone'

test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata', 'Etc/GMT+5'])(
  '%s is a time zone',
  (name) => expect(isTimeZone(name)).toBe(true),
)
test.each(['', '+02:00', 'Mars/Olympus', 'Europe/Berlin ', 'Europe', '../etc', 'Berlin'])(
  '%j is not taken for a time zone',
  (name) => expect(isTimeZone(name)).toBe(false),
)

test.each([
  ['2026-01-15', 'UTC', '2026-01-15T00:00:00.000Z'],
  ['2026-01-15', 'Europe/Berlin', '2026-01-14T23:00:00.000Z'],
  ['2026-07-15', 'Europe/Berlin', '2026-07-14T22:00:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  ['2026-01-15', 'Asia/Kolkata', '2026-01-14T18:30:00.000Z'],
  ['2026-01-15', 'America/Los_Angeles', '2026-01-15T08:00:00.000Z'],
  ['2026-01-15', 'Pacific/Kiritimati', '2026-01-14T10:00:00.000Z'],
  // In Cairo the clock goes from midnight to one o'clock on that day.
  ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
])('the day %s begins in %s at %s', (day, zone, at) => {
  const time = startOfDay(day, zone)
  expect(new Date(time).toISOString()).toBe(at)
  expect([dayAt(time - 1, zone), dayAt(time, zone)]).toEqual([dayPlus(day, -1), day])
})

test('every day of three years begins where the day before ends, in zones with every kind of change', () => {
  for (const zone of ['Europe/Berlin', 'Africa/Cairo', 'America/Santiago', 'Australia/Lord_Howe', 'Asia/Tehran'])
    for (let n = 0, day = '2024-01-01'; n < 1_100; n++, day = dayPlus(day, 1)) {
      const time = startOfDay(day, zone)
      expect([day, dayAt(time, zone), dayAt(time - 1, zone)]).toEqual([day, day, dayPlus(day, -1)])
    }
})

test('an hour begins where a clock of the zone says so', () => {
  const at = Date.parse('2026-01-15T10:47:11.250Z')
  expect(new Date(startOfHour(at, 'UTC')).toISOString()).toBe('2026-01-15T10:00:00.000Z')
  expect(new Date(startOfHour(at, 'Asia/Kolkata')).toISOString()).toBe('2026-01-15T10:30:00.000Z')
})
