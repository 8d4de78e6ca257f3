import { OrgRole } from '@/server/generated/prisma/enums'
import { atLeast, permits, type Role } from '@/server/auth/access'
import {
  cancelJob, countJobs, deleteJob, explainJob, getJob, jobAttempts, jobHistory, jobLogs, listJobs, retryJob, submitJobs, updateJob, type Submitter,
} from '@/server/engine'
import { requireJob, requireOrganization, unmaskedFor } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  attemptPage, attemptsInput, countInput, countOutput, deletedJob, explainOutput, historyInput, historyPage, job, jobActionInput, jobEvent, jobIdInput, jobPage,
  listInput, logPage, logsInput, submitInput, submitManyInput, submitManyOutput, updateInput, watchInput, type WireJob,
} from '../schemas/job'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, toWireJob, toWireListedJob } from '../wire'
import { jobsBulkProcedures } from './jobs-bulk'
import { watchJobs } from './watch'

export const jobsRouter = router({
  submit: authenticated
    .meta({
      summary: 'Submits a job',
      description: 'Answers with the job as PENDING; from then on it is carried out, whatever process dies. Parameters are validated by the job type’s JSON Schema. What is left out takes the job type’s setting; `runAt` in the past means now.\n\nA job that equals an unfinished or lately completed one of the organization (same type, same parameters) is refused as DUPLICATE_JOB and names it; `dedupe: false` submits it on purpose. With an `idempotencyKey`, kept for 24 hours, a repeated call returns the first job and takes nothing from any limit: send one whenever you may have to repeat a call. Needs role OPERATOR, or what the job type asks for.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ORGANIZATION_SUSPENDED', 'UNKNOWN_JOB_TYPE', 'JOB_TYPE_DISABLED', 'TOO_LARGE', 'INVALID_PARAMETERS', 'INVALID_DEPENDENCY', 'IDEMPOTENCY_MISMATCH', 'DUPLICATE_JOB', 'RATE_LIMITED', 'QUEUE_FULL'],
      example: { organizationId: EXAMPLE.organizationId, jobType: 'sample.work', parameters: { durationMs: 5000, progressSteps: 5 }, idempotencyKey: 'order-417' },
    })
    .input(submitInput)
    .output(job)
    .mutation(async ({ ctx, input: { organizationId, ...input } }) => {
      const submitter = await submitterIn(ctx, organizationId)
      return toWireJob(await ctx.services.submissions.submit({ organizationId, job: input, actor: ctx.actor, submitter }))
    }),

  submitMany: authenticated
    .meta({
      summary: 'Submits up to 1,000 jobs, all or none',
      description: 'Answers with the jobs in the order given. One that is refused takes all others with it, and the refusal’s fields name it, as in `jobs[3].parameters.count`. A job may carry a `ref`, by which others of the same call name it in `dependsOn`. The body may have 16 MiB.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ORGANIZATION_SUSPENDED', 'UNKNOWN_JOB_TYPE', 'JOB_TYPE_DISABLED', 'TOO_LARGE', 'INVALID_PARAMETERS', 'INVALID_DEPENDENCY', 'IDEMPOTENCY_MISMATCH', 'DUPLICATE_JOB', 'RATE_LIMITED', 'QUEUE_FULL'],
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
      const submitted = await submitJobs(ctx.services.db, { organizationId, jobs, actor: ctx.actor, submitter })
      return { jobs: submitted.map(toWireJob) }
    }),

  get: authenticated
    .meta({
      summary: 'Reads one job',
      description: 'The job as it is now. `result` and `artifacts` are null with `withheld: true` while its organization is suspended.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(jobIdInput)
    .output(job)
    .query(({ ctx, input }) => readJob(ctx, input.jobId)),

  list: authenticated
    .meta({
      summary: 'Lists jobs, newest first',
      description: 'All conditions of the filter must hold; those that are left out do not count, and without `organizationId` it is about all that you may see. `search` finds whole words of the parameters, or a job by its id; `args` finds values at a path. Pages are keysets: jobs that arrive meanwhile shift nothing.\n\nParameters or a result above 2 KiB are null and named in `truncated`, unless `include` names them. A page ends early before 4 MiB, so go on while there is a `nextCursor`, not while pages are full.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, status: ['DEAD_LETTER'], limit: 10 },
    })
    .input(listInput.optional())
    .output(jobPage)
    .query(async ({ ctx, input: { cursor, limit, include, direction: _, ...filter } = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      const page = await listJobs(ctx.services.db, { filter, cursor: cursor ?? undefined, limit: limit ?? 25, include }, ctx.scope)
      return { items: page.items.map(toWireListedJob), nextCursor: page.nextCursor }
    }),

  count: authenticated
    .meta({
      summary: 'Counts jobs',
      description: 'Takes the filter of `jobs.list`. Counting stops at 10,000; `capped` then says that there are more.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, status: ['PENDING', 'QUEUED'] },
    })
    .input(countInput.optional())
    .output(countOutput)
    .query(async ({ ctx, input: filter = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      return countJobs(ctx.services.db, filter, ctx.scope)
    }),

  history: authenticated
    .meta({
      summary: 'Lists every transition of a job, oldest first',
      description: 'From which status to which, when, by whom, and in which attempt. The first comes from no status. Nothing of it is ever changed.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(historyInput)
    .output(historyPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobHistory(ctx.services.db, { jobId, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  attempts: authenticated
    .meta({
      summary: 'Lists the attempts of a job, oldest first',
      description: 'Each run of the job’s handler, with its worker, its times, its outcome and its error. From `readyAt` to `startedAt` it waited. `error.stack` is null below role ADMIN.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(attemptsInput)
    .output(attemptPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      const role = await requireJob(ctx, jobId, 'jobs.read')
      const stacks = permits(role, 'attempts.stack')
      const page = await jobAttempts(ctx.services.db, { jobId, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return {
        items: page.items.map((item) => ({
          ...item,
          readyAt: iso(item.readyAt),
          queuedAt: iso(item.queuedAt),
          startedAt: iso(item.startedAt),
          endedAt: item.endedAt && iso(item.endedAt),
          error: item.error && { ...item.error, stack: stacks ? item.error.stack : null },
        })),
        nextCursor: page.nextCursor,
      }
    }),

  logs: authenticated
    .meta({
      summary: 'Lists what the handler logged, oldest first',
      description: 'At most 10,000 lines a job are kept. `level` and `attempt` narrow it down.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId, level: 'ERROR' },
    })
    .input(logsInput)
    .output(logPage)
    .query(async ({ ctx, input: { jobId, level, attempt, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobLogs(ctx.services.db, { jobId, level, attempt, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  cancel: authenticated
    .meta({
      summary: 'Cancels a job',
      description: 'A waiting job is CANCELED at once. For a running one the cancel is decided with this call, however its attempt ends: its handler is told within a second and stopped after a grace of 5 seconds, and only then it is CANCELED. To repeat the cancel of a running job changes nothing. An OPERATOR may cancel what it submitted, an ADMIN any.',
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
      description: 'Of a failed, dead or canceled job; it becomes PENDING with all its retries before it, and so do the jobs that died because it did. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ORGANIZATION_SUSPENDED', 'ILLEGAL_TRANSITION', 'DUPLICATE_JOB', 'INVALID_DEPENDENCY', 'QUEUE_FULL'],
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
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ORGANIZATION_SUSPENDED', 'ILLEGAL_TRANSITION', 'TOO_LARGE', 'INVALID_PARAMETERS', 'DUPLICATE_JOB'],
      example: { jobId: EXAMPLE.jobId, changes: { priority: 'HIGH', runAt: '2027-01-31T08:00:00Z' }, reason: 'Needed tomorrow' },
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
      description: 'Removes it with attempts, logs, history, result and artifacts; the audit keeps its id, type, status and the reason. Refused while jobs wait for it. Needs role ADMIN.',
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

  ...jobsBulkProcedures,

  explain: authenticated
    .meta({
      summary: 'Says why a waiting job does not move',
      description: 'Every reason that holds now, the one that weighs most first: paused, suspended, waiting for parents, at a limit, behind others. Empty for a job that runs or has ended.',
      refuses: ['NOT_FOUND'],
      example: { jobId: EXAMPLE.jobId },
    })
    .input(jobIdInput)
    .output(explainOutput)
    .query(async ({ ctx, input }) => explainJob(ctx.services.db, input.jobId, ctx.scope)),

  watch: authenticated
    .meta({
      summary: 'Streams what happens to jobs',
      description: 'Server-sent events of an organization, or of one of its jobs, from `lastEventId` on, or from now. `status` events are complete and in order for each job; of `progress` the latest counts. A `reset` says that the cursor is older than what is kept: read again what you show. Each event has an id; a reader that was cut off sends the last as `lastEventId` and misses nothing. The stream ends with NOT_FOUND when you may no longer see the organization, and with ORGANIZATION_SUSPENDED when it is suspended meanwhile, because you then see less of it: read again what you show, and watch again.',
      refuses: ['NOT_FOUND', 'ORGANIZATION_SUSPENDED'],
      example: { organizationId: EXAMPLE.organizationId },
      event: jobEvent,
    })
    .input(watchInput)
    .subscription(({ ctx, input, signal }) => watchJobs(ctx, input, signal)),
})

/** One job, with its sensitive parameters where the caller's role may read them. */
const readJob = async (ctx: AuthenticatedContext, jobId: string): Promise<WireJob> =>
  toWireJob(await getJob(ctx.services.db, jobId, ctx.scope, unmaskedFor(ctx)))

/** The role here; what each job type asks for is the engine's to hold against it. */
async function submitterIn(ctx: AuthenticatedContext, organizationId: string): Promise<Submitter> {
  return submitterOf(await requireOrganization(ctx, organizationId, 'jobs.submit'))
}

const submitterOf = (role: Role): Submitter => ({ role, reaches: Object.values(OrgRole).filter((needed) => atLeast(role, needed)) })
