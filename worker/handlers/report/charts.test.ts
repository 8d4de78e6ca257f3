import { expect, test } from 'vitest'
import type { OrganizationReport } from '@jobyard/handler'
import { statusChart, throughputChart } from './charts'
import { clockOf } from './format'
import { PALETTE, STATUS_ORDER, styleOf } from './palette'

const SIZE = { width: 500, height: 200 }
const DAY = 86_400
const NOTHING: OrganizationReport = {
  byStatus: [],
  byType: [],
  timeline: [],
  topErrors: [],
  otherErrors: { causes: 0, count: 0 },
}

const buckets = (number: number, bucketSeconds: number) =>
  Array.from({ length: number }, (_, n) => ({
    at: new Date(Date.UTC(2026, 0, 1) + n * bucketSeconds * 1000),
    completed: 10,
    failed: 0,
  }))
const throughput = (timeline: OrganizationReport['timeline'], bucketSeconds = DAY) =>
  throughputChart({ ...NOTHING, timeline }, bucketSeconds === DAY ? 'day' : 'hour', clockOf('UTC'), SIZE)

/** The attributes of each element with this name, in the order of the document, and its text. */
function elements(svg: string, name: string): (Record<string, string> & { content: string })[] {
  return [...svg.matchAll(new RegExp(`<${name} ([^>]*?)/?>([^<]*)`, 'g'))].map(([, attributes = '', content = '']) => ({
    ...Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    content,
  }))
}
/** The bars of the chart. Those of the legend, which have round corners, are left out. */
const bars = (svg: string, color: string) =>
  elements(svg, 'rect').filter(({ fill, rx }) => fill === color && rx === '0')
/** The names of hours or days below the bars. */
const labels = (svg: string) => elements(svg, 'text').filter(({ y }) => Number(y) === SIZE.height - 20)

test('a bar is as high as its number of attempts, and failed ones stand on top of completed ones', () => {
  const [at] = buckets(1, DAY).map((bucket) => bucket.at)
  const svg = throughput([
    { at: at!, completed: 100, failed: 50 },
    { at: at!, completed: 50, failed: 0 },
  ])
  const [high, low] = bars(svg, PALETTE.completed)
  const [failed, ...others] = bars(svg, PALETTE.failed)
  expect(Number(high!.height)).toBeCloseTo(2 * Number(low!.height), 1)
  expect(Number(failed!.height)).toBeCloseTo(Number(low!.height), 1)
  expect(Number(failed!.y) + Number(failed!.height)).toBeCloseTo(Number(high!.y), 1)
  expect(others).toEqual([])
})

test('the scale of a day on which nothing happened ends at one whole attempt', () => {
  const svg = throughput([{ at: new Date('2026-01-01'), completed: 0, failed: 0 }])
  expect(elements(svg, 'text').map(({ content }) => content)).toEqual([
    'Completed',
    'Failed',
    '0',
    '1',
    'Thu 1 Jan',
    'Day (UTC)',
    'Attempts',
  ])
})

test('a report without a single day draws an empty chart', () => {
  expect(bars(throughput([]), PALETTE.completed)).toEqual([])
})

test.each([
  ['a week names each day with its weekday', 7, DAY, ['Thu 1 Jan', 'Fri 2 Jan', 'Sat 3 Jan', 'Sun 4 Jan']],
  ['a month names every few days', 31, DAY, ['1 Jan', '4 Jan', '7 Jan', '10 Jan']],
  ['a year names its months', 366, DAY, ['1 Jan', '1 Feb', '1 Mar', '1 Apr']],
  ['a day names every second hour, and midnight by its date', 24, 3600, ['1 Jan', '02:00', '04:00', '06:00']],
])('%s', (_, number, seconds, first) => {
  const named = labels(throughput(buckets(number, seconds), seconds))
  expect(named.slice(0, 4).map(({ content }) => content)).toEqual(first)
  const places = named.map(({ x }) => Number(x))
  // About 5.7 points for each character, and less for points, colons and spaces.
  const widest = 5.7 * Math.max(...named.map(({ content }) => content.length))
  places.slice(1).forEach((x, n) => expect(x - places[n]!).toBeGreaterThan(widest * 0.9))
  expect(places.at(-1)!).toBeLessThan(SIZE.width - 10)
})

test('a status with one job among a million is drawn wide enough to be seen, and one without jobs is not drawn', () => {
  const byStatus = [
    { status: 'DEAD_LETTER', count: 1 },
    { status: 'COMPLETED', count: 1_000_000 },
    { status: 'FAILED', count: 0 },
  ]
  const [completed, dead, ...others] = elements(
    statusChart({ ...NOTHING, byStatus }, { width: 130, height: 130 }),
    'path',
  )
  expect([completed!.fill, dead!.fill]).toEqual([PALETTE.completed, PALETTE.failed])
  expect(others).toEqual([])
  const widthOf = ({ d = '' }: Record<string, string>) => {
    const [, x, y] = /^M(-?[\d.e-]+),(-?[\d.e-]+)/.exec(d) ?? []
    const [, endX, endY] = /A[\d.]+,[\d.]+,0,\d,\d,(-?[\d.e-]+),(-?[\d.e-]+)/.exec(d) ?? []
    return Math.hypot(Number(endX) - Number(x), Number(endY) - Number(y))
  }
  expect(widthOf(dead!)).toBeGreaterThan(3)
})

test('the middle of the ring says how many jobs there are', () => {
  const texts = (count: number) =>
    elements(statusChart({ ...NOTHING, byStatus: [{ status: 'COMPLETED', count }] }, SIZE), 'text').map(
      ({ content }) => content,
    )
  expect(texts(1)).toEqual(['1', 'job'])
  expect(texts(12_345)).toEqual(['12,345', 'jobs'])
})

test('completed and failed differ in a grey copy, and no two statuses have the same colour', () => {
  // The relative luminance of WCAG 2.2.
  const luminance = (hex: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const share = parseInt(hex.slice(at, at + 2), 16) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  expect(luminance(PALETTE.completed) - luminance(PALETTE.failed)).toBeGreaterThan(0.15)
  expect(new Set(STATUS_ORDER.map((status) => styleOf(status).color)).size).toBe(8)
})
