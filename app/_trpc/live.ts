import type { JobStatus, WatchEvent } from './types'

/** The fields of a job that events change. */
export interface LiveJob {
  id: string
  status: JobStatus
  attempt: number
  progress: number
  progressMessage: string | null
  queuedAt: string | null
  startedAt: string | null
  finishedAt: string | null
}

const FINAL: readonly JobStatus[] = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']

/**
 * The job as it is after an event. It is the same object where the event brings nothing new: the event belongs to
 * another job or an earlier attempt, or the job was read after the event.
 */
export function applyEvent<J extends LiveJob>(job: J, event: WatchEvent): J {
  if (event.jobId !== job.id) return job
  const attempt = event.attempt ?? job.attempt
  if (attempt < job.attempt) return job

  if (event.type === 'progress') {
    // Progress can arrive before the event that says that its attempt began. After the end of the attempt it no longer
    // counts.
    if (attempt === job.attempt && job.status !== 'RUNNING') return job
    const progress = event.progress ?? job.progress
    if (attempt === job.attempt && progress === job.progress && event.progressMessage === job.progressMessage)
      return job
    return { ...job, attempt, progress, progressMessage: event.progressMessage }
  }

  if (event.type !== 'status' || !event.toStatus || event.toStatus === job.status) return job
  // The job has ended in this attempt. Only an event that begins at that end, such as a retry, is newer.
  if (attempt === job.attempt && event.fromStatus !== job.status && FINAL.includes(job.status)) return job

  const next: J = { ...job, status: event.toStatus, attempt }
  switch (event.toStatus) {
    case 'QUEUED':
      next.queuedAt = event.at
      break
    case 'RUNNING':
      next.startedAt = event.at
      next.finishedAt = null
      next.progress = 0
      next.progressMessage = null
      break
    case 'COMPLETED':
      next.progress = 100
      next.finishedAt = event.at
      break
    case 'CANCELED':
    case 'DEAD_LETTER':
      next.finishedAt = event.at
      break
    case 'PENDING':
      next.finishedAt = null
      break
    case 'FAILED':
    case 'TIMED_OUT':
      break
  }
  return next
}

/** The job as it is after a batch of events, in their order. */
export const applyEvents = <J extends LiveJob>(job: J, events: readonly WatchEvent[]): J =>
  events.reduce(applyEvent, job)

/**
 * Makes a function that runs `action` at once, and then at most once in `ms` milliseconds, however often it is called.
 * The last call always leads to a run.
 * @param patient makes a first call within `ms` of the making of the function wait, too.
 */
export function throttle(action: () => void, ms: number, patient = false) {
  // The clock of the machine may be set back, and this one may not.
  let last = patient ? performance.now() : -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  const run = () => {
    timer = undefined
    last = performance.now()
    action()
  }
  const call = () => {
    if (timer) return
    const wait = last + ms - performance.now()
    if (wait <= 0) run()
    else timer = setTimeout(run, wait)
  }
  call.cancel = () => {
    clearTimeout(timer)
    timer = undefined
  }
  return call
}
