import { describe, expect, it } from 'vitest'
import { lengthOf, segmentsOf, widths } from './attempt-segments'

const at = (seconds: number) => new Date(seconds * 1000).toISOString()

describe('attempt segments', () => {
  it('an attempt is drawn as its waiting, its time in the queue and its run', () => {
    const segments = segmentsOf({ readyAt: at(0), queuedAt: at(2), startedAt: at(3), endedAt: at(10) }, 0)
    expect(segments.map((s) => [s.kind, s.to - s.from])).toEqual([
      ['waiting', 2000],
      ['queued', 1000],
      ['running', 7000],
    ])
    expect(lengthOf(segments)).toBe(10_000)
  })

  it('the bar of a running attempt grows until now, and clocks that differ give no negative length', () => {
    const times = { readyAt: at(5), queuedAt: at(4), startedAt: at(6), endedAt: null }
    expect(segmentsOf(times, 9000).map((s) => [s.kind, s.to - s.from])).toEqual([
      ['queued', 1000],
      ['running', 3000],
    ])
    expect(segmentsOf(times, 0).at(-1)?.kind).toBe('queued')
  })

  it('a short segment can still be seen, and all of them fit into the row', () => {
    const segments = segmentsOf({ readyAt: at(0), queuedAt: at(0.001), startedAt: at(0.002), endedAt: at(100) }, 0)
    const result = widths(segments, lengthOf(segments))
    expect(Math.min(...result)).toBeGreaterThan(0.5)
    expect(result.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(100.001)
    expect(widths([], 0)).toEqual([])
  })
})
