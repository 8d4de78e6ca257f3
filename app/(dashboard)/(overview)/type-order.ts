import type { TypeMetrics } from '@/app/_trpc/types'

/** Those that fail most often first, then those that do most; of equals by name. */
export const byFailures = (types: readonly TypeMetrics[]): TypeMetrics[] =>
  types.toSorted((a, b) => b.failed - a.failed || b.completed - a.completed || (a.jobType < b.jobType ? -1 : 1))
