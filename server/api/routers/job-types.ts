import { requireSystemAdmin } from '@/server/auth/access'
import {
  changeJobType,
  createJobType,
  EngineError,
  getJobType,
  getJobTypeVersion,
  listJobTypes,
  listJobTypeVersions,
  unfinishedByVersion,
  unfinishedOfOlder,
  withDifferences,
  type JobTypeChanges,
  type NewJobType,
} from '@/server/engine'
import { narrow, requireAnywhere, requireOrganization } from '../authorize'
import {
  jobType,
  jobTypeCreateInput,
  jobTypeGetInput,
  jobTypeListInput,
  jobTypePage,
  jobTypeUpdateInput,
  jobTypeVersionPage,
  jobTypeVersionsInput,
} from '../schemas/job-type'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

// The procedures `jobTypes.*` of the API. A job type says what can be submitted and how it is run.

export const jobTypesRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists job types, by name',
      description: 'Job types belong to the platform. Every organization sees the same.',
      refuses: ['NOT_FOUND'],
      example: { limit: 50 },
    })
    .input(jobTypeListInput.optional())
    .output(jobTypePage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobTypes.read')
      else requireAnywhere(ctx, 'jobTypes.read')
      const page = await listJobTypes(ctx.services.db, {
        cursor: cursor ?? undefined,
        limit: limit ?? 100,
        // Types whose jobs only Jobyard itself submits are of no use to an organization.
        internal: ctx.principal.systemAdmin && !organizationId,
      })
      if (!ctx.principal.systemAdmin) return page
      return { ...page, items: await withDifferences(ctx.services.db, page.items) }
    }),

  get: authenticated
    .meta({
      summary: 'Reads one job type',
      description: '`parameterSchema` is the JSON Schema that submissions are checked against.',
      refuses: ['NOT_FOUND'],
      example: { name: 'sample.work' },
    })
    .input(jobTypeGetInput)
    .output(jobType)
    .query(async ({ ctx, input }) => {
      requireAnywhere(ctx, 'jobTypes.read')
      const { name, version } = input
      const found = await (version === undefined
        ? getJobType(ctx.services.db, name)
        : getJobTypeVersion(ctx.services.db, name, version))
      if (!found)
        throw new EngineError(
          'NOT_FOUND',
          `There is no job type ${name}${version === undefined ? '' : ` of version ${version}`}.`,
        )
      if (version !== undefined || !ctx.principal.systemAdmin) return found
      const [marked = found] = await withDifferences(ctx.services.db, [found])
      return marked
    }),

  create: authenticated
    .meta({
      summary: 'Creates a job type',
      description:
        '`name`, `displayName`, `handler` and `parameterSchema` must be given. `handler` is one that a running worker has announced. Durations are in seconds. 0 means 0 and never the default, so no retries, or nothing is admitted. Null means no limit. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_PERMITTED'],
      example: {
        name: 'invoice.render',
        displayName: 'Render an invoice',
        handler: 'http.request',
        parameterSchema: { type: 'object', properties: { invoiceId: { type: 'string' } }, required: ['invoiceId'] },
        maxRetries: 3,
      },
    })
    .input(jobTypeCreateInput)
    .output(jobType)
    .mutation(async ({ ctx, input: { reason, ...type } }) => {
      requireSystemAdmin(ctx.principal, 'jobTypes.write')
      return createJobType(ctx.services.db, {
        type: type as NewJobType,
        reason,
        actor: ctx.actor,
        address: ctx.address,
      })
    }),

  update: authenticated
    .meta({
      summary: 'Changes a job type',
      description:
        'What `changes` leaves out stays. Each change makes a version, and jobs keep the version with which they were submitted. Only `enabled`, `requiredRole`, `pool` and the concurrency limits apply to all jobs at once. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'CHANGED_MEANWHILE'],
      example: {
        name: 'invoice.render',
        changes: { maxRetries: 5, rateLimit: { count: 100, windowSeconds: 60 } },
        reason: 'The ledger is slow',
      },
    })
    .input(jobTypeUpdateInput)
    .output(jobType)
    .mutation(async ({ ctx, input: { name, changes, ifVersion, reason } }) => {
      requireSystemAdmin(ctx.principal, 'jobTypes.write')
      return changeJobType(ctx.services.db, {
        name,
        changes: changes as JobTypeChanges,
        ifVersion,
        reason,
        actor: ctx.actor,
        address: ctx.address,
      })
    }),

  versions: authenticated
    .meta({
      summary: 'Lists the versions of a job type, newest first',
      description:
        'Each with the whole configuration as it was, and who made it. With `unfinished`, also how many jobs that were submitted with it have not ended, and `jobsOfOlderVersions`, the sum over all versions but the present one.',
      refuses: ['NOT_FOUND'],
      example: { name: 'sample.work' },
    })
    .input(jobTypeVersionsInput)
    .output(jobTypeVersionPage)
    .query(async ({ ctx, input: { name, organizationId, unfinished, cursor, limit } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobTypes.read')
      else requireAnywhere(ctx, 'jobTypes.read')
      const page = await listJobTypeVersions(ctx.services.db, { name, cursor: cursor ?? undefined, limit: limit ?? 25 })
      const counts = unfinished
        ? await unfinishedByVersion(ctx.services.db, name, narrow(ctx.scope, organizationId))
        : null
      return {
        items: page.items.map((item) => ({
          ...item,
          createdAt: iso(item.createdAt),
          unfinished: counts && (counts.get(item.version) ?? { waiting: 0, running: 0 }),
        })),
        nextCursor: page.nextCursor,
        jobsOfOlderVersions: counts && unfinishedOfOlder(counts, page.present),
      }
    }),
})
