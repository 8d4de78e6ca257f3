import type { BulkKind, BulkStatus } from '@/server/generated/prisma/enums'
import type { Actor, JobFilter, JobStatus, Json } from './types'

export type { BulkKind, BulkStatus }

/** The reasons why a bulk action left a job unchanged. */
export const SKIP_REASONS = [
  'NOT_FOUND',
  'NOT_PERMITTED',
  'ORGANIZATION_SUSPENDED',
  'ILLEGAL_TRANSITION',
  'INVALID_DEPENDENCY',
  'DUPLICATE_JOB',
  'QUEUE_FULL',
] as const
export type SkipReason = (typeof SKIP_REASONS)[number]
export interface Skipped {
  jobId: string
  reason: SkipReason
}

/** The jobs that a bulk action is about: a list of ids, or all of the organization's jobs that match a filter. */
export type Selection = { jobIds: readonly string[] } | { filter: Omit<JobFilter, 'organizationId'> }

/** The answer to a call that acts on many jobs. */
export interface BulkResult {
  /** How many of the jobs that were asked for exist. */
  matched: number
  changed: number
  skipped: Skipped[]
  /** Set when the action goes on in the background. `bulk.get` tells how far it is. */
  bulkId?: string
}

/** A bulk action that was too large for its call and runs in the background. */
export interface BulkView {
  id: string
  organizationId: string
  action: BulkKind
  status: BulkStatus
  /** How many jobs the action is about. The number is fixed when the action is submitted. */
  matched: number
  /** How many of them have been dealt with, changed or skipped. */
  processed: number
  changed: number
  /** How many were skipped, by reason. */
  skipped: Partial<Record<SkipReason, number>>
  /** The filter that was asked with. Null where jobs were named by id. */
  filter: Json
  reason: string | null
  requestedBy: Actor
  createdAt: Date
  finishedAt: Date | null
  abortedBy: Actor | null
  abortReason: string | null
}

/** What is known about one job when a bulk action comes to it. All fields are null where the job does not exist. */
export interface BulkFact {
  jobId: string
  jobType: string | null
  status: JobStatus | null
}
