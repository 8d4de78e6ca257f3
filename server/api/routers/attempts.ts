import {
  completeAttempt,
  EngineError,
  failAttempt,
  requireHolder,
  type AttemptRef,
  type ReportedJob,
} from '@/server/engine'
import type { Services } from '../services'
import {
  attemptCompleteInput,
  attemptFailInput,
  attemptProgressInput,
  reportedJob,
  type WhichAttempt,
} from '../schemas/attempt'
import { attemptHolder, router } from '../trpc'
import { isoOrNull } from '../wire'

/** Procedures for an external service that carries out an `http.request` job (docs/http-request.md). */
export const attemptsRouter = router({
  /**
   * Reports the progress of the work. Progress is stored at most once a second, and the last value is always stored.
   */
  progress: attemptHolder
    .meta({
      summary: 'Reports progress of an attempt that is carried out outside',
      description:
        'For a service that carries out an `http.request` job. It sends the token that came with the request as `Authorization: Bearer`. The token says which attempt is meant. Viewers see the progress within 2 s. It is written at most once a second, and the last value always. ILLEGAL_TRANSITION means that the attempt takes no more reports, because it was canceled, timed out, was handed back or has ended. Stop working on it.',
      refuses: ['NOT_PERMITTED', 'ILLEGAL_TRANSITION', 'NOT_FOUND'],
      example: { percent: 40, message: 'Page 2 of 5' },
    })
    .input(attemptProgressInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { percent, message, ...which } }) =>
      report(services, attempt, which, async () => {
        const { organizationId, redact } = await requireHolder(services.db, attempt)
        await services.progress.report({
          ...attempt,
          organizationId,
          progress: Math.round(percent),
          message: message === undefined ? null : redact(message),
        })
        return { ...attempt, status: 'RUNNING', nextRetryAt: null }
      }),
    ),

  /** Reports that the work is done. The job is COMPLETED when the call is answered. */
  complete: attemptHolder
    .meta({
      summary: 'Reports that an attempt that is carried out outside is COMPLETED',
      description:
        'With the token of the attempt, as `attempts.progress`. `result` is any JSON of at most 256 KiB. Success means that the end is written, whatever happens to the worker. Of several reports the first counts. ILLEGAL_TRANSITION means that the report came too late. If the answer to an earlier call was lost, `from` COMPLETED means that the earlier call was written.',
      refuses: ['NOT_PERMITTED', 'TOO_LARGE', 'ILLEGAL_TRANSITION', 'NOT_FOUND'],
      example: { result: { pages: 5 } },
    })
    .input(attemptCompleteInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { result, ...which } }) =>
      report(services, attempt, which, () => completeAttempt(services.db, { ...attempt, result })),
    ),

  /** Reports that the work failed. The job is FAILED and tried again later, or becomes DEAD_LETTER. */
  fail: attemptHolder
    .meta({
      summary: 'Reports that an attempt that is carried out outside has failed',
      description:
        'With the token of the attempt, as `attempts.progress`. TRANSIENT (the default) makes the job FAILED. It is retried by the policy of its job type, but not before `retryAfterSeconds` are over. When its retries are used up, it becomes DEAD_LETTER. PERMANENT makes it DEAD_LETTER at once. `nextRetryAt` says when it is tried again.',
      refuses: ['NOT_PERMITTED', 'ILLEGAL_TRANSITION', 'NOT_FOUND'],
      example: { message: 'The printer is out of paper', class: 'TRANSIENT', retryAfterSeconds: 600 },
    })
    .input(attemptFailInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { message, class: errorClass, retryAfterSeconds, ...which } }) =>
      report(services, attempt, which, () =>
        failAttempt(services.db, { ...attempt, message, class: errorClass, retryAfterSeconds }),
      ),
    ),
})

/**
 * Checks that a report is for the right attempt, and stores it. A report that comes too late is refused and logged,
 * because its work was useless.
 */
async function report(services: Services, attempt: AttemptRef, which: WhichAttempt, write: () => Promise<ReportedJob>) {
  if ((which.jobId ?? attempt.jobId) !== attempt.jobId || (which.attempt ?? attempt.attempt) !== attempt.attempt) {
    throw new EngineError(
      'NOT_PERMITTED',
      `This token is good for attempt ${attempt.attempt} of job ${attempt.jobId} only.`,
    )
  }
  try {
    const job = await write()
    return { ...job, nextRetryAt: isoOrNull(job.nextRetryAt) }
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'ILLEGAL_TRANSITION')
      services.logger.warn({ ...attempt, ...error.data }, 'late report refused')
    throw error
  }
}
