import type { BulkKind } from '@/app/_components/job-status'
import type { BulkAction } from '@/app/_trpc/types'

/** The words for each action: before, during and after it. */
export const BULK_WORDS: Record<BulkKind | 'backfill', { verb: string; doing: string; done: string }> = {
  cancel: { verb: 'Cancel', doing: 'Canceling', done: 'Canceled' },
  retry: { verb: 'Retry', doing: 'Retrying', done: 'Retried' },
  delete: { verb: 'Delete', doing: 'Deleting', done: 'Deleted' },
  backfill: { verb: 'Backfill', doing: 'Backfilling', done: 'Backfilled' },
}

export const kindOf = (bulk: Pick<BulkAction, 'action'>) => bulk.action.toLowerCase() as BulkKind | 'backfill'

/** The headline of a bulk action: "Canceled 618 jobs" after its end, "Canceling 650 jobs" while it runs. */
export function headline(bulk: Pick<BulkAction, 'action' | 'status' | 'matched' | 'changed'>): string {
  const { doing, done } = BULK_WORDS[kindOf(bulk)]
  return bulk.status === 'RUNNING' ? `${doing} ${jobs(bulk.matched)}` : `${done} ${jobs(bulk.changed)}`
}

/** The address of the receipt of a bulk action. */
export const receiptPath = (bulkId: string) => `/bulk/${bulkId}`

export type SkipReason = keyof BulkAction['skipped']

/** Why jobs were skipped, as words for a sentence about them. */
export const SKIPPED: Record<SkipReason, string> = {
  NOT_FOUND: 'not there any more',
  NOT_PERMITTED: 'not yours',
  ORGANIZATION_SUSPENDED: 'of a suspended organization',
  ILLEGAL_TRANSITION: 'in another state by then',
  INVALID_DEPENDENCY: 'waiting for a dead job',
  DUPLICATE_JOB: 'replaced by an identical job',
  QUEUE_FULL: 'over the organization’s limit',
  ALREADY_RUN: 'run already',
  UNKNOWN_JOB_TYPE: 'of a job type that is gone',
  JOB_TYPE_DISABLED: 'of a disabled job type',
  INVALID_PARAMETERS: 'with parameters that the job type no longer takes',
  TOO_LARGE: 'with parameters that are too large',
  IDEMPOTENCY_MISMATCH: 'submitted with other parameters lately',
}

export const jobs = (count: number) => `${count.toLocaleString('en')} ${count === 1 ? 'job' : 'jobs'}`

/** The outcome of a bulk action: "Canceled 4,990 jobs; 10 skipped (8 in another state by then, 2 not yours)". */
export function outcome(
  kind: BulkKind | 'backfill',
  changed: number,
  skipped: Partial<Record<string, number>>,
): string {
  const reasons = Object.entries(skipped).filter(([, count]) => count)
  const total = reasons.reduce((sum, [, count]) => sum + (count ?? 0), 0)
  const done = `${BULK_WORDS[kind].done} ${jobs(changed)}`
  if (total === 0) return done
  return `${done}; ${total.toLocaleString('en')} skipped (${reasons.map(([reason, count]) => `${(count ?? 0).toLocaleString('en')} ${(SKIPPED as Record<string, string>)[reason] ?? reason}`).join(', ')})`
}

/** How many jobs were skipped for each reason. */
export function countReasons(skipped: readonly { reason: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { reason } of skipped) counts[reason] = (counts[reason] ?? 0) + 1
  return counts
}
