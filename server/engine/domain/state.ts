import type { JobStatus } from '@/server/generated/prisma/enums'

/**
 * The state machine (rule 3): the statuses that may follow each status. `store/transition.ts` refuses every other
 * change, and `docs/state-machine.md` is made from this table and the words of state-diagram.ts.
 */
export const TRANSITIONS: Readonly<Record<JobStatus, readonly JobStatus[]>> = {
  PENDING: ['QUEUED', 'CANCELED', 'DEAD_LETTER'],
  QUEUED: ['RUNNING', 'PENDING', 'CANCELED', 'DEAD_LETTER'],
  RUNNING: ['COMPLETED', 'FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER', 'PENDING'],
  COMPLETED: [],
  FAILED: ['QUEUED', 'PENDING', 'CANCELED', 'DEAD_LETTER'],
  TIMED_OUT: ['QUEUED', 'PENDING', 'CANCELED', 'DEAD_LETTER'],
  CANCELED: ['PENDING'],
  DEAD_LETTER: ['PENDING'],
}

export const JOB_STATUSES = Object.keys(TRANSITIONS) as JobStatus[]

/**
 * A job in one of these statuses has ended. COMPLETED never changes. The other two change only when somebody retries the
 * job, or a parent of which it died.
 */
export const FINAL_STATUSES = ['COMPLETED', 'CANCELED', 'DEAD_LETTER'] as const satisfies readonly JobStatus[]
export type FinalStatus = (typeof FINAL_STATUSES)[number]
/**
 * A job in one of these statuses counts as unfinished: for the quota, for its dedupe hash, and for children that wait
 * for it.
 */
export const UNFINISHED_STATUSES = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'FAILED',
  'TIMED_OUT',
] as const satisfies readonly JobStatus[]
/** A person may retry a job in one of these statuses. */
export const RETRYABLE_STATUSES = [
  'FAILED',
  'TIMED_OUT',
  'CANCELED',
  'DEAD_LETTER',
] as const satisfies readonly JobStatus[]
/**
 * A job in one of these statuses may be changed before it runs (`jobs.update`). Such a change is no transition. Its row
 * in the history, an amendment, has the same status on both sides, which the table above never does.
 */
export const AMENDABLE_STATUSES = ['PENDING', 'FAILED', 'TIMED_OUT'] as const satisfies readonly JobStatus[]
/** The job is unfinished and no worker holds it, so a cancel takes effect at once. */
export const WAITING_STATUSES = ['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'] as const satisfies readonly JobStatus[]

const includes = (list: readonly JobStatus[], status: JobStatus) => list.includes(status)

export const isFinal = (status: JobStatus): status is FinalStatus => includes(FINAL_STATUSES, status)
export const isUnfinished = (status: JobStatus) => !isFinal(status)
export const isRetryable = (status: JobStatus) => includes(RETRYABLE_STATUSES, status)
export const isAmendable = (status: JobStatus) => includes(AMENDABLE_STATUSES, status)
export const canTransition = (from: JobStatus, to: JobStatus) => includes(TRANSITIONS[from], to)
