import type { TypeMetrics } from '@/app/_trpc/types'

/** Those that fail most often first, then those that do most; of equals by name. */
export const byFailures = (types: readonly TypeMetrics[]): TypeMetrics[] =>
  types.toSorted((a, b) => b.failed - a.failed || b.completed - a.completed || (a.jobType < b.jobType ? -1 : 1))

/** "2.4 %", "18 %"; a little is never nothing. */
export function shownRate(rate: number | null): string {
  if (rate === null) return '–'
  if (rate > 0 && rate < 0.001) return '< 0.1 %'
  return `${(rate * 100).toFixed(rate > 0 && rate < 0.1 ? 1 : 0)} %`
}
