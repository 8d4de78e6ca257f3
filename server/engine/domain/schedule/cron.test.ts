import { describe, expect, it } from 'vitest'
import { cronInWords, cronTimes, tidyCron } from './cron'
import { nextTimes } from './recurrence'

const timesOf = (cron: string, timeZone: string, from: string, count: number) =>
  nextTimes({ cron, timeZone, startAt: null, endAt: null }, new Date(from), count).map((at) =>
    at.toISOString().replace(':00.000Z', 'Z'),
  )

describe('a clock that goes forward', () => {
  // In Berlin 02:00 becomes 03:00 on 2026-03-29, which is 01:00 in UTC.
  it('a fixed time that the clock leaves out comes once, right after the gap', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:30Z',
    ])
    expect(timesOf('0 2,3 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00Z',
      '2026-03-30T00:00Z',
    ])
  })

  it('every half hour comes every half hour that passes', () => {
    expect(timesOf('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:10:00Z', 3)).toEqual([
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
    ])
  })
})

describe('a clock that goes back', () => {
  // In Berlin 03:00 becomes 02:00 on 2026-10-25, which is 01:00 in UTC.
  it('a fixed time that comes twice counts the first time only', () => {
    expect(timesOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ])
    expect(timesOf('0 1-3 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 4)).toEqual([
      '2026-10-24T23:00Z',
      '2026-10-25T00:00Z',
      '2026-10-25T02:00Z',
      '2026-10-26T00:00Z',
    ])
  })

  it('every hour comes in the repeated hour, too, because an hour has passed', () => {
    expect(timesOf('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 3)).toEqual([
      '2026-10-25T00:00Z',
      '2026-10-25T01:00Z',
      '2026-10-25T02:00Z',
    ])
  })
})

describe('days', () => {
  it('the 31st comes in months that have one', () => {
    expect(timesOf('0 0 31 * *', 'UTC', '2026-01-31T00:00:00Z', 3)).toEqual([
      '2026-03-31T00:00Z',
      '2026-05-31T00:00Z',
      '2026-07-31T00:00Z',
    ])
  })

  it('29 February comes in leap years, and not in 2100', () => {
    expect(timesOf('0 0 29 2 *', 'UTC', '2091-01-01T00:00:00Z', 2)).toEqual(['2092-02-29T00:00Z', '2096-02-29T00:00Z'])
    expect(timesOf('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', 1)).toEqual(['2104-02-29T00:00Z'])
  })

  it('where both day of month and day of week are given, one of them is enough', () => {
    expect(timesOf('0 0 13 * 5', 'UTC', '2026-10-31T00:00:00Z', 4)).toEqual([
      '2026-11-06T00:00Z',
      '2026-11-13T00:00Z',
      '2026-11-20T00:00Z',
      '2026-11-27T00:00Z',
    ])
    expect(timesOf('0 0 13 * 5', 'UTC', '2026-12-11T00:00:00Z', 1)).toEqual(['2026-12-13T00:00Z'])
  })
})

describe('what is accepted, and what is not', () => {
  it.each([
    ['@daily', 'At 00:00'],
    ['0 9 * * 1-5', 'At 09:00, Monday through Friday'],
    ['*/15 * * * * *', 'Every 15 seconds'],
    ['0 0 L * *', 'At 00:00, on the last day of the month'],
    ['0 0 13 * 5', 'At 00:00, on day 13 of the month or on Friday'],
    ['30 8 1,15 3 1-5', 'At 08:30, on day 1 and 15 of the month or Monday through Friday, in March'],
    ['*/5 * L * FRI#2', 'Every 5 minutes, on the last day of the month or on the second Friday of the month'],
    ['0 0 */1 * 5', 'At 00:00, every day or on Friday'],
    ['0 0 ? * 5', 'At 00:00, only on Friday'],
    ['0 0 * * MON#2', 'At 00:00, on the second Monday of the month'],
  ])('the expression "%s" is told as "%s"', (cron, words) => {
    cronTimes(cron, 'UTC')
    expect(cronInWords(cron)).toBe(words)
  })

  it('spaces around and between the fields do not matter', () => {
    expect(tidyCron('  0  9 * *\t1-5 ')).toBe('0 9 * * 1-5')
  })

  it.each([
    ['0 0 31 2 *', /never comes/],
    ['0 0 30 2 *', /never comes/],
    ['60 * * * *', /minute/],
    ['* * * *', /five fields/],
    ['* * * * * * 2030', /five fields/],
    ['', /five fields/],
    ['@reboot', /five fields/],
    ['@every 5m', /five fields/],
    ['2030-01-01T00:00:00', /five fields/],
    ['a b c d e', /cannot be read/],
    [`${'0,'.repeat(150)}0 * * * *`, /at most 200/],
  ])('the expression "%s" is refused with the way out', (cron, why) => {
    expect(() => cronTimes(cron, 'UTC')).toThrow(why)
  })

  it.each(['Mars/Base', '', '+02:00', 'Europe/Berlin2'])('"%s" is refused as a time zone', (timeZone) => {
    expect(() => cronTimes('0 0 * * *', timeZone, 'changes.')).toThrow(/changes\.timeZone: There is no time zone/)
  })
})

it('the last times until an instant have the instant itself among them, where it is one of the times', () => {
  const times = cronTimes('0 9 * * *', 'UTC')
  expect(times.latest(2, new Date('2026-05-02T09:00:00Z')).map((at) => at.toISOString())).toEqual([
    '2026-05-01T09:00:00.000Z',
    '2026-05-02T09:00:00.000Z',
  ])
  expect(times.latest(1, new Date('2026-05-02T08:59:59.999Z'))[0]!.toISOString()).toBe('2026-05-01T09:00:00.000Z')
})
