import { deadLetterGroups } from '@/server/engine'
import { narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import { deadLetterGroupPage, deadLetterGroupsInput } from '../schemas/dead-letter'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

export const deadLettersRouter = router({
  groups: authenticated
    .meta({
      summary: 'Groups dead letters by their error',
      description:
        'One item for each organization, job type and error fingerprint. The group that was seen last comes first. It counts the jobs that are in DEAD_LETTER now. Jobs that were retried or deleted no longer count.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(deadLetterGroupsInput.optional())
    .output(deadLetterGroupPage)
    .query(async ({ ctx, input: { organizationId, jobType, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await deadLetterGroups(
        ctx.services.db,
        { jobType, cursor: cursor ?? undefined, limit: limit ?? 25 },
        narrow(ctx.scope, organizationId),
      )
      return {
        items: page.items.map((group) => ({
          ...group,
          firstSeenAt: iso(group.firstSeenAt),
          lastSeenAt: iso(group.lastSeenAt),
          trend: { ...group.trend, points: group.trend.points.map(({ at, count }) => ({ at: iso(at), count })) },
          sample: { ...group.sample, at: iso(group.sample.at) },
        })),
        nextCursor: page.nextCursor,
      }
    }),
})
