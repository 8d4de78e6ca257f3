import { listWorkers, metricsOverview, metricsTimeseries } from '@/server/engine'
import { requireOrganization, narrow } from '../authorize'
import { metricsInput, overview, timeseries } from '../schemas/metrics'
import { workerPage, workersInput } from '../schemas/worker'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'
import { toWireWorker } from './workers'

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

  /** Workers that live, and those that ended within the last hour; of what they run, what the caller may see. */
  workers: authenticated
    .meta({
      summary: 'Lists workers and what they run',
      description:
        'Workers that live, and those that ended within the last hour, latest started first. LOST: not seen for 15 s without having stopped in good order. `slots` is how many jobs one can run at once; `counts` and `running` (the longest running 50) hold jobs of the organizations that you may see, or of the one asked for. `host` and `pid` are for SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND'],
      example: { limit: 10 },
    })
    .input(workersInput.optional())
    .output(workerPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await listWorkers(
        ctx.services.db,
        { cursor: cursor ?? undefined, limit: limit ?? 25, machines: ctx.principal.systemAdmin },
        narrow(ctx.scope, organizationId),
      )
      return { items: page.items.map(toWireWorker), nextCursor: page.nextCursor }
    }),
})
