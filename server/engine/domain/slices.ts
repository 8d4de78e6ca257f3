/**
 * The lengths of time that rollups are kept for, longest first, each a multiple of the next, and for
 * how long. Slices are aligned to whole ones since 1970, UTC.
 */
export const SPANS = [
  { seconds: 86_400, keptSeconds: 35 * 86_400 },
  { seconds: 21_600, keptSeconds: 35 * 86_400 },
  { seconds: 3_600, keptSeconds: 35 * 86_400 },
  { seconds: 300, keptSeconds: 2 * 86_400 },
] as const
export type SpanSeconds = (typeof SPANS)[number]['seconds']

/** Milliseconds since 1970; `to` is not part of it. */
export interface Stretch {
  from: number
  to: number
}
/** A stretch of time and where it is read: in slices of a span, or (null) in the rows themselves. */
export interface Part extends Stretch {
  span: SpanSeconds | null
}

/**
 * Cuts a stretch of time into as few slices as cover it: whole days in the middle, hours and shorter
 * ones at its ends, and rows where no whole slice fits or none is kept any more.
 *
 * @param until what came before is rolled up; null: nothing is
 * @param longest no slice may be longer than this, in seconds
 */
export function partsOf({
  from,
  to,
  until,
  longest = Infinity,
}: Stretch & { until: number | null; longest?: number }): Part[] {
  const rolledUp = Math.max(from, Math.min(to, until ?? from))
  const spans = SPANS.filter(({ seconds }) => seconds <= longest).map((span) => ({
    seconds: span.seconds,
    keptFrom: to - span.keptSeconds * 1000,
  }))
  return [...cover(from, rolledUp, spans), ...stretch(null, rolledUp, to)]
}

function cover(from: number, to: number, [span, ...shorter]: { seconds: SpanSeconds; keptFrom: number }[]): Part[] {
  if (!span) return stretch(null, from, to)
  const length = span.seconds * 1000
  const first = Math.ceil(from / length) * length
  const last = Math.floor(to / length) * length
  if (first >= last || first < span.keptFrom) return cover(from, to, shorter)
  return [...cover(from, first, shorter), { span: span.seconds, from: first, to: last }, ...cover(last, to, shorter)]
}

const stretch = (span: SpanSeconds | null, from: number, to: number): Part[] => (from < to ? [{ span, from, to }] : [])
