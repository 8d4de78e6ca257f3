import type { ErrorClass, JobPriority, JobStatus } from '@/server/generated/prisma/enums'

export type { ErrorClass, JobPriority, JobStatus }
export type { JobFilter } from './job-filter'

/** Which BullMQ queue carries a job. */
export type QueueName = 'ISOLATED' | 'INLINE'

/** A JSON value as it travels and as PostgreSQL keeps it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Who does something: a signed-in user, an API key, or Jobyard itself (`id` null). */
export interface Actor {
  type: 'user' | 'key' | 'system'
  id: string | null
  name: string
}

/** Jobyard itself, with the part of it that acts: "dispatcher", "worker", "maintenance". */
export const systemActor = (name: string): Actor => ({ type: 'system', id: null, name })

/** One job of a submission. Absent fields take the job type's defaults. */
export interface SubmitInput {
  jobType: string
  /** JSON on the wire; in-process callers may also pass Date, BigInt, Map, … (see canonical-json.ts). */
  parameters?: unknown
  priority?: JobPriority
  runAt?: Date
  idempotencyKey?: string
  /** false: run it although an identical one is unfinished or lately finished. Default true. */
  dedupe?: boolean
  maxRetries?: number
  timeoutSeconds?: number
  /** Names this job to others of the same batch. */
  ref?: string
  /** Jobs that must be COMPLETED first: ids, or refs of the same batch. */
  dependsOn?: readonly string[]
}

export interface ArtifactView {
  name: string
  contentType: string
  /** Bytes. */
  size: number
  url: string
}

/** A job as everybody outside the engine sees it (rule 5, "Job on the wire"), dates still as Date. */
export interface JobView {
  id: string
  title: string
  organizationId: string
  jobType: string
  jobTypeVersion: number
  /** The job that it repeats; the id stays when that one is gone. */
  rerunOf: string | null
  status: JobStatus
  priority: JobPriority
  parameters: Json
  progress: number
  progressMessage: string | null
  result: Json
  artifacts: ArtifactView[] | null
  withheld: boolean
  error: { message: string; class: ErrorClass; fingerprint: string } | null
  attempt: number
  failures: number
  maxRetries: number
  timeoutSeconds: number
  runAt: Date
  nextRetryAt: Date | null
  dependsOn: string[]
  submittedBy: Actor
  cancelRequestedAt: Date | null
  canceledAt: Date | null
  canceledBy: Actor | null
  cancelReason: string | null
  createdAt: Date
  queuedAt: Date | null
  startedAt: Date | null
  finishedAt: Date | null
}

/** Which organizations' rows a query may return. Every read takes one; there is no default. */
export type Scope = { all: true } | { organizationIds: readonly string[] }
