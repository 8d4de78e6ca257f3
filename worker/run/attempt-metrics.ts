import type { Claimed, Outcome, QueueName, Settled } from '@/server/engine'
import { boundedLabel, counter, gauge, histogram } from '@/server/telemetry/metrics/registry'

// Counts the attempts of this worker, for Prometheus.

/** How many job types have figures of their own: the first that this worker runs. The others are counted as `other`. */
const NAMED_TYPES = 100

/** Whether anybody can read what is counted. */
let counting = false

/** Begins to count. A worker whose metrics nobody can read does not call it, and saves the work. */
export const beginCounting = (): void => void (counting = true)

const typeLabel = boundedLabel(NAMED_TYPES)
const attempts = counter('jobyard_attempts_total')
const waits = histogram('jobyard_wait_seconds')
const runs = histogram('jobyard_run_seconds')
const dispatchLags = histogram('jobyard_dispatch_lag_seconds')
const claimLags = histogram('jobyard_claim_lag_seconds')
const leasesLost = counter('jobyard_leases_lost_total')

/** Counts that an attempt began, and how long its job had waited. */
export function countStart({ jobType, readySeconds, queuedSeconds }: Claimed): void {
  if (!counting) return
  waits.observe({ job_type: typeLabel(jobType) }, readySeconds)
  dispatchLags.observe(Math.max(0, readySeconds - queuedSeconds))
  claimLags.observe(queuedSeconds)
}

/** Counts how long a handler ran. */
export function countRun({ jobType }: Claimed, ms: number): void {
  if (!counting) return
  runs.observe({ job_type: typeLabel(jobType) }, ms / 1000)
}

const OUTCOMES: Record<Outcome['kind'], string> = {
  complete: 'completed',
  fail: 'retried',
  timeOut: 'timed_out_retried',
  dead: 'dead',
  handBack: 'handed_back',
}

/** Counts an attempt that ended, by what was written of it. */
export function countEnd({ jobType }: Claimed, kind: Outcome['kind'], settled: Settled): void {
  if (!counting) return
  const decided = { written: OUTCOMES[kind], canceled: 'canceled', condemned: 'dead', refused: 'refused' }
  attempts.inc({ job_type: typeLabel(jobType), outcome: decided[settled] })
}

/** Counts an attempt that was stopped because its lease was lost. */
export function countLost({ jobType }: Claimed): void {
  if (!counting) return
  leasesLost.inc()
  attempts.inc({ job_type: typeLabel(jobType), outcome: 'lost' })
}

/** Shows the slots of this worker, and how many jobs run in them. */
export function showSlots(slots: Record<QueueName, number>, running: (queue: QueueName) => number): void {
  for (const queue of ['ISOLATED', 'INLINE'] as const) gauge('jobyard_worker_slots').set({ queue }, slots[queue])
  gauge('jobyard_worker_running_jobs', function () {
    for (const queue of ['ISOLATED', 'INLINE'] as const) this.set({ queue }, running(queue))
  })
}
