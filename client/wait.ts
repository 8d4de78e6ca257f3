import type { Job, JobEvent, JobStatus } from './api'
import { JobyardError } from './errors'
import { after, backoffMs, pause } from './pause'
import { waitBefore, type Transport } from './transport'
import { watchEvents } from './watch'

export interface WaitOptions {
  signal?: AbortSignal
  /** At most so long, in milliseconds; default, and where it is no finite number: for ever. */
  timeoutMs?: number
  /** Status and progress on the way, where the server's events can be had. What it throws ends the wait. */
  onEvent?: (event: JobEvent) => void
}

const FINAL: readonly JobStatus[] = ['COMPLETED', 'CANCELED', 'DEAD_LETTER']

/** True where a job has ended; DEAD_LETTER and CANCELED may still be retried by a person. */
export const isFinal = (status: JobStatus): boolean => FINAL.includes(status)

/** While events come they say when to look; it is looked all the same, now and then. */
const WATCHED_POLL_MS = 10_000
const FIRST_POLL_MS = 250
const LONGEST_POLL_MS = 3_000

/**
 * Waits until a job has ended. Its events say when; where they cannot be had (a proxy that does not
 * let streams through) it is asked for at growing intervals. An outage is waited through, but not
 * at the first look: an address that is wrong from the start never becomes right.
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
  /** A look that is due although nobody waits for it yet. */
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
      // Refused, or stopped: the next look says which.
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
    over.abort()
  }
}

/** Waits as long as a failed look asks for. @throws the error, where asking again would not change it, or the signal's reason */
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
