import type { BulkKind, BulkStatus } from '@/server/generated/prisma/enums'
import type { Actor, JobFilter, JobStatus, Json } from './types'

export type { BulkKind, BulkStatus }

/** Why a bulk action left a job as it was. */
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

/** Named jobs, or all of the organization that match. */
export type Selection = { jobIds: readonly string[] } | { filter: Omit<JobFilter, 'organizationId'> }

/** What a call about many jobs answers. */
export interface BulkResult {
  /** Jobs that were asked for and are there. */
  matched: number
  changed: number
  skipped: Skipped[]
  /** Where it goes on in the background: `bulk.get` tells how far it is. */
  bulkId?: string
}

/** A bulk action that was too large for its call. */
export interface BulkView {
  id: string
  organizationId: string
  action: BulkKind
  status: BulkStatus
  /** Jobs that it is about, fixed when it was asked. */
  matched: number
  /** Jobs whose turn has come: changed or skipped. */
  processed: number
  changed: number
  /** How many were skipped, by reason. */
  skipped: Partial<Record<SkipReason, number>>
  /** What was asked for; null where jobs were named. */
  filter: Json
  reason: string | null
  requestedBy: Actor
  createdAt: Date
  finishedAt: Date | null
  abortedBy: Actor | null
  abortReason: string | null
}

/** A job of a bulk action at its turn; nulls where it was not there. */
export interface BulkFact {
  jobId: string
  jobType: string | null
  status: JobStatus | null
}
