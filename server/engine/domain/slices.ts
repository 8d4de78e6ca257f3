/**
 * The lengths of the slices of time that sums are kept for, and how long they are kept. The longest comes first, and
 * each is a multiple of the next. Slices are counted from 1970, UTC.
 */
export const SPANS = [
  { seconds: 86_400, keptSeconds: 35 * 86_400 },
  { seconds: 21_600, keptSeconds: 35 * 86_400 },
  { seconds: 3_600, keptSeconds: 35 * 86_400 },
  { seconds: 300, keptSeconds: 2 * 86_400 },
] as const
export type SpanSeconds = (typeof SPANS)[number]['seconds']

/** A stretch of time in milliseconds since 1970. `to` is not part of it. */
export interface Stretch {
  from: number
  to: number
}
/** A stretch of time and where its figures come from: slices of a span, or the rows themselves where `span` is null. */
export interface Part extends Stretch {
  span: SpanSeconds | null
}

/**
 * Cuts a stretch of time into as few slices as possible: whole days in the middle, and hours and shorter slices at the
 * ends. Where no whole slice fits or none is kept any more, rows are read.
 *
 * @param until the time up to which sums exist. Null where there are none
 * @param longest the longest slice that may be used, in seconds
 * @param now what is kept is counted from this moment. Left out: the stretch ends about now
 */
export function partsOf({
  from,
  to,
  until,
  longest = Infinity,
  now = to,
}: Stretch & { until: number | null; longest?: number; now?: number }): Part[] {
  const rolledUp = Math.max(from, Math.min(to, until ?? from))
  const spans = SPANS.filter(({ seconds }) => seconds <= longest).map((span) => ({
    seconds: span.seconds,
    keptFrom: now - span.keptSeconds * 1000,
  }))
  return [...coverWithSlices(from, rolledUp, spans), ...withoutSlices(null, rolledUp, to)]
}

function coverWithSlices(
  from: number,
  to: number,
  [span, ...shorter]: { seconds: SpanSeconds; keptFrom: number }[],
): Part[] {
  if (!span) return withoutSlices(null, from, to)
  const length = span.seconds * 1000
  const first = Math.ceil(from / length) * length
  const last = Math.floor(to / length) * length
  if (first >= last || first < span.keptFrom) return coverWithSlices(from, to, shorter)
  return [
    ...coverWithSlices(from, first, shorter),
    { span: span.seconds, from: first, to: last },
    ...coverWithSlices(last, to, shorter),
  ]
}

const withoutSlices = (span: SpanSeconds | null, from: number, to: number): Part[] =>
  from < to ? [{ span, from, to }] : []
