import { atLeast, permits } from '@/server/auth/access'
import {
  cancelJob, countJobs, deleteJob, EngineError, explainJob, getJob, jobAttempts, jobHistory, jobLogs, listJobs, requiredRoles, retryJob, submitJob, submitJobs, updateJob,
} from '@/server/engine'
import { requireJob, requireOrganization, unmaskedFor } from '../authorize'
import {
  attemptPage, attemptsInput, countInput, countOutput, deletedJob, explainOutput, historyInput, historyPage, job, jobActionInput, jobIdInput, jobPage,
  listInput, logPage, logsInput, submitInput, submitManyInput, submitManyOutput, updateInput, watchInput, type WireJob,
} from '../schemas/job'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, toWireJob } from '../wire'
import { jobsBulkProcedures } from './jobs-bulk'
import { watchJobs } from './watch'

export const jobsRouter = router({
  submit: authenticated
    .input(submitInput)
    .output(job)
    .mutation(async ({ ctx, input: { organizationId, ...input } }) => {
      await requireSubmit(ctx, organizationId, [input.jobType])
      return toWireJob(await submitJob(ctx.services.db, { organizationId, job: input, actor: ctx.actor }))
    }),

  submitMany: authenticated
    .input(submitManyInput)
    .output(submitManyOutput)
    .mutation(async ({ ctx, input: { organizationId, jobs } }) => {
      await requireSubmit(ctx, organizationId, jobs.map(({ jobType }) => jobType))
      const submitted = await submitJobs(ctx.services.db, { organizationId, jobs, actor: ctx.actor })
      return { jobs: submitted.map(toWireJob) }
    }),

  get: authenticated
    .input(jobIdInput)
    .output(job)
    .query(({ ctx, input }) => readJob(ctx, input.jobId)),

  list: authenticated
    .input(listInput.optional())
    .output(jobPage)
    .query(async ({ ctx, input: { cursor, limit, direction: _, ...filter } = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      const page = await listJobs(ctx.services.db, { filter, cursor: cursor ?? undefined, limit: limit ?? 25 }, ctx.scope)
      return { items: page.items.map(toWireJob), nextCursor: page.nextCursor }
    }),

  count: authenticated
    .input(countInput.optional())
    .output(countOutput)
    .query(async ({ ctx, input: filter = {} }) => {
      if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'jobs.read')
      return countJobs(ctx.services.db, filter, ctx.scope)
    }),

  history: authenticated
    .input(historyInput)
    .output(historyPage)
    .query(async ({ ctx, input: { jobId, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobHistory(ctx.services.db, { jobId, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  attempts: authenticated
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
    .input(logsInput)
    .output(logPage)
    .query(async ({ ctx, input: { jobId, level, attempt, cursor, limit } }) => {
      await requireJob(ctx, jobId, 'jobs.read')
      const page = await jobLogs(ctx.services.db, { jobId, level, attempt, cursor: cursor ?? undefined, limit: limit ?? 1000 })
      return { items: page.items.map((item) => ({ ...item, at: iso(item.at) })), nextCursor: page.nextCursor }
    }),

  cancel: authenticated
    .input(jobActionInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.cancel')
      await cancelJob(ctx.services.db, { jobId, reason, actor: ctx.actor })
      return readJob(ctx, jobId)
    }),

  retry: authenticated
    .input(jobActionInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.retry')
      await retryJob(ctx.services.db, { jobId, reason, actor: ctx.actor })
      return readJob(ctx, jobId)
    }),

  update: authenticated
    .input(updateInput)
    .output(job)
    .mutation(async ({ ctx, input: { jobId, changes, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.update')
      await updateJob(ctx.services.db, { jobId, changes, reason, actor: ctx.actor })
      return readJob(ctx, jobId)
    }),

  delete: authenticated
    .input(jobActionInput)
    .output(deletedJob)
    .mutation(async ({ ctx, input: { jobId, reason } }) => {
      await requireJob(ctx, jobId, 'jobs.delete')
      await deleteJob(ctx.services.db, { jobId, reason, actor: ctx.actor, address: ctx.address })
      return { jobId }
    }),

  ...jobsBulkProcedures,

  explain: authenticated
    .input(jobIdInput)
    .output(explainOutput)
    .query(async ({ ctx, input }) => explainJob(ctx.services.db, input.jobId, ctx.scope)),

  watch: authenticated.input(watchInput).subscription(({ ctx, input, signal }) => watchJobs(ctx, input, signal)),
})

/** One job, with its sensitive parameters where the caller's role may read them. */
const readJob = async (ctx: AuthenticatedContext, jobId: string): Promise<WireJob> =>
  toWireJob(await getJob(ctx.services.db, jobId, ctx.scope, unmaskedFor(ctx)))

/** Role first, then what each job type asks for; an unknown type is the engine's to refuse. */
async function requireSubmit(ctx: AuthenticatedContext, organizationId: string, jobTypes: string[]): Promise<void> {
  const role = await requireOrganization(ctx, organizationId, 'jobs.submit')
  // No job type asks for more than ADMIN.
  if (atLeast(role, 'ADMIN')) return
  for (const { name, requiredRole } of await requiredRoles(ctx.services.db, jobTypes)) {
    if (!atLeast(role, requiredRole)) {
      throw new EngineError('NOT_PERMITTED', `Job type ${name} needs role ${requiredRole}; yours is ${role}.`)
    }
  }
}
