/**
 * How long each kind of slice is, and for how long its sums are kept. The longest comes first, and each is a multiple
 * of the next. Slices are counted from 1970, UTC.
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
 * Cuts a stretch of time into as few slices as possible: whole days in the middle, and shorter and shorter slices
 * towards the ends. Time that no kept slice covers is read from the rows.
 *
 * @param until the time up to which sums exist. Null where there are none
 * @param longest the longest slice that may be used, in seconds
 * @param now the present time, from which the age of slices is counted. The default is `to`, for a stretch that ends
 * about now
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
  return [...coverWithSlices(from, rolledUp, spans), ...fromRows(rolledUp, to)]
}

function coverWithSlices(
  from: number,
  to: number,
  [span, ...shorter]: { seconds: SpanSeconds; keptFrom: number }[],
): Part[] {
  if (!span) return fromRows(from, to)
  const length = span.seconds * 1000
  const first = Math.ceil(Math.max(from, span.keptFrom) / length) * length
  const last = Math.floor(to / length) * length
  if (first >= last) return coverWithSlices(from, to, shorter)
  return [
    ...coverWithSlices(from, first, shorter),
    { span: span.seconds, from: first, to: last },
    ...coverWithSlices(last, to, shorter),
  ]
}

/** Time that is read from the rows. Empty where there is none. */
const fromRows = (from: number, to: number): Part[] => (from < to ? [{ span: null, from, to }] : [])
