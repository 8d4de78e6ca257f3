import type { Api, Job, JobStatus } from './api'
import type { CallOptions } from './caller'
import { isReason, type JobyardError } from './errors'
import type { Transport } from './transport'

// Cancels and retries jobs, so that a call whose answer was lost is not carried out twice.

export interface ActionOptions extends CallOptions {
  /** The reason, which is kept in the history and the audit. */
  reason?: string
}

type HistoryItem = Api['jobs']['history']['output']['items'][number]

/** Statuses from which a person or a service may retry a job. */
const RETRYABLE: readonly JobStatus[] = ['FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER']
/** How far the server's clock may have been corrected while the job ran, in milliseconds. */
const CLOCK_STEP_MS = 1_000

/**
 * Cancels and retries existing jobs. These calls carry no idempotency key. To the server a repeated call is another one:
 * it could retry the job a second time, or be refused because the job is canceled already. After a call without an
 * answer, the client therefore reads the job first. It calls again only if the job shows that nothing was done.
 */
export function createActions(transport: Transport, get: (jobId: string, options: CallOptions) => Promise<Job>) {
  /** @param look returns the job if the action was done, and undefined if it was not. It throws if nobody can tell. */
  async function act(
    procedure: string,
    jobId: string,
    { reason, signal }: ActionOptions,
    look: (unanswered: JobyardError) => Promise<Job | undefined>,
  ): Promise<Job> {
    let unsure: JobyardError | undefined
    const lookFirst = (unanswered: JobyardError) => {
      unsure = unanswered
      return look(unanswered)
    }
    try {
      return await transport.call<Job>({
        method: 'POST',
        procedure,
        input: { jobId, reason },
        signal,
        repeatable: true,
        lookFirst,
      })
    } catch (error) {
      // The call without an answer may have been carried out after the client had read the job.
      const job = unsure && isReason(error, 'ILLEGAL_TRANSITION') ? await look(unsure) : undefined
      if (job) return job
      throw error
    }
  }

  async function historyOf(jobId: string, signal: AbortSignal | undefined): Promise<HistoryItem[]> {
    const items: HistoryItem[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: Api['jobs']['history']['output'] = await transport.call({
        method: 'GET',
        procedure: 'jobs.history',
        input: { jobId, cursor },
        signal,
        repeatable: true,
      })
      items.push(...page.items)
      cursor = page.nextCursor
    }
    return items
  }

  return {
    cancel: (jobId: string, options: ActionOptions = {}): Promise<Job> =>
      act('jobs.cancel', jobId, options, async () => {
        const job = await get(jobId, options)
        return job.status === 'CANCELED' || job.cancelRequestedAt !== null ? job : undefined
      }),

    retry(jobId: string, options: ActionOptions = {}): Promise<Job> {
      const began = Date.now()
      return act('jobs.retry', jobId, options, async (unanswered) => {
        const history = await historyOf(jobId, options.signal)
        const done = wasRetried(history, Date.now() - began)
        if (done === 'unknown') throw unanswered
        return done ? get(jobId, options) : undefined
      })
    },
  }
}

/**
 * Whether somebody retried the job within the last `elapsedMs` milliseconds, as far as its history tells. The clocks of
 * client and server may differ, so times of one are never compared with times of the other. Only durations are compared.
 * If more time lies between the last retry and the last entry than has passed since the call began, that retry is older
 * than the call.
 *
 * The answer is "unknown" if the retry may belong to this call or to an earlier one, and the job has failed or been
 * canceled since. Calling again could then retry the job twice, and not calling again could leave it as it is.
 */
export function wasRetried(history: readonly HistoryItem[], elapsedMs: number): boolean | 'unknown' {
  const last = history.at(-1)
  const retry = history.filter(isRetry).at(-1)
  if (!last || !retry) return false
  if (Date.parse(last.at) - Date.parse(retry.at) > elapsedMs + CLOCK_STEP_MS) return false
  return RETRYABLE.includes(last.toStatus) ? 'unknown' : true
}

/** True for a retry that somebody asked for. A job that goes on by itself enters QUEUED, or comes from RUNNING or QUEUED. */
const isRetry = ({ fromStatus, toStatus }: HistoryItem) =>
  toStatus === 'PENDING' && fromStatus !== null && RETRYABLE.includes(fromStatus)
