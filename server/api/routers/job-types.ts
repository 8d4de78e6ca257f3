import { requireSystemAdmin } from '@/server/auth/access'
import { changeJobType, createJobType, EngineError, getJobType, listJobTypes, listJobTypeVersions, type JobTypeChanges, type NewJobType } from '@/server/engine'
import { requireAnywhere, requireOrganization } from '../authorize'
import {
  jobType, jobTypeCreateInput, jobTypeGetInput, jobTypeListInput, jobTypePage, jobTypeUpdateInput, jobTypeVersionPage, jobTypeVersionsInput,
} from '../schemas/job-type'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

export const jobTypesRouter = router({
  list: authenticated
    .input(jobTypeListInput.optional())
    .output(jobTypePage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobTypes.read')
      else requireAnywhere(ctx, 'jobTypes.read')
      return listJobTypes(ctx.services.db, { cursor: cursor ?? undefined, limit: limit ?? 100 })
    }),

  get: authenticated
    .input(jobTypeGetInput)
    .output(jobType)
    .query(async ({ ctx, input }) => {
      requireAnywhere(ctx, 'jobTypes.read')
      const found = await getJobType(ctx.services.db, input.name)
      if (!found) throw new EngineError('NOT_FOUND', `There is no job type ${input.name}.`)
      return found
    }),

  create: authenticated
    .input(jobTypeCreateInput)
    .output(jobType)
    .mutation(async ({ ctx, input: { reason, ...type } }) => {
      requireSystemAdmin(ctx.principal, 'jobTypes.write')
      return createJobType(ctx.services.db, { type: type as NewJobType, reason, actor: ctx.actor, address: ctx.address })
    }),

  update: authenticated
    .input(jobTypeUpdateInput)
    .output(jobType)
    .mutation(async ({ ctx, input: { name, changes, reason } }) => {
      requireSystemAdmin(ctx.principal, 'jobTypes.write')
      return changeJobType(ctx.services.db, { name, changes: changes as JobTypeChanges, reason, actor: ctx.actor, address: ctx.address })
    }),

  versions: authenticated
    .input(jobTypeVersionsInput)
    .output(jobTypeVersionPage)
    .query(async ({ ctx, input: { name, cursor, limit } }) => {
      requireAnywhere(ctx, 'jobTypes.read')
      const page = await listJobTypeVersions(ctx.services.db, { name, cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map((item) => ({ ...item, createdAt: iso(item.createdAt) })), nextCursor: page.nextCursor }
    }),
})
