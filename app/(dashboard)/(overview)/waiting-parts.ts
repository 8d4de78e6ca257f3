import { formatCount } from '@/app/_components/time'
import { whatDecides, spanWords, type Estimate } from '@/app/_components/waiting/estimate-words'
import type { WaitingItem } from '@/app/_trpc/types'

/** All waiting jobs with the same reason, and the job types to which the reason applies. */
export interface WaitingPart {
  code: WaitingItem['code']
  count: number
  /** The sentence of the server for the largest of the items. */
  message: string
  /** When the first of them goes on by itself. */
  until: string | null
  /** The longest of their estimates. Null where one of them is unknown. */
  estimate: WaitingItem['estimate']
  /** How many jobs of each type wait, where the reason lies in job types. The type with the most jobs comes first. */
  types: { jobType: string; count: number }[]
}

/**
 * Joins items with the same reason into one part, because the filter of the jobs page finds jobs by their reason. The
 * part with the most jobs comes first. `items` must be sorted by their number of jobs, the largest first.
 */
export function waitingParts(items: readonly WaitingItem[]): WaitingPart[] {
  const parts = new Map<WaitingItem['code'], WaitingPart>()
  for (const { code, count, message, until = null, estimate, jobType } of items) {
    const part = parts.get(code)
    if (!part) {
      parts.set(code, { code, count, message, until, estimate, types: jobType ? [{ jobType, count }] : [] })
      continue
    }
    part.count += count
    if (until && (!part.until || until < part.until)) part.until = until
    part.estimate =
      part.estimate && estimate ? (estimate.seconds > part.estimate.seconds ? estimate : part.estimate) : null
    if (!jobType) continue
    const known = part.types.find((type) => type.jobType === jobType)
    if (known) known.count += count
    else part.types.push({ jobType, count })
  }
  for (const { types } of parts.values()) types.sort((a, b) => b.count - a.count)
  return [...parts.values()].sort((a, b) => b.count - a.count)
}

/** The address of the jobs of a part, or of those of one job type in it. */
export const partPath = (code: string, jobType?: string) =>
  `/jobs?waitingFor=${code}${jobType ? `&type=${encodeURIComponent(jobType)}` : ''}`

/** The reasons of jobs that wait for a time and not for other jobs. */
const PLANNED: readonly string[] = ['SCHEDULED', 'RETRY_BACKOFF']

/**
 * How long it takes until the jobs that wait have run, and what decides it, in one line. Where that is known of only
 * some of them, it says of how many.
 *
 * @param total how many jobs wait
 * @param estimate the longest of the items' estimates, apart from planned jobs. Null where none is known
 */
export function waitEstimateWords(items: readonly WaitingItem[], total: number, estimate: Estimate | null): string {
  if (!estimate)
    return items.every(({ code }) => PLANNED.includes(code)) ? 'all planned for later' : 'how long is not known'
  // Planned jobs (`of: 'time'`) are not counted here, because the estimate leaves them out.
  const known = items
    .filter((item) => item.estimate && item.estimate.limitedBy.of !== 'time')
    .reduce((sum, { count }) => sum + count, 0)
  const some = known < total ? ` for ${formatCount(known)} of them` : ''
  return `${spanWords(estimate.seconds)}${some}; ${whatDecides(estimate)}`
}
