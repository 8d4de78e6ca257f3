import type { TimelineRow } from './timeline-spans'

/**
 * How times lie on the axis that all rows of the timeline share. Times are in milliseconds and places in percent of the
 * width.
 */
export interface Axis {
  place: (time: number) => number
  /** Long waits that are drawn shorter than they were. */
  cuts: { from: number; to: number; ms: number }[]
  ticks: number[]
  /** True where some wait is long enough to be drawn shorter. */
  canCut: boolean
}

/** A stretch of time on the axis: a run with its time in the queue, or the wait before, between or after runs. */
interface Piece {
  from: number
  to: number
  /** Its width in comparison with the others: milliseconds, fewer for a wait that is drawn shorter. */
  weight: number
  /** It is a wait that is drawn shorter than it was. */
  cut: boolean
}

/**
 * A wait is drawn shorter when it is longer than this many times the time in which the job was in the queue or ran. So
 * runs of seconds stay visible between waits of minutes.
 */
const LONG = 1
/** All waits that are drawn shorter get together this share of the width that the runs get. */
const SHARE_OF_CUTS = 0.5

/**
 * Makes one axis for all attempts.
 *
 * @param cutting true draws long waits shorter and marks them. false draws everything to scale.
 */
export function axisOf(rows: readonly TimelineRow[], range: { from: number; to: number }, cutting: boolean): Axis {
  const busy = merged(rows.flatMap(({ spans }) => spans.filter(({ kind }) => kind === 'running' || kind === 'queued')))
  const ran = busy.reduce((sum, { from, to }) => sum + (to - from), 0)
  const gaps = gapsBetween(busy, range)
  const isLong = ({ from, to }: { from: number; to: number }) => ran > 0 && to - from > ran * LONG
  const long = gaps.filter(isLong)
  const canCut = long.length > 0
  const width = (ran * SHARE_OF_CUTS) / Math.max(1, long.length)
  const pieces: Piece[] = [
    ...busy.map((one) => ({ ...one, weight: one.to - one.from, cut: false })),
    ...gaps.map((gap) => {
      const cut = cutting && isLong(gap)
      return { ...gap, weight: cut ? width : gap.to - gap.from, cut }
    }),
  ].sort((a, b) => a.from - b.from || a.to - b.to)
  const total = pieces.reduce((sum, { weight }) => sum + weight, 0)

  const place = (time: number): number => {
    if (total === 0) return 0
    let before = 0
    for (const { from, to, weight } of pieces) {
      if (time < to) return ((before + (weight * Math.max(0, time - from)) / (to - from)) / total) * 100
      before += weight
    }
    return 100
  }
  return {
    place,
    cuts: pieces.flatMap(({ from, to, cut }) => (cut ? [{ from, to, ms: to - from }] : [])),
    ticks: ticksOf(pieces, place, range),
    canCut,
  }
}

/**
 * The least distance between two labels of the axis, in percent of its width. Labels stand at both ends, and between
 * them where there is room.
 */
const APART = 18

function ticksOf(
  pieces: readonly Piece[],
  place: (time: number) => number,
  { from, to }: { from: number; to: number },
) {
  if (to <= from) return [from]
  const edges = pieces.some(({ cut }) => cut)
    ? // Where a wait is drawn shorter, equal distances are no equal times. So labels stand where pieces begin.
      pieces.map((piece) => piece.from)
    : // Four times between the ends, at equal distances.
      [1, 2, 3, 4].map((n) => from + ((to - from) * n) / 5)
  const ticks = [from]
  for (const edge of edges) {
    const at = place(edge)
    if (at - place(ticks.at(-1)!) >= APART && 100 - at >= APART) ticks.push(edge)
  }
  return [...ticks, to]
}

/** Joins stretches that overlap or touch, and puts them in order. */
function merged(spans: readonly { from: number; to: number }[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = found.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else found.push({ from, to })
  }
  return found
}

/** What of the range lies outside of the busy stretches, which are in order. */
function gapsBetween(busy: readonly { from: number; to: number }[], range: { from: number; to: number }) {
  const gaps: { from: number; to: number }[] = []
  let at = range.from
  for (const { from, to } of busy) {
    if (from > at) gaps.push({ from: at, to: from })
    at = Math.max(at, to)
  }
  if (range.to > at) gaps.push({ from: at, to: range.to })
  return gaps
}

/** Log lines that would stand at the same place, as one mark with their number and their most severe level. */
export interface LogMark {
  at: number
  count: number
  level: 'INFO' | 'WARN' | 'ERROR'
}
const GRAVITY = { INFO: 0, WARN: 1, ERROR: 2 } as const

/** The axis is divided into `bins` places of equal width. Lines of one place become one mark. */
export function logMarks(
  lines: readonly { at: string; count: number; level: LogMark['level'] }[],
  place: (time: number) => number,
  bins = 100,
): LogMark[] {
  const marks = new Map<number, LogMark>()
  for (const { at, count, level } of lines) {
    const bin = Math.min(bins - 1, Math.floor((place(Date.parse(at)) / 100) * bins))
    const mark = marks.get(bin)
    if (!mark) marks.set(bin, { at: ((bin + 0.5) / bins) * 100, count, level })
    else {
      mark.count += count
      if (GRAVITY[level] > GRAVITY[mark.level]) mark.level = level
    }
  }
  return [...marks.values()]
}
