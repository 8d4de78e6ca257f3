import { scaleBand, scaleLinear } from 'd3-scale'
import { arc, pie } from 'd3-shape'
import type { OrganizationReport } from '@jobyard/handler'
import { count, type Clock } from './format'
import { PALETTE, STATUS_ORDER, styleOf } from './palette'
import type { Period } from './period'

// Makes a report's charts as SVG documents. Sizes are points, as pdfmake expects. All text in them is our own numbers
// and dates and never what users wrote, so nothing needs to be escaped.

interface Size {
  width: number
  height: number
}
type Bucket = OrganizationReport['timeline'][number]

const FONT_SIZE = 10
/** Room above the bars for the legend, and below them for the labels. */
const TOP = 32
const BOTTOM = 36
/** Room for the name of the vertical axis. */
const AXIS = 16
/** Up to this many days, each is named with its weekday. */
const FEW_DAYS = 10
/** Beyond this many days, only months are named, and bars have no gaps. */
const MANY_DAYS = 140

/** Bars of attempts that completed, and above them those that failed, by day or by hour. Both axes are named. */
export function throughputChart(
  { timeline }: OrganizationReport,
  unit: Period['unit'],
  clock: Clock,
  { width, height }: Size,
): string {
  const most = Math.max(1, ...timeline.map(({ completed, failed }) => completed + failed))
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([height - BOTTOM, TOP])
  const ticks = y.ticks(4).filter(Number.isInteger)
  const left = AXIS + Math.max(...ticks.map((tick) => textWidth(count(tick)))) + 8
  const x = scaleBand<number>()
    .domain(timeline.map((_, index) => index))
    .range([left, width])
    // Gaps between hundreds of bars are thinner than a printer's dot.
    .paddingInner(timeline.length > MANY_DAYS ? 0 : 0.38)
    .paddingOuter(0.2)
  const bars = timeline.map((bucket, index) => stackedBar(bucket, x(index)!, x.bandwidth(), y))
  const middle = (index: number) => x(index)! + x.bandwidth() / 2
  const labels = labelsOf(timeline, unit, clock, x.step()).filter(
    // The last label would run out of the picture where its bar is narrow, so it is left out there.
    ({ index, label }) => middle(index) + textWidth(label) / 2 <= width,
  )
  return svg({ width, height }, [
    ...legend(),
    ...ticks.map((tick) => gridLine(left, width, y(tick))),
    ...ticks.map((tick) => text(count(tick), left - 8, y(tick) + 3.5, 'end')),
    ...bars,
    ...labels.map(({ index, label }) => text(label, middle(index), height - 20, 'middle')),
    text(`${unit === 'day' ? 'Day' : 'Hour'} (${clock.timeZone})`, (left + width) / 2, height - 4, 'middle'),
    `<g transform="translate(9 ${round((TOP + height - BOTTOM) / 2)}) rotate(-90)">${text('Attempts', 0, 0, 'middle')}</g>`,
  ])
}

function stackedBar({ completed, failed }: Bucket, x: number, room: number, y: (value: number) => number): string {
  // Bars without a gap overlap slightly. Otherwise viewers show a thin white line between two edges at the same place.
  const width = room < 2 ? room + 0.3 : Math.min(34, room)
  const left = x + (room - width) / 2
  return (
    rect(left, y(completed), width, y(0) - y(completed), PALETTE.completed) +
    rect(left, y(completed + failed), width, y(completed) - y(completed + failed), PALETTE.failed)
  )
}

/** The labels that fit beside each other. With many bars, they stand at round hours or at the first of months. */
function labelsOf(
  timeline: Bucket[],
  unit: Period['unit'],
  clock: Clock,
  step: number,
): { index: number; label: string }[] {
  const daily = unit === 'day'
  const name = !daily ? clock.hour : timeline.length > FEW_DAYS ? clock.shortDate : clock.shortDay
  const all = timeline.map(({ at }, index) => ({ index, at, label: name(at) }))
  if (daily && timeline.length > MANY_DAYS) return all.filter(({ at }) => clock.dayOfMonth(at) === 1)
  const widest = Math.max(0, ...all.map(({ label }) => textWidth(label))) + 6
  const every = (daily ? [1, 2, 3, 4, 7, 14] : [1, 2, 3, 4, 6, 12, 24]).find((n) => n * step >= widest) ?? 28
  return all.filter(({ index, at }) => (daily ? index : clock.hourOfDay(at)) % every === 0)
}

function legend(): string[] {
  const gap = 16
  const second = 14 + textWidth('Completed') + gap
  return [
    rect(0, 2, 9, 9, PALETTE.completed, 2),
    text('Completed', 14, 10, 'start'),
    rect(second, 2, 9, 9, PALETTE.failed, 2),
    text('Failed', second + 14, 10, 'start'),
  ]
}

/** The smallest slice, as a part of the ring. So a handful of jobs among thousands can still be seen. */
const SMALLEST_SLICE = 3 / 360

/** A ring with a slice for each status, and the number of all jobs in its middle. */
export function statusChart({ byStatus }: OrganizationReport, { width, height }: Size): string {
  const total = byStatus.reduce((sum, { count }) => sum + count, 0)
  const radius = Math.min(width, height) / 2
  const slices = pie<{ status: string; count: number }>()
    .value(({ count }) => Math.max(count, total * SMALLEST_SLICE))
    .sort(null)(sortedStatuses(byStatus).filter(({ count }) => count > 0))
  const ring = arc<(typeof slices)[number]>()
    .innerRadius(radius * 0.66)
    .outerRadius(radius * 0.96)
  const paths = slices.map(
    (slice) =>
      `<path d="${ring(slice)}" fill="${styleOf(slice.data.status).color}" stroke="#ffffff" stroke-width="1.5"/>`,
  )
  const number = count(total)
  return svg({ width, height }, [
    `<g transform="translate(${width / 2} ${height / 2})">`,
    ...paths,
    `<text x="0" y="3" text-anchor="middle" font-size="${number.length > 7 ? 15 : 21}" font-weight="bold" fill="${PALETTE.ink}">${number}</text>`,
    text(total === 1 ? 'job' : 'jobs', 0, 18, 'middle'),
    '</g>',
  ])
}

/** Sorted in the order of the palette. The legend beside the chart has the same order. */
export function sortedStatuses(byStatus: OrganizationReport['byStatus']) {
  return [...byStatus].sort((a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status))
}

const svg = ({ width, height }: Size, parts: string[]) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Roboto">${parts.join('')}</svg>`

const rect = (x: number, y: number, width: number, height: number, fill: string, radius = 0) =>
  height > 0
    ? `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fill}"/>`
    : ''

const gridLine = (x1: number, x2: number, y: number) =>
  `<line x1="${round(x1)}" x2="${round(x2)}" y1="${round(y)}" y2="${round(y)}" stroke="${PALETTE.gridLine}" stroke-width="1"/>`

const text = (content: string, x: number, y: number, anchor: 'start' | 'middle' | 'end') =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${FONT_SIZE}" fill="${PALETTE.muted}">${content}</text>`

const round = (value: number) => Math.round(value * 100) / 100

/** The approximate width of a text in Roboto. */
function textWidth(content: string): number {
  const narrow = content.match(/[,.: ]/g)?.length ?? 0
  return FONT_SIZE * (0.24 * narrow + 0.57 * (content.length - narrow))
}
