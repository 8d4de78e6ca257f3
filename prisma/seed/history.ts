import { backoffSeconds } from '@/server/engine/domain/backoff'
import { classifyFailure } from '@/server/engine/domain/failure'
import type { Actor, JobPriority, Json } from '@/server/engine/domain/types'
import { DEMO_JOB_TYPES } from './demo-job-types'
import { Life, type AttemptError } from './life'
import type { SeededOrganization } from './organizations'
import { createRandom, type Random } from './random'
import { arrivals, incidentsOf, waitingOf, type Incident } from './calendar'
import { WORKLOADS, type Failure, type WorkloadName } from './workloads'

/** How many days of the past the demo has jobs from. */
const DAYS = 9
const MINUTE = 60_000

/** A worker of the past that ran attempts of the demo. */
export interface PastWorker {
  id: string
  host: string
  startedAt: number
}

/**
 * Makes the lives of one organization's jobs over the last days. They are the same for the same organization and `now`.
 */
export function tellHistory(organization: SeededOrganization, now: number): { lives: Life[]; workers: PastWorker[] } {
  // The seed is a number made of the slug.
  const random = createRandom([...organization.slug].reduce((sum, char) => sum * 31 + char.charCodeAt(0), 7))
  const startedAt = now - (DAYS + 1) * 86_400_000
  const workers = [1, 2, 3].map((n) => ({
    id: random.uuid(startedAt + n),
    host: `${organization.slug}-worker-${n}`,
    startedAt,
  }))
  const teller: Teller = { organization, now, random, workers, incidents: incidentsOf(organization.slug, now) }
  const lives: Life[] = []
  for (const { jobType, at } of arrivals(organization.slug, now, DAYS, random)) {
    const life = makeJob(teller, jobType, at)
    if (life) lives.push(life)
  }
  for (const waiting of waitingOf(organization.slug, now, random)) lives.push(tellWaiting(teller, waiting))
  return { lives, workers }
}

interface Teller {
  organization: SeededOrganization
  now: number
  random: Random
  workers: PastWorker[]
  incidents: readonly Incident[]
}

const CANCEL_REASONS = [
  'Superseded by a newer run',
  'Submitted by mistake',
  'Customer withdrew the order',
  'Maintenance window',
]
const RETRY_REASONS = ['Cause fixed, trying again', 'Gateway is back', 'Data corrected by finance']
/**
 * Milliseconds before now within which no job becomes ready for an attempt. No attempt ends within the last third of
 * them. A job whose story would reach into this time is left out.
 */
const MARGIN = 90_000

/** One job from submission to its end. Undefined when the end would lie in the future, or too near to now (MARGIN). */
function makeJob(teller: Teller, jobType: WorkloadName, at: number): Life | undefined {
  const { random, now } = teller
  const life = submit(teller, jobType, at, at)
  if (random.chance(0.004)) {
    // The job was scheduled for later, and withdrawn before its time. It is made anew, because the run time is given at its
    // submission.
    const scheduled = submit(teller, jobType, at, at + random.int(2, 8) * 60 * MINUTE)
    const canceledAt = at + random.int(5, 100) * MINUTE
    if (canceledAt > now - MARGIN) return undefined
    scheduled.cancel(canceledAt, teller.organization.users.ADMIN, random.pick(CANCEL_REASONS))
    return scheduled
  }
  while (life.readyAt < now - MARGIN) {
    const end = attempt(teller, life, jobType)
    if (end > now - MARGIN / 3) return undefined
    const { status } = life.job
    if (status === 'COMPLETED' || status === 'CANCELED') return life
    if (status === 'FAILED' && random.chance(0.02)) {
      const canceledAt = Math.min(end + random.int(5, 40) * 1000, now - 1)
      life.cancel(canceledAt, teller.organization.users.ADMIN, random.pick(CANCEL_REASONS))
      return life
    }
    if (status === 'DEAD_LETTER') {
      const retriedAt = end + random.int(20, 240) * MINUTE
      if (retriedAt > now - 30 * MINUTE || !random.chance(0.2)) return life
      life.retry(retriedAt, teller.organization.users.ADMIN, random.pick(RETRY_REASONS))
    }
  }
  return undefined
}

/** One attempt, from when the job is ready to its end. Returns the time of that end. */
function attempt(teller: Teller, life: Life, jobType: WorkloadName): number {
  const { random } = teller
  const workload = WORKLOADS[jobType]
  const worker = random.pick(teller.workers).id
  const queuedAt = life.readyAt + random.int(2, 9)
  const startedAt = queuedAt + Math.ceil(random.around(14, 1.1)) + (random.chance(0.03) ? random.int(200, 6000) : 0)
  const runMs = Math.ceil(random.around(workload.runMs, 0.45))
  life.queue(queuedAt)
  life.start(startedAt)
  life.log(startedAt + 1, 'INFO', `Attempt ${life.job.attempt}: ${jobType}`)
  const failure = failureAt(teller, jobType, startedAt)
  // Of the attempts that do not fail, 0.6 % are canceled, 0.3 % lose their worker and 0.4 % are handed back.
  const fate = random.next()
  /** The share of the run that is done when the attempt ends. A few complete early, so that not all have every step. */
  const reached = failure || fate < 0.02 ? random.next() : 1
  const endedAt =
    startedAt + Math.max(3, Math.ceil(failure?.timesOut ? life.job.timeout_seconds * 1000 : runMs * reached))
  report(life, workload.steps, startedAt, runMs, reached)

  if (failure) {
    fail(teller, life, worker, endedAt, failure)
  } else if (fate < 0.006) {
    const by = random.chance(0.7) ? teller.organization.users.ADMIN : teller.organization.users.OPERATOR
    life.cancel(endedAt, by, random.pick(CANCEL_REASONS), { workerId: worker, endedAt: endedAt + random.int(4, 60) })
  } else if (fate < 0.009) {
    // A lost worker is noticed when its lease of 15 s is over.
    life.giveBack(endedAt + 15_000, worker, 'LOST')
  } else if (fate < 0.013) {
    life.giveBack(endedAt, worker, 'HANDED_BACK')
  } else {
    life.log(endedAt - 1, 'INFO', 'Done')
    life.complete(endedAt, worker, workload.result(random, life.job.parameters as { [key: string]: Json }))
  }
  return life.attempts.at(-1)?.ended_at ?? endedAt
}

/** Progress and log lines of a run at a quarter, half and three quarters of it, as far as it got. */
function report(life: Life, steps: readonly string[], startedAt: number, runMs: number, reached: number) {
  steps.forEach((step, index) => {
    const part = (index + 1) / 4
    if (part >= reached) return
    life.progress(part * 100, step)
    life.log(startedAt + Math.floor(runMs * part), 'INFO', step)
  })
}

function fail(teller: Teller, life: Life, workerId: string, at: number, failure: Failure) {
  const { job } = life
  const error = errorOf(failure, failure.message(teller.random))
  const type = typeOf(job.job_type)
  const backoff = backoffSeconds({
    failures: job.failures + 1,
    baseSeconds: type.backoffBaseSeconds,
    capSeconds: type.backoffCapSeconds,
    random: teller.random.next(),
  })
  const again = failure.class === 'TRANSIENT' && job.failures < job.max_retries
  life.log(at - 1, again ? 'WARN' : 'ERROR', error.message)
  life.fail(
    at,
    workerId,
    failure.timesOut ? 'TIMED_OUT' : 'FAILED',
    error,
    again ? at + Math.round(backoff * 1000) : null,
  )
}

function failureAt({ random, incidents }: Teller, jobType: WorkloadName, at: number): Failure | undefined {
  for (const incident of incidents) {
    if (incident.jobType === jobType && at >= incident.from && at < incident.to && random.chance(incident.severity)) {
      return incident.failure
    }
  }
  const { failureRate, failures } = WORKLOADS[jobType]
  return random.chance(failureRate) ? random.weighted(failures) : undefined
}

/** A job that still waits for its time, or for the retry after an attempt that failed. */
function tellWaiting(teller: Teller, waiting: ReturnType<typeof waitingOf>[number]): Life {
  const { random } = teller
  const life = submit(teller, waiting.jobType, waiting.createdAt, waiting.failed ? waiting.createdAt : waiting.dueAt)
  if (!waiting.failed) return life
  const { steps, runMs } = WORKLOADS[waiting.jobType]
  const worker = random.pick(teller.workers).id
  const startedAt = life.readyAt + 25
  const timedOut = waiting.failed.timesOut
  const endedAt = startedAt + (timedOut ? life.job.timeout_seconds * 1000 : Math.ceil(runMs * 0.6))
  life.queue(startedAt - 18)
  life.start(startedAt)
  report(life, steps, startedAt, runMs, 0.6)
  const error = errorOf(waiting.failed, waiting.failed.message(random))
  life.log(endedAt - 1, 'WARN', error.message)
  life.fail(endedAt, worker, timedOut ? 'TIMED_OUT' : 'FAILED', error, waiting.dueAt)
  return life
}

function submit({ organization, random }: Teller, jobType: WorkloadName, at: number, runAt: number): Life {
  const type = typeOf(jobType)
  const workload = WORKLOADS[jobType]
  const submitter = random.weighted<Actor>([
    [organization.keys.OPERATOR, 80],
    [organization.users.OPERATOR, 14],
    [organization.users.ADMIN, 6],
  ])
  return new Life({
    id: random.uuid(at),
    organization_id: organization.id,
    job_type: jobType,
    priority: random.chance(0.9) ? type.priority : random.pick<JobPriority>(['LOW', 'NORMAL', 'HIGH', 'CRITICAL']),
    submitted_by: submitter,
    max_retries: type.maxRetries,
    timeout_seconds: type.timeoutSeconds,
    run_at: runAt,
    created_at: at,
    parameters: {
      ...workload.parameters(random, new Date(at)),
      durationMs: Math.round(workload.runMs / 100) * 100,
      progressSteps: 4,
    },
  })
}

function typeOf(name: string) {
  const type = DEMO_JOB_TYPES.find((candidate) => candidate.name === name)
  if (!type) throw new Error(`The demo has no job type ${name}`)
  return type
}

/**
 * The error as the engine would have stored it, so that failures of the demo and real ones fall into the same groups.
 */
function errorOf(failure: Failure, message: string): AttemptError {
  const frames = `\n    at run (worker/handlers/sample.work.ts:${failure.class === 'TRANSIENT' ? '53:13' : '56:13'})`
  const { fingerprint } = classifyFailure({
    name: failure.name,
    message,
    stack: `${failure.name}: ${message}${frames}`,
  })
  return { message, class: failure.class, fingerprint, stack: `${failure.name}: ${message}${frames}` }
}
