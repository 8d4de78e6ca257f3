import { metricsOverview, metricsTimeseries } from '@/server/engine'
import { requireOrganization, narrow } from '../authorize'
import { metricsInput, overview, timeseries } from '../schemas/metrics'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

export const metricsRouter = router({
  overview: authenticated
    .input(metricsInput)
    .output(overview)
    .query(async ({ ctx, input: { organizationId, range } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      return metricsOverview(ctx.services.db, { range }, narrow(ctx.scope, organizationId))
    }),

  timeseries: authenticated
    .input(metricsInput)
    .output(timeseries)
    .query(async ({ ctx, input: { organizationId, range } }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const { bucketSeconds, points } = await metricsTimeseries(ctx.services.db, { range }, narrow(ctx.scope, organizationId))
      return { bucketSeconds, points: points.map((point) => ({ ...point, at: iso(point.at) })) }
    }),
})
