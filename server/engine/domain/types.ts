import type { ErrorClass, JobPriority, JobStatus } from '@/server/generated/prisma/enums'
import type { DependencyCondition, NamedParent } from './dependencies'

// The types that all of the engine uses.

export type { ErrorClass, JobPriority, JobStatus }
export type { JobFilter } from './job-filter'

/** The two kinds of BullMQ queues: jobs that share the worker's thread, and jobs with a thread of their own. */
export const QUEUE_NAMES = ['INLINE', 'ISOLATED'] as const
export type QueueName = (typeof QUEUE_NAMES)[number]

/** A JSON value as the API sends it and PostgreSQL keeps it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Who does something: a signed-in user, an API key, or Jobyard itself, whose `id` is null. */
export interface Actor {
  type: 'user' | 'key' | 'system'
  id: string | null
  name: string
}

/** Jobyard itself as an actor. The name is the part of it that acts: "dispatcher", "worker", "maintenance". */
export const systemActor = (name: string): Actor => ({ type: 'system', id: null, name })

/** One job of a submission. Absent fields take the job type's defaults. */
export interface SubmitInput {
  jobType: string
  /**
   * JSON where the API is called. Callers in the same process may also pass a Date, BigInt, Map and others (see
   * canonical-json.ts).
   */
  parameters?: unknown
  priority?: JobPriority
  runAt?: Date
  idempotencyKey?: string
  /**
   * With false the job runs although an identical one is unfinished or was completed a short time ago. The default is
   * true.
   */
  dedupe?: boolean
  maxRetries?: number
  timeoutSeconds?: number
  /** A name for this job, by which other jobs of the same batch can name it as their parent. */
  ref?: string
  /**
   * Jobs that must be COMPLETED first, as ids or as refs of the same batch. With a condition of `ended` it is enough
   * that the job has ended.
   */
  dependsOn?: readonly NamedParent[]
}

/** What a job is followed by, from the request that submitted it to its handler: in log lines and in traces. */
export interface JobOrigin {
  /** The id of the request. */
  requestId?: string | null
  /** The W3C trace context of the caller, as in the header `traceparent`. */
  traceParent?: string | null
}

export interface ArtifactView {
  name: string
  contentType: string
  /** Bytes. */
  size: number
  url: string
}

/** A job as the API shows it (rule 5, "Job on the wire"). Its dates are still Date. */
export interface JobView {
  id: string
  title: string
  organizationId: string
  jobType: string
  jobTypeVersion: number
  /** The job that it repeats; the id stays when that one is gone. */
  rerunOf: string | null
  /** The schedule that submitted it; the id stays when that one is gone. */
  scheduleId: string | null
  status: JobStatus
  priority: JobPriority
  parameters: Json
  /** Percent. */
  progress: number
  progressMessage: string | null
  result: Json
  /** Null where they are withheld. */
  artifacts: ArtifactView[] | null
  /** True where result and artifacts are not shown, because the organization is suspended (rule 4.10). */
  withheld: boolean
  error: { message: string; class: ErrorClass; fingerprint: string } | null
  attempt: number
  failures: number
  maxRetries: number
  timeoutSeconds: number
  runAt: Date
  nextRetryAt: Date | null
  dependsOn: string[]
  /** The same jobs, each with the condition, and with the ref by which the batch named it. */
  dependencies: { job: string; on: DependencyCondition; ref: string | null }[]
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

/** The organizations whose rows a query may return. Every read takes a scope. There is no default. */
export type Scope = { all: true } | { organizationIds: readonly string[] }
