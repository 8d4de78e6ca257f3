import type { BulkKind, BulkStatus } from '@/server/generated/prisma/enums'
import { filterInWords } from './filter-words'
import type { Actor, JobFilter, JobStatus, Json } from './types'

// The words of bulk actions, which cancel, retry or delete many jobs at once, and of backfills, which submit the runs
// that a schedule would have had in a period.

export type { BulkKind, BulkStatus }

/** What is done to jobs that exist. A backfill makes new ones. */
export type ActKind = Exclude<BulkKind, 'BACKFILL'>

/** The reasons why a bulk action left a job unchanged, or why a backfill submitted no job for a planned time. */
export const SKIP_REASONS = [
  'NOT_FOUND',
  'NOT_PERMITTED',
  'ORGANIZATION_SUSPENDED',
  'ILLEGAL_TRANSITION',
  'INVALID_DEPENDENCY',
  'DUPLICATE_JOB',
  'QUEUE_FULL',
  'ALREADY_RUN',
  'UNKNOWN_JOB_TYPE',
  'JOB_TYPE_DISABLED',
  'INVALID_PARAMETERS',
  'TOO_LARGE',
  'IDEMPOTENCY_MISMATCH',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]
export interface Skipped {
  /**
   * In a backfill: the job that the planned time has already. Where it has none, the made-up id under which the planned
   * time is kept.
   */
  jobId: string
  reason: SkipReason
  /** In a backfill: the planned time. */
  plannedAt?: Date
}

/**
 * The jobs that a bulk action is about: a list of ids, all of the organization's jobs that match a filter, or those
 * that an open request holds.
 */
export type Selection =
  { jobIds: readonly string[] } | { filter: Omit<JobFilter, 'organizationId'> } | { requestId: string }

/** The answer to a call that acts on many jobs. */
export interface BulkResult {
  /** How many of the jobs that were asked for exist. In a backfill: how many times were planned. */
  matched: number
  changed: number
  skipped: Skipped[]
  /** Set when the action goes on in the background. `bulk.get` tells how far it is. */
  bulkId?: string
  /** What is kept of the action, whether it went on in the background or not. Absent where no job was there. */
  receiptId?: string
}

/** A bulk action as it is kept: how far it is, and what it has done. */
export interface BulkView {
  id: string
  organizationId: string
  action: BulkKind
  status: BulkStatus
  /**
   * How many jobs, or planned times of a backfill, the action is about. The number is fixed when the action is
   * submitted.
   */
  matched: number
  /** How many of them have been dealt with, changed or skipped. */
  processed: number
  changed: number
  /** How many were skipped, by reason. */
  skipped: Partial<Record<SkipReason, number>>
  /** The filter that chose the jobs. Null where they were named by id, and in a backfill. */
  filter: Json
  /** The schedule and the period whose runs it submits. Null where it is about jobs that exist. */
  backfill: Backfill | null
  reason: string | null
  requestedBy: Actor
  /** The request that it fulfils: somebody who may not do it asked the requester to. */
  request: { id: string; askedBy: Actor } | null
  createdAt: Date
  /** When a part of it was last done. */
  workedAt: Date
  finishedAt: Date | null
  abortedBy: Actor | null
  abortReason: string | null
  /** The first entry of the audit that tells of it: its start, or what its first part changed. Null before that. */
  auditId: string | null
}

/** The runs that a backfill submits: those that a schedule would have had in a period, both ends included. */
export interface Backfill {
  scheduleId: string
  name: string
  from: string
  to: string
}

/** What is known about one job when a bulk action comes to it. Type and status are null where the job does not exist. */
export interface BulkFact {
  jobId: string
  jobType: string | null
  status: JobStatus | null
}

const utc = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`

/** Which jobs a bulk action or a request is about, in words. */
export const aboutJobs = ({
  filter,
  matched,
  backfill,
}: {
  filter: Json
  matched: number
  backfill?: Backfill | null
}): string =>
  backfill
    ? `runs of the schedule ${backfill.name} from ${utc(backfill.from)} to ${utc(backfill.to)}`
    : filter === null
      ? `${matched.toLocaleString('en')} ${matched === 1 ? 'job that was' : 'jobs that were'} chosen one by one`
      : filterInWords(filter as Parameters<typeof filterInWords>[0])

/**
 * How fast a bulk action goes, and how long it will still take at that rate. Both are null before its first job is done,
 * and where no time has passed since its start. `secondsLeft` is also null for one that does not run any more.
 */
export function paceOf({ status, matched, processed, createdAt, workedAt }: BulkView): {
  perSecond: number | null
  secondsLeft: number | null
} {
  const seconds = (workedAt.getTime() - createdAt.getTime()) / 1000
  if (processed === 0 || seconds <= 0) return { perSecond: null, secondsLeft: null }
  const rate = processed / seconds
  return {
    perSecond: Math.round(rate * 10) / 10,
    secondsLeft: status === 'RUNNING' ? Math.ceil((matched - processed) / rate) : null,
  }
}
