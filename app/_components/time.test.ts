import { describe, expect, it } from 'vitest'
import {
  formatAhead,
  formatBoth,
  formatAxisSeconds,
  formatAtMost,
  formatBytes,
  formatCount,
  formatDuration,
  formatExact,
  formatPercent,
  formatRate,
  formatRelative,
  formatRunning,
} from './time'

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [340.4, '340 ms'],
    [2449, '2.4 s'],
    [9960, '10 s'],
    [59_400, '59 s'],
    [59_600, '1m 00s'],
    [72_000, '1m 12s'],
    [7_500_000, '2h 05m'],
    [273_600_000, '3d 4h'],
    [-5, '0 ms'],
    [NaN, '0 ms'],
  ])('a duration of %d ms is shown as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

describe('formatRelative', () => {
  const now = Date.parse('2026-11-23T12:00:00Z')
  it.each([
    [0, 'just now'],
    [-12_000, '12s ago'],
    [-3 * 60_000, '3m ago'],
    [-26 * 3_600_000, '1d ago'],
    [45_000, 'in 45s'],
  ])('a time %d ms from now is shown as %s', (offset, text) => expect(formatRelative(now + offset, now)).toBe(text))
  it('a time more than a month away is shown as a date', () => {
    expect(formatRelative(now - 90 * 86_400_000, now)).toMatch(/2026/)
  })
})

it('midnight is shown as 00:00, and not as 24:00', () => {
  expect(formatExact(new Date(2026, 0, 31, 0, 5).getTime())).toContain('00:05:00')
})

it('the duration of something that still runs is shown in whole seconds', () => {
  expect([0, 3200, 12_900, 61_500].map(formatRunning)).toEqual(['0 s', '3 s', '12 s', '1m 01s'])
})

it('a duration that is the most that something takes is never shown as less than it is', () => {
  expect([0, 200, 1000, 1001, 1900, 9900, 59_400, 61_500].map(formatAtMost)).toEqual([
    '1 s',
    '1 s',
    '1 s',
    '2 s',
    '2 s',
    '10 s',
    '1m 00s',
    '1m 02s',
  ])
  expect([3_600_000, 3_601_000, 86_400_000, 86_400_001].map(formatAtMost)).toEqual([
    '1h 00m',
    '1h 01m',
    '1d 0h',
    '1d 1h',
  ])
})

it('the seconds of an axis are shown in one short unit', () => {
  expect([0, 0.25, 4, 150, 10_800].map(formatAxisSeconds)).toEqual(['0', '250ms', '4s', '2.5m', '3h'])
})

it('counts, sizes and rates are shown with the digits that matter', () => {
  expect(formatCount(1234)).toBe('1,234')
  expect(formatCount(10_000, true)).toBe('10,000+')
  expect(formatBytes(812)).toBe('812 B')
  expect(formatBytes(24_310)).toBe('24.3 kB')
  expect(formatBytes(999_600)).toBe('1 MB')
  expect(formatBytes(1_300_000)).toBe('1.3 MB')
  expect(formatRate(0.44)).toBe('0.4')
  expect(formatRate(1240.4)).toBe('1,240')
})

it('a failure rate is shown with the digits that matter, and one of almost nothing or almost all is not shown as 0 or 100', () => {
  expect([null, 0, 0.0004, 0.024, 0.0996, 0.18, 0.994, 0.9996, 1].map(formatPercent)).toEqual([
    '–',
    '0 %',
    '< 0.1 %',
    '2.4 %',
    '10 %',
    '18 %',
    '99 %',
    '> 99 %',
    '100 %',
  ])
})

describe('formatAhead', () => {
  const now = new Date(2026, 0, 31, 2, 34).getTime()
  it.each([
    [50 * 60, 'in 50 min, at 03:24'],
    [12, 'in 12 s, at 02:34'],
    [20 * 3600, 'in 20 h, at 22:34'],
    [24 * 3600, 'in 24 h, on Feb 1, 02:34'],
    [3 * 86_400, 'in 3 days, on Feb 3, 02:34'],
  ])('a time %i seconds from now is shown as "%s"', (seconds, text) => {
    expect(formatAhead(now + seconds * 1000, now)).toBe(text)
  })
  it('a time of another year has its year', () => {
    expect(formatAhead(now + 365 * 86_400_000, now)).toBe('in 365 days, on Jan 31, 2027, 02:34')
  })
})

it('the tooltip of a time has the reader’s own time, and UTC where their zone is another one', () => {
  const at = Date.UTC(2026, 0, 31, 2, 34, 5)
  expect(formatBoth(at, 'UTC')).toBe('Jan 31, 2026, 02:34:05 UTC')
  expect(formatBoth(at, 'Asia/Kolkata')).toBe('Jan 31, 2026, 08:04:05 GMT+5:30 = Jan 31, 02:34:05 UTC')
})
