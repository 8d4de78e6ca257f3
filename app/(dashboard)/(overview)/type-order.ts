import type { TypeMetrics } from '@/app/_trpc/types'

/** Orders job types by failures, then by completed jobs, both highest first, and then by name. */
export const byFailures = (types: readonly TypeMetrics[]): TypeMetrics[] =>
  types.toSorted((a, b) => b.failed - a.failed || b.completed - a.completed || (a.jobType < b.jobType ? -1 : 1))
