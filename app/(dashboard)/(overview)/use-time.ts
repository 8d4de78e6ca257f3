import { parseAsIsoDateTime, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { spanLabel } from './buckets'
import type { Span } from '@/app/_components/figures/figure-paths'
import { RANGES, type OverviewTime, type Range } from './use-overview'

const RANGE_NAME: Record<Range, string> = {
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
}
/** The longest time that the API accepts, in milliseconds. */
const LONGEST_MS = 31 * 86_400_000
const HOUR_MS = 3_600_000

/** The time of the overview. The address holds it. It is a range, or a time that was chosen in a chart. */
export function useTime() {
  const [{ range, from, to }, set] = useQueryStates(
    {
      range: parseAsStringLiteral(RANGES).withDefault('24h'),
      from: parseAsIsoDateTime,
      to: parseAsIsoDateTime,
    },
    { history: 'push' },
  )
  // The address may hold only half a time, or one that the API refuses. Then the range counts.
  const chosen = from && to && to > from && to.getTime() - from.getTime() <= LONGEST_MS ? { from, to } : null
  const time: OverviewTime = chosen ? { from: chosen.from.toISOString(), to: chosen.to.toISOString() } : { range }
  const name = chosen ? spanLabel(chosen) : RANGE_NAME[range]
  const exact = chosen ? chosen.to.getTime() - chosen.from.getTime() <= HOUR_MS : range === '1h'
  return {
    time,
    range,
    chosen: chosen !== null,
    name,
    /** The time as the rest of a sentence: "in the last hour" or "between … and …". */
    during: chosen ? `between ${name.replace(' – ', ' and ')}` : `in the ${name}`,
    /** The note behind durations. For more than an hour they are calculated from sums, so they are less exact. */
    durations: exact ? name : `${name}, within 10 %`,
    choose: (span: Span) => void set({ from: new Date(span.from), to: new Date(span.to) }),
    setRange: (next: Range) => void set({ range: next, from: null, to: null }),
  }
}
