import { cancelJob, deleteJob, retryJob, updateJob } from '@/server/engine'
import { requireJob } from '../../authorize'
import { EXAMPLE } from '../../procedure-meta'
import { deletedJob, job, jobActionInput, updateInput } from '../../schemas/job'
import { authenticated } from '../../trpc'
import { readJob } from './read-job'
import { submitterOf } from './submitter'

/** Procedures that change one job. */
export const actProcedures = {
  cancel: authenticated
    .meta({
      summary: 'Cancels a job',
      description:
        'A waiting job is CANCELED at once. For a running one the cancel is decided with this call, however its attempt ends: its handler is told within a second and stopped after a grace of 5 seconds, and only then it is CANCELED. To repeat the cancel of a running job changes nothing. An OPERATOR may cancel what it submitted, an ADMIN any.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { jobId: EXAMPLE.jobId, reason: 'Wrong period' },
    })
    .input(jobActionInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.cancel')
      await cancelJob(ctx.services.db, { jobId, reason, actor: ctx.actor })
      return readJob(ctx, jobId)
    }),

  retry: authenticated
    .meta({
      summary: 'Retries a job',
      description:
        'Of a failed, dead or canceled job; it becomes PENDING with all its retries before it, and so do the jobs that died because it did. Needs role ADMIN.',
      refuses: [
        'NOT_FOUND',
        'NOT_PERMITTED',
        'ORGANIZATION_SUSPENDED',
        'ILLEGAL_TRANSITION',
        'DUPLICATE_JOB',
        'INVALID_DEPENDENCY',
        'QUEUE_FULL',
      ],
      example: { jobId: EXAMPLE.jobId, reason: 'The shop answers again' },
    })
    .input(jobActionInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.retry')
      await retryJob(ctx.services.db, { jobId, reason, actor: ctx.actor })
      return readJob(ctx, jobId)
    }),

  update: authenticated
    .meta({
      summary: 'Changes a job that waits',
      description:
        'Of a job that is PENDING, FAILED or TIMED_OUT; ILLEGAL_TRANSITION otherwise, `from` and `to` being the status it stays in. What is left out stays. New parameters replace all of the old ones, are validated by the version of the job type with which it was submitted, and can make it a DUPLICATE_JOB. The history says what changed; a change that changes nothing leaves no trace. An OPERATOR may change what it submitted, an ADMIN any.',
      refuses: [
        'NOT_FOUND',
        'NOT_PERMITTED',
        'ORGANIZATION_SUSPENDED',
        'ILLEGAL_TRANSITION',
        'TOO_LARGE',
        'INVALID_PARAMETERS',
        'DUPLICATE_JOB',
      ],
      example: {
        jobId: EXAMPLE.jobId,
        changes: { priority: 'HIGH', runAt: '2027-01-31T08:00:00Z' },
        reason: 'Needed tomorrow',
      },
    })
    .input(updateInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, changes, reason } }) => {
      const role = await requireJob(ctx, jobId, 'jobs.update')
      await updateJob(ctx.services.db, { jobId, changes, reason, actor: ctx.actor, submitter: submitterOf(role) })
      return readJob(ctx, jobId)
    }),

  delete: authenticated
    .meta({
      summary: 'Deletes a job that has ended',
      description:
        'Removes it with attempts, logs, history, result and artifacts; the audit keeps its id, type, status and the reason. Refused while jobs wait for it. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { jobId: EXAMPLE.jobId, reason: 'Holds personal data' },
    })
    .input(jobActionInput)
    .output(deletedJob)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.delete')
      await deleteJob(ctx.services.db, { jobId, reason, actor: ctx.actor, address: ctx.address })
      return { jobId }
    }),
}
