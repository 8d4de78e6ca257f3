import type { Api, Job, JobStatus } from './api'
import type { CallOptions } from './caller'
import { isReason, type JobyardError } from './errors'
import type { Transport } from './transport'

export interface ActionOptions extends CallOptions {
  /** For the history and the audit. */
  reason?: string
}

type HistoryItem = Api['jobs']['history']['output']['items'][number]

/** Statuses from which a person may retry a job. */
const RETRYABLE: readonly JobStatus[] = ['FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER']
/** How far the server's clock may have been corrected while the job ran. */
const CLOCK_STEP_MS = 1_000

/**
 * Cancel and retry of a job that exists. They carry no idempotency key, so the server would carry out a repeated call
 * once more. After a call that got no answer the client therefore reads the job, and calls again only where the job
 * shows that nothing was done.
 */
export function createActions(transport: Transport, get: (jobId: string, options: CallOptions) => Promise<Job>) {
  /** @param look the job where it was done, undefined where not; it throws where that cannot be told */
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
      // The call that got no answer may have been carried out only after the client had read the job.
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
 * Whether a person brought the job back within the last `elapsedMs`, as far as its history tells. The
 * client's clock is not the server's, so no time of the one is compared with a time of the other, only
 * how long things lasted: where more has passed between the last retry and the last entry than since
 * the call began, that retry is older than the call.
 *
 * The answer is "unknown" where the retry may be of this call or of an earlier one, and the job has failed or been
 * canceled since. To call again could retry the job twice, and not to call could leave it as it is.
 */
export function wasRetried(history: readonly HistoryItem[], elapsedMs: number): boolean | 'unknown' {
  const last = history.at(-1)
  const retry = history.filter(isRetry).at(-1)
  if (!last || !retry) return false
  if (Date.parse(last.at) - Date.parse(retry.at) > elapsedMs + CLOCK_STEP_MS) return false
  return RETRYABLE.includes(last.toStatus) ? 'unknown' : true
}

/** A job that comes back by itself, without a person, goes to QUEUED, or comes from RUNNING or QUEUED. */
const isRetry = ({ fromStatus, toStatus }: HistoryItem) =>
  toStatus === 'PENDING' && fromStatus !== null && RETRYABLE.includes(fromStatus)
