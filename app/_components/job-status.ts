import type { JobStatus } from '@/app/_trpc/types'
import { may, type Viewer } from './may'

/**
 * The name and meaning of each status, in the order in which a job passes through them. `tone` is the class for its
 * icon, and `soft` are the classes for a badge with a background.
 */
export const STATUS_META: Record<JobStatus, { label: string; meaning: string; tone: string; soft: string }> = {
  PENDING: {
    label: 'Pending',
    meaning: 'Waits for its time or for capacity',
    tone: 'text-pending',
    soft: 'bg-pending-soft text-pending',
  },
  QUEUED: {
    label: 'Queued',
    meaning: 'Handed to a worker queue',
    tone: 'text-queued',
    soft: 'bg-queued-soft text-queued',
  },
  RUNNING: {
    label: 'Running',
    meaning: 'A worker carries it out',
    tone: 'text-running',
    soft: 'bg-running-soft text-running',
  },
  COMPLETED: {
    label: 'Completed',
    meaning: 'Finished',
    tone: 'text-completed',
    soft: 'bg-completed-soft text-completed',
  },
  FAILED: {
    label: 'Failed',
    meaning: 'The attempt failed; a retry is planned',
    tone: 'text-failed',
    soft: 'bg-failed-soft text-failed',
  },
  TIMED_OUT: {
    label: 'Timed out',
    meaning: 'The attempt took too long; a retry is planned',
    tone: 'text-timedout',
    soft: 'bg-timedout-soft text-timedout',
  },
  CANCELED: {
    label: 'Canceled',
    meaning: 'Stopped by a person',
    tone: 'text-canceled',
    soft: 'bg-canceled-soft text-canceled',
  },
  DEAD_LETTER: {
    label: 'Dead letter',
    meaning: 'Gave up; a person must look',
    tone: 'text-dead',
    soft: 'bg-dead-soft text-dead',
  },
}

export const STATUSES = Object.keys(STATUS_META) as JobStatus[]

export const PRIORITIES = ['CRITICAL', 'HIGH', 'NORMAL', 'LOW'] as const
export type Priority = (typeof PRIORITIES)[number]
export const PRIORITY_LABEL: Record<Priority, string> = {
  CRITICAL: 'Critical',
  HIGH: 'High',
  NORMAL: 'Normal',
  LOW: 'Low',
}

const FINAL: readonly JobStatus[] = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']
const CHANGEABLE: readonly JobStatus[] = ['PENDING', 'FAILED', 'TIMED_OUT']
const RETRYABLE: readonly JobStatus[] = ['FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER']

/** The statuses of jobs that have not ended. An organization's quota counts these jobs. */
export const UNFINISHED_STATUSES = STATUSES.filter((status) => !FINAL.includes(status))
/** The statuses of jobs that have not ended and do not run. */
export const WAITING_STATUSES = UNFINISHED_STATUSES.filter((status) => status !== 'RUNNING')

/** True where the job has ended. It does not run again unless somebody retries it, or a job for which it waited. */
export const isFinal = (status: JobStatus) => FINAL.includes(status)

interface ActedOn {
  status: JobStatus
  cancelRequestedAt: string | null
  submittedBy: { type: string; id: string | null }
}

/** Why this person cannot cancel the job now, as a sentence. Null when they can. The server decides again. */
export function whyNotCancel(job: ActedOn, viewer: Viewer): string | null {
  if (isFinal(job.status))
    return `A ${STATUS_META[job.status].label.toLowerCase()} job has ended; there is nothing to cancel.`
  if (job.cancelRequestedAt) return 'Its cancel was requested, and its handler is being stopped.'
  const own = job.submittedBy.type === 'user' && job.submittedBy.id === viewer.userId
  if (may(viewer, 'jobs.cancel', own)) return null
  if (!may(viewer, 'jobs.cancel', true)) return 'Viewers can read jobs. Ask an admin of the organization to cancel it.'
  return 'Operators cancel the jobs they submitted. Ask an admin of the organization to cancel this one.'
}

/** Why this person cannot retry the job now. Null when they can. */
export function whyNotRetry(job: ActedOn, viewer: Viewer): string | null {
  if (!RETRYABLE.includes(job.status)) {
    if (job.status === 'COMPLETED') return 'The job completed. Use "Run again" for the same work once more.'
    return `A ${STATUS_META[job.status].label.toLowerCase()} job is already on its way.`
  }
  if (may(viewer, 'jobs.retry')) return null
  const way = may(viewer, 'jobs.submit') ? ' Use "Run again" for a new one with the same parameters.' : ''
  return `Only admins of the organization retry jobs.${way}`
}

/** True where a job of this status can be changed before it runs. */
export const isChangeable = (status: JobStatus) => CHANGEABLE.includes(status)

/** Why this person cannot change a waiting job. Null when they can. */
export function whyNotChange(job: ActedOn, viewer: Viewer): string | null {
  const own = job.submittedBy.type === 'user' && job.submittedBy.id === viewer.userId
  if (may(viewer, 'jobs.update', own)) return null
  if (!may(viewer, 'jobs.update', true)) return 'Viewers can read jobs. Ask an admin of the organization to change it.'
  return 'Operators change the jobs they submitted. Ask an admin of the organization to change this one.'
}

export type BulkKind = 'cancel' | 'retry' | 'delete'
/** The statuses of jobs that a bulk action can change. */
export const BULK_STATUSES: Record<BulkKind, JobStatus[]> = {
  cancel: UNFINISHED_STATUSES,
  retry: STATUSES.filter((status) => RETRYABLE.includes(status)),
  delete: STATUSES.filter((status) => FINAL.includes(status)),
}

/**
 * Why this person cannot act on many jobs at once. Null when they can. An operator can only cancel the jobs they
 * submitted.
 */
export function whyNotBulk(kind: BulkKind, viewer: Viewer): string | null {
  if (may(viewer, `jobs.${kind}`, true)) return null
  return `Only admins of the organization ${kind} many jobs at once.`
}

/** Why this person cannot delete jobs that have ended. Null when they can. */
export function whyNotDelete(viewer: Viewer): string | null {
  return may(viewer, 'jobs.delete') ? null : 'Only admins of the organization delete jobs.'
}

/** Why this person cannot submit jobs. Null when they can. */
export function whyNotSubmit(viewer: Viewer): string | null {
  if (may(viewer, 'jobs.submit')) return null
  return 'Your role in this organization is viewer. Submitting needs the role operator.'
}
