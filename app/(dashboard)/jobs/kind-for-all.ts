import { BULK_STATUSES } from '@/app/_components/job-status'
import type { JobStatus } from '@/app/_trpc/types'

/**
 * What can be done to all jobs of a list with these statuses (absent: with any). Cancel comes first. Jobs that failed
 * and wait could also be retried, but they are retried by themselves. Null where all of them have completed.
 */
export function kindForAll(status: readonly JobStatus[] | undefined): 'cancel' | 'retry' | null {
  const statuses = status ?? []
  if (statuses.length === 0 || statuses.some((one) => BULK_STATUSES.cancel.includes(one))) return 'cancel'
  return statuses.some((one) => BULK_STATUSES.retry.includes(one)) ? 'retry' : null
}

/** The statuses of a list (absent: any) that allow the action. Jobs with the others are left alone. */
export const changeableOf = (kind: 'cancel' | 'retry', status: readonly JobStatus[] | undefined): JobStatus[] =>
  BULK_STATUSES[kind].filter((one) => !status?.length || status.includes(one))
