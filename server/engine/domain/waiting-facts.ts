import type { DependencyCondition } from './dependencies'
import type { Actor, ErrorClass, JobStatus, QueueName } from './types'

// What has to be known of a job to say why it waits. store/reads/waiting-facts.ts reads it, and waiting-reasons.ts makes
// reasons of it.

/** What can hold back all jobs of an organization or of a job type. store/holds.ts has the conditions. */
export type HoldName = 'suspended' | 'paused' | 'disabled' | 'circuit' | 'pool' | 'handler'

/** Everything that can hold a job back. All of it was read at one moment, `now` by the database's clock. */
export interface WaitingFacts {
  now: Date
  job: {
    id: string
    status: JobStatus
    organizationId: string
    jobType: string
    queue: QueueName
    /** The worker pool of its type. */
    pool: string
    /** The earliest time at which the job may start. */
    dueAt: Date
    /** When it was last handed to the queue. Null where it never was. */
    queuedAt: Date | null
    failures: number
    maxRetries: number
    error: { message: string; class: ErrorClass } | null
  }
  organization: { status: 'ACTIVE' | 'SUSPENDED' | 'DELETED'; suspendedAt: Date | null; suspendReason: string | null }
  typeEnabled: boolean
  pauses: readonly {
    scope: 'platform' | 'jobType' | 'organization'
    jobType: string | null
    organizationId: string | null
    reason: string | null
    pausedBy: Actor
    pausedAt: Date
  }[]
  /** Parents that it still waits for: how many there are, and the first of them by name. */
  parents: {
    count: number
    named: readonly { jobId: string; jobType: string; status: JobStatus; on: DependencyCondition }[]
  }
  /** The circuit breaker of the job's type. Null where it is closed. */
  circuit: {
    state: 'OPEN' | 'HALF_OPEN'
    openedAt: Date
    failures: number
    outcomes: number
    trialMayStartAt: Date
    trialJobId: string | null
  } | null
  /** The limits that are set, each with the QUEUED and RUNNING jobs that count against it. */
  limits: readonly { of: 'organization' | 'jobType' | 'jobTypeInOrganization'; limit: number; inUse: number }[]
  /** The name of the job's handler, where workers of its pool are alive and none has it. Null otherwise. */
  missingHandler: string | null
  /**
   * Workers with slots for the job's queue that take its pool. `elsewhere` counts those of other pools that take
   * work.
   */
  workers: { live: number; draining: number; elsewhere: number }
  /** The jobs and slots of the job's queue and pool, over all organizations. */
  load: { queued: number; running: number; slots: number }
  /**
   * `slots` of the job's queue are kept for organizations that have nothing under way in it. `underWay` is how many
   * jobs the job's own organization has there.
   */
  kept: { slots: number; underWay: number }
  /**
   * Jobs of the same organization and queue that could start and rank before this one. `capped` says that there are
   * more than were counted. `jobs` is null where it is only known that there are some.
   */
  before: { jobs: number | null; capped: boolean }
}
