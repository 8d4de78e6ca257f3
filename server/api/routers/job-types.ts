import { EngineError, getJobType, listJobTypes } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { jobType, jobTypeGetInput, jobTypeListInput, jobTypePage } from '../schemas/job-type'
import { authenticated, router } from '../trpc'

export const jobTypesRouter = router({
  list: authenticated
    .input(jobTypeListInput.optional())
    .output(jobTypePage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      return listJobTypes(ctx.services.db, { cursor: cursor ?? undefined, limit: limit ?? 100 })
    }),

  get: authenticated
    .input(jobTypeGetInput)
    .output(jobType)
    .query(async ({ ctx, input }) => {
      const found = await getJobType(ctx.services.db, input.name)
      if (!found) throw new EngineError('NOT_FOUND', `There is no job type ${input.name}.`)
      return found
    }),
})
