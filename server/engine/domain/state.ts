import type { JobStatus } from '@/server/generated/prisma/enums'

/**
 * The state machine (rule 3): from each status, those that may follow. `store/transition.ts` refuses
 * everything else, and `docs/state-machine.md` is drawn from this table.
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

/** Statuses in which nothing more happens unless a person retries. */
export const FINAL_STATUSES = ['COMPLETED', 'CANCELED', 'DEAD_LETTER'] as const satisfies readonly JobStatus[]
export type FinalStatus = (typeof FINAL_STATUSES)[number]
/** Statuses in which a job counts as unfinished (quota, dedupe hash, children that wait). */
export const UNFINISHED_STATUSES = [
  'PENDING',
  'QUEUED',
  'RUNNING',
  'FAILED',
  'TIMED_OUT',
] as const satisfies readonly JobStatus[]
/** Statuses from which a person may retry. */
export const RETRYABLE_STATUSES = [
  'FAILED',
  'TIMED_OUT',
  'CANCELED',
  'DEAD_LETTER',
] as const satisfies readonly JobStatus[]
/**
 * Statuses in which a job may be changed before it runs (`jobs.update`). That is no transition: its row
 * in the history, an amendment, has the same status on both sides, which the table above never lists.
 */
export const AMENDABLE_STATUSES = ['PENDING', 'FAILED', 'TIMED_OUT'] as const satisfies readonly JobStatus[]
/** Unfinished, and no worker holds it: a cancel takes effect at once. */
export const WAITING_STATUSES = ['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'] as const satisfies readonly JobStatus[]

const includes = (list: readonly JobStatus[], status: JobStatus) => list.includes(status)

export const isFinal = (status: JobStatus): status is FinalStatus => includes(FINAL_STATUSES, status)
export const isUnfinished = (status: JobStatus) => !isFinal(status)
export const isRetryable = (status: JobStatus) => includes(RETRYABLE_STATUSES, status)
export const isAmendable = (status: JobStatus) => includes(AMENDABLE_STATUSES, status)
export const canTransition = (from: JobStatus, to: JobStatus) => includes(TRANSITIONS[from], to)
