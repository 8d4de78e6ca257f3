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
        'A waiting job is CANCELED at once. For a running job the cancel is decided with this call, however its attempt ends. Its handler is told within a second, and stopped after 5 more seconds. Then the job is CANCELED. Canceling a running job again changes nothing. An OPERATOR may cancel jobs that it submitted, an ADMIN any.',
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
        'For a failed, dead or canceled job. It becomes PENDING with all its retries, and so do the jobs that died because it did. Needs role ADMIN.',
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
        'For a job that is PENDING, FAILED or TIMED_OUT. For any other it is refused as ILLEGAL_TRANSITION, with the job’s status in `from` and `to`. Fields that are left out stay as they are. New parameters replace all of the old ones. They are checked by the version of the job type that the job was submitted with, and can make it a DUPLICATE_JOB. The history says what changed. A call that changes nothing leaves no trace. An OPERATOR may change jobs that it submitted, an ADMIN any.',
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
        'Removes the job with attempts, logs, history, result and artifacts. The audit keeps its id, type, status and the reason. It is refused while jobs wait for it. Needs role ADMIN.',
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
