import { canTransition } from '@/server/engine/domain/state'
import {
  systemActor,
  type Actor,
  type ErrorClass,
  type JobPriority,
  type JobStatus,
  type Json,
} from '@/server/engine/domain/types'

/** Rows in the form of the tables. Times are milliseconds. `insert-history.ts` inserts them. */
export interface JobRow {
  id: string
  organization_id: string
  job_type: string
  status: JobStatus
  priority: JobPriority
  submitted_by: Actor
  dispatch: number
  attempt: number
  failures: number
  lost: number
  max_retries: number
  timeout_seconds: number
  run_at: number
  next_retry_at: number | null
  progress: number
  progress_message: string | null
  error: AttemptError | null
  cancel_requested_at: number | null
  canceled_by: Actor | null
  cancel_reason: string | null
  canceled_at: number | null
  created_at: number
  queued_at: number | null
  started_at: number | null
  finished_at: number | null
  parameters: Json
  result: Json | undefined
}
export interface AttemptError {
  message: string
  class: ErrorClass
  fingerprint: string
  stack: string
}
export interface AttemptRow {
  attempt: number
  worker_id: string
  ready_at: number
  queued_at: number
  started_at: number
  ended_at: number
  outcome: 'COMPLETED' | 'FAILED' | 'TIMED_OUT' | 'CANCELED' | 'LOST' | 'HANDED_BACK'
  error: AttemptError | null
}
export interface TransitionRow {
  from_status: JobStatus | null
  to_status: JobStatus
  attempt: number
  actor: Actor
  message: string | null
  at: number
}
export interface LogRow {
  attempt: number
  level: 'INFO' | 'WARN' | 'ERROR'
  message: string
  at: number
}

type Submitted = Pick<
  JobRow,
  | 'id'
  | 'organization_id'
  | 'job_type'
  | 'priority'
  | 'submitted_by'
  | 'max_retries'
  | 'timeout_seconds'
  | 'run_at'
  | 'created_at'
  | 'parameters'
>

const DISPATCHER = systemActor('dispatcher')
const WORKER = systemActor('worker')
const MAINTENANCE = systemActor('maintenance')

/**
 * One job's life, step by step. Every step is checked with the state table, so no history made here has a change of status
 * that the engine could not make.
 */
export class Life {
  readonly job: JobRow
  readonly attempts: AttemptRow[] = []
  readonly transitions: TransitionRow[] = []
  readonly logs: LogRow[] = []
  /** When the next attempt could start. */
  readyAt: number

  constructor(submitted: Submitted) {
    this.job = {
      ...submitted,
      status: 'PENDING',
      dispatch: 0,
      attempt: 0,
      failures: 0,
      lost: 0,
      next_retry_at: null,
      progress: 0,
      progress_message: null,
      error: null,
      cancel_requested_at: null,
      canceled_by: null,
      cancel_reason: null,
      canceled_at: null,
      queued_at: null,
      started_at: null,
      finished_at: null,
      result: undefined,
    }
    this.readyAt = Math.max(submitted.run_at, submitted.created_at)
    this.transitions.push({
      from_status: null,
      to_status: 'PENDING',
      attempt: 0,
      actor: submitted.submitted_by,
      message: null,
      at: submitted.created_at,
    })
  }

  queue(at: number) {
    this.job.dispatch++
    this.job.queued_at = at
    this.job.next_retry_at = null
    this.go('QUEUED', at, DISPATCHER)
  }

  start(at: number) {
    this.job.attempt++
    this.job.started_at = at
    this.job.progress = 0
    this.job.progress_message = null
    this.go('RUNNING', at, WORKER)
  }

  progress(percent: number, message: string) {
    this.job.progress = percent
    this.job.progress_message = message
  }

  log(at: number, level: LogRow['level'], message: string) {
    this.logs.push({ attempt: this.job.attempt, level, message, at })
  }

  complete(at: number, workerId: string, result: Json) {
    this.end(at, workerId, 'COMPLETED', null)
    this.job.progress = 100
    this.job.error = null
    this.job.result = result
    this.go('COMPLETED', at, WORKER)
  }

  /** An attempt failed. Without `retryAt` the job is dead. */
  fail(at: number, workerId: string, outcome: 'FAILED' | 'TIMED_OUT', error: AttemptError, retryAt: number | null) {
    this.end(at, workerId, outcome, error)
    this.job.failures++
    this.job.error = error
    this.job.next_retry_at = retryAt
    this.readyAt = retryAt ?? this.readyAt
    this.go(retryAt === null ? 'DEAD_LETTER' : outcome, at, WORKER, error.message)
  }

  /** The worker was lost or drained. The job waits again, and no failure is counted. */
  giveBack(at: number, workerId: string, outcome: 'LOST' | 'HANDED_BACK') {
    this.end(at, workerId, outcome, null)
    if (outcome === 'LOST') this.job.lost++
    this.readyAt = at
    const [actor, message] = outcome === 'LOST' ? [MAINTENANCE, 'Worker lost'] : [WORKER, 'Worker drained']
    this.go('PENDING', at, actor, message)
  }

  /** `running`: the worker of the attempt that the cancel stops, and when that ends. Absent where the job waits. */
  cancel(at: number, by: Actor, reason: string, running?: { workerId: string; endedAt: number }) {
    const endedAt = running?.endedAt ?? at
    if (running) this.end(endedAt, running.workerId, 'CANCELED', null)
    Object.assign(this.job, { cancel_requested_at: at, canceled_by: by, cancel_reason: reason, canceled_at: endedAt })
    this.job.next_retry_at = null
    this.go('CANCELED', endedAt, by, reason)
  }

  retry(at: number, by: Actor, reason: string) {
    Object.assign(this.job, { failures: 0, lost: 0, progress: 0, progress_message: null })
    Object.assign(this.job, { cancel_requested_at: null, canceled_by: null, cancel_reason: null, canceled_at: null })
    this.readyAt = at
    this.job.run_at = at
    this.go('PENDING', at, by, `Retried: ${reason}`)
  }

  private end(at: number, workerId: string, outcome: AttemptRow['outcome'], error: AttemptError | null) {
    this.attempts.push({
      attempt: this.job.attempt,
      worker_id: workerId,
      ready_at: this.readyAt,
      queued_at: this.job.queued_at ?? at,
      started_at: this.job.started_at ?? at,
      ended_at: at,
      outcome,
      error,
    })
  }

  private go(to: JobStatus, at: number, actor: Actor, message: string | null = null) {
    const { job } = this
    if (!canTransition(job.status, to)) throw new Error(`The seed made ${job.status} → ${to}`)
    this.transitions.push({ from_status: job.status, to_status: to, attempt: job.attempt, actor, message, at })
    job.status = to
    job.finished_at = to === 'COMPLETED' || to === 'CANCELED' || to === 'DEAD_LETTER' ? at : null
  }
}
