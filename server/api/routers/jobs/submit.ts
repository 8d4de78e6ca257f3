import { rerunJob, submitJobs, type Json } from '@/server/engine'
import { requireJob } from '../../authorize'
import { EXAMPLE, type ProcedureMeta } from '../../procedure-meta'
import { job, rerunInput, submitInput, submitManyInput, submitManyOutput } from '../../schemas/job'
import { authenticated } from '../../trpc'
import { toWireJob } from '../../wire'
import { submitterIn, submitterOf } from './submitter'

/** Why a submission of one or many jobs may be refused. */
const REFUSED_SUBMISSIONS: ProcedureMeta['refuses'] = [
  'NOT_FOUND',
  'NOT_PERMITTED',
  'ORGANIZATION_SUSPENDED',
  'UNKNOWN_JOB_TYPE',
  'JOB_TYPE_DISABLED',
  'TOO_LARGE',
  'INVALID_PARAMETERS',
  'INVALID_DEPENDENCY',
  'IDEMPOTENCY_MISMATCH',
  'DUPLICATE_JOB',
  'RATE_LIMITED',
  'QUEUE_FULL',
]

/** Procedures that submit jobs. */
export const submitProcedures = {
  submit: authenticated
    .meta({
      summary: 'Submits a job',
      description:
        'Answers with the job as PENDING. From then on it will be carried out, whichever process dies. Parameters are checked against the job type’s JSON Schema. Fields that are left out take the job type’s settings. A `runAt` in the past means now.\n\nA job that equals an unfinished or lately completed job of the organization (same type, same parameters) is refused as DUPLICATE_JOB, which names the other job. `dedupe: false` submits it all the same. With an `idempotencyKey`, which is kept for 24 hours, a repeated call returns the first job and does not count towards any limit. Send one whenever you may have to repeat a call. Needs role OPERATOR, or the role that the job type requires.',
      refuses: REFUSED_SUBMISSIONS,
      example: {
        organizationId: EXAMPLE.organizationId,
        jobType: 'sample.work',
        parameters: { durationMs: 5000, progressSteps: 5 },
        idempotencyKey: 'order-417',
      },
    })
    .input(submitInput)
    .output(job)
    .mutation(async ({ ctx, input: { organizationId, ...input } }) => {
      const submitter = await submitterIn(ctx, organizationId)
      return toWireJob(
        await ctx.services.submissions.submit({
          organizationId,
          job: input,
          actor: ctx.actor,
          submitter,
          origin: ctx.origin,
        }),
      )
    }),

  submitMany: authenticated
    .meta({
      summary: 'Submits up to 1,000 jobs, all or none',
      description:
        'Answers with the jobs in the order in which they were given. If one is refused, none is submitted, and the fields of the refusal name it, as in `jobs[3].parameters.count`. A job may have a `ref`, by which others of the same call name it in `dependsOn`. The body may have 16 MiB.',
      refuses: REFUSED_SUBMISSIONS,
      example: {
        organizationId: EXAMPLE.organizationId,
        jobs: [
          { jobType: 'sample.noop', parameters: { page: 1 }, ref: 'first' },
          { jobType: 'sample.noop', parameters: { page: 2 }, dependsOn: ['first'] },
        ],
      },
    })
    .input(submitManyInput)
    .output(submitManyOutput)
    .mutation(async ({ ctx, input: { organizationId, jobs } }) => {
      const submitter = await submitterIn(ctx, organizationId)
      const submitted = await submitJobs(ctx.services.db, {
        organizationId,
        jobs,
        actor: ctx.actor,
        submitter,
        originOf: () => ctx.origin,
      })
      return { jobs: submitted.map(toWireJob) }
    }),
  rerun: authenticated
    .meta({
      summary: 'Runs a job again, with parameters changed',
      description:
        'Submits a new job of the same type with the parameters of the old one, whatever its status; `rerunOf` of the new job names the old one. `patch` is a JSON merge patch (RFC 7396): what it does not name is kept, also sensitive values, which stay masked for everybody who may not see them. Do not send the mask back: leave the field out to keep its value.\n\nThe job type as it is now decides about the parameters, and gives what is left out: priority, retries, timeout. An equal job is no obstacle. What the old job depended on and its idempotency key are not taken over. Fields of a refusal name places of the patched parameters. Needs role OPERATOR, or what the job type asks for.',
      refuses: [
        'NOT_FOUND',
        'NOT_PERMITTED',
        'ORGANIZATION_SUSPENDED',
        'UNKNOWN_JOB_TYPE',
        'JOB_TYPE_DISABLED',
        'TOO_LARGE',
        'INVALID_PARAMETERS',
        'RATE_LIMITED',
        'QUEUE_FULL',
      ],
      example: { jobId: EXAMPLE.jobId, patch: { durationMs: 8000 } },
    })
    .input(rerunInput)
    .output(job)
    .mutation(async ({ ctx, input: { patch, ...input } }) => {
      const role = await requireJob(ctx, input.jobId, 'jobs.submit')
      return toWireJob(
        await rerunJob(ctx.services.db, {
          ...input,
          patch: patch as Json | undefined,
          actor: ctx.actor,
          submitter: submitterOf(role),
          origin: ctx.origin,
        }),
      )
    }),
}
