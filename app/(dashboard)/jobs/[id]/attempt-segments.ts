/** The bars of the timeline, apart from how they are drawn. Times in milliseconds. */
export interface Segment {
  kind: 'waiting' | 'queued' | 'running'
  from: number
  to: number
}

interface AttemptTimes {
  readyAt: string
  queuedAt: string
  startedAt: string
  endedAt: string | null
}

/** Waiting until queued, queued until started, running until ended (or now). Clocks that disagree give no negative bar. */
export function segmentsOf(attempt: AttemptTimes, now: number): Segment[] {
  const ready = Date.parse(attempt.readyAt)
  const queued = Math.max(ready, Date.parse(attempt.queuedAt))
  const started = Math.max(queued, Date.parse(attempt.startedAt))
  const ended = Math.max(started, attempt.endedAt ? Date.parse(attempt.endedAt) : now)
  const all: Segment[] = [
    { kind: 'waiting', from: ready, to: queued },
    { kind: 'queued', from: queued, to: started },
    { kind: 'running', from: started, to: ended },
  ]
  return all.filter((segment) => segment.to > segment.from)
}

/**
 * Widths in percent of the longest attempt. Every segment that exists can be seen, however short:
 * at least `min` percent, taken from the longer ones.
 */
export function widths(segments: readonly Segment[], longest: number, min = 0.6): number[] {
  if (longest <= 0) return segments.map(() => 0)
  const raw = segments.map((segment) => Math.max(min, ((segment.to - segment.from) / longest) * 100))
  const sum = raw.reduce((a, b) => a + b, 0)
  return sum > 100 ? raw.map((width) => (width / sum) * 100) : raw
}

export const lengthOf = (segments: readonly Segment[]) => {
  const first = segments[0]
  const last = segments.at(-1)
  return first && last ? last.to - first.from : 0
}
