import type { Job, JobEvent, JobStatus } from './api'
import { JobyardError } from './errors'
import { after, backoffMs, pause } from './pause'
import { waitBefore, type Transport } from './transport'
import { watchEvents } from './watch'

// Waits until a job has ended.

export interface WaitOptions {
  signal?: AbortSignal
  /** The longest wait in milliseconds. Without it, or if it is no finite number, the wait has no limit. */
  timeoutMs?: number
  /**
   * Receives the job's events on the way, which are its status and progress, and resets of the stream. It receives
   * nothing if events cannot be received. An error that it throws ends the wait.
   */
  onEvent?: (event: JobEvent) => void
}

const FINAL: readonly JobStatus[] = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']

/** True if a job has ended. A job in DEAD_LETTER or CANCELED may still be retried. */
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status)

/**
 * How often the job is read once events have begun to arrive, also while a broken stream is opened again, in
 * milliseconds. Events tell when to read it, but it is also read now and then without one.
 */
const WATCHED_POLL_MS = 10_000
/** How often it is read without events: at intervals that grow from the first to the longest. */
const FIRST_POLL_MS = 250
const LONGEST_POLL_MS = 3_000

/**
 * Waits until a job has ended. Events tell when that is. If they cannot be received, for example through a proxy that
 * holds streams back, the job is read at growing intervals. The wait lasts through an outage, but not at the first
 * read, because an address that is wrong never becomes right.
 */
export async function waitForJob(
  transport: Transport,
  get: (jobId: string, signal: AbortSignal) => Promise<Job>,
  jobId: string,
  { signal, timeoutMs, onEvent }: WaitOptions,
): Promise<Job> {
  const over = new AbortController()
  const callOff = timeoutMs === undefined ? undefined : after(timeoutMs, () => over.abort(timedOut(jobId, timeoutMs)))
  const stop = signal ? AbortSignal.any([signal, over.signal]) : over.signal
  let live = false
  let wake: (() => void) | undefined
  /** A read that is due although nobody waits for it yet. */
  let due = false
  const look = () => {
    due = true
    wake?.()
  }

  function tell(event: JobEvent): void {
    try {
      onEvent?.(event)
    } catch (error) {
      over.abort(error)
    }
  }

  async function follow(organizationId: string): Promise<void> {
    const onStart = () => {
      live = true
      // The job may have ended before the stream began, and no event tells that.
      look()
    }
    for await (const event of watchEvents(transport, { organizationId, jobId, signal: stop, onStart })) {
      tell(event)
      if (event.type === 'reset' || (event.toStatus !== null && isFinal(event.toStatus))) look()
    }
  }

  try {
    const job = await get(jobId, stop)
    if (isFinal(job.status)) return job
    follow(job.organizationId).catch(() => {
      // The stream was refused or stopped. The next read is refused in the same way or finds the signal fired.
      // Otherwise the wait goes on without events.
      live = false
      look()
    })
    for (let n = 0; ; n++) {
      if (!due) {
        const nap = new AbortController()
        wake = () => nap.abort()
        const ms = live ? WATCHED_POLL_MS : backoffMs(n, FIRST_POLL_MS, LONGEST_POLL_MS)
        await pause(ms, AbortSignal.any([stop, nap.signal])).catch(() => stop.throwIfAborted())
        wake = undefined
      }
      due = false
      const now = await get(jobId, stop).catch((error: unknown) => outlast(error, n, stop))
      if (now && isFinal(now.status)) return now
    }
  } finally {
    callOff?.()
    // Ends the stream of events, too.
    over.abort()
  }
}

/**
 * Waits as long as a failed read asks for.
 * @throws the error, if asking again would not change it, or the signal's reason
 */
async function outlast(error: unknown, n: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const waitMs = error instanceof JobyardError ? waitBefore(error, n) : null
  if (waitMs === null) throw error
  await pause(waitMs, signal)
}

const timedOut = (jobId: string, ms: number) =>
  new JobyardError(
    'WAIT_TIMEOUT',
    `Job ${jobId} has not ended within ${ms} ms. It goes on: wait for it again, or cancel it.`,
  )
