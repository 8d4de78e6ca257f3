import { completeAttempt, EngineError, failAttempt, requireHolder, type AttemptRef, type ReportedJob } from '@/server/engine'
import type { Services } from '../services'
import { attemptCompleteInput, attemptFailInput, attemptProgressInput, reportedJob, type WhichAttempt } from '../schemas/attempt'
import { attemptHolder, router } from '../trpc'
import { isoOrNull } from '../wire'

/** For a service that carries out an `http.request` job outside (docs/http-request.md). */
export const attemptsRouter = router({
  /** How far the work is; written at most once a second, the last value always. */
  progress: attemptHolder
    .input(attemptProgressInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { percent, message, ...which } }) =>
      report(services, attempt, which, async () => {
        const { organizationId } = await requireHolder(services.db, attempt)
        await services.progress.report({ ...attempt, organizationId, progress: Math.round(percent), message: message ?? null })
        return { ...attempt, status: 'RUNNING', nextRetryAt: null }
      }),
    ),

  /** The work is done: the job is COMPLETED when this answers. */
  complete: attemptHolder
    .input(attemptCompleteInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { result, ...which } }) =>
      report(services, attempt, which, () => completeAttempt(services.db, { ...attempt, result })),
    ),

  /** The work failed: FAILED, and tried again later, or DEAD_LETTER. */
  fail: attemptHolder
    .input(attemptFailInput)
    .output(reportedJob)
    .mutation(({ ctx: { services, attempt }, input: { message, class: errorClass, retryAfterSeconds, ...which } }) =>
      report(services, attempt, which, () => failAttempt(services.db, { ...attempt, message, class: errorClass, retryAfterSeconds })),
    ),
})

/** A report that comes too late is refused, and logged: the work was done for nothing. */
async function report(services: Services, attempt: AttemptRef, which: WhichAttempt, write: () => Promise<ReportedJob>) {
  if ((which.jobId ?? attempt.jobId) !== attempt.jobId || (which.attempt ?? attempt.attempt) !== attempt.attempt) {
    throw new EngineError('NOT_PERMITTED', `This token is good for attempt ${attempt.attempt} of job ${attempt.jobId} only.`)
  }
  try {
    const job = await write()
    return { ...job, nextRetryAt: isoOrNull(job.nextRetryAt) }
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'ILLEGAL_TRANSITION') services.logger.warn({ ...attempt, ...error.data }, 'late report refused')
    throw error
  }
}
