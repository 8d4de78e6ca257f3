import {
  deadLetterFigures as readFigures,
  deadLetterGroups,
  ignoreCause,
  parametersInCommon,
  unignoreCause,
} from '@/server/engine'
import { narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  causeInput,
  deadLetterFigures,
  deadLetterFiguresInput,
  deadLetterGroupPage,
  deadLetterGroupsInput,
  ignoredOutput,
  ignoreInput,
  parametersInCommonOutput,
  unignoreInput,
} from '../schemas/dead-letter'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `deadLetters.*` of the API: jobs that will not be tried again, grouped by what they died of.

const CAUSE = { organizationId: EXAMPLE.organizationId, jobType: 'sample.work', errorFingerprint: '3f9a1c07d2e4b586' }

export const deadLettersRouter = router({
  groups: authenticated
    .meta({
      summary: 'Groups dead letters by their error',
      description:
        'One item for each organization, job type and error fingerprint, the one that was seen last first; with `by: "cause"` job types that died of the same are one item. It counts the jobs that are in DEAD_LETTER now: those that were retried or deleted are gone from it. What is ignored is left out, unless it is asked for.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, sort: 'count' },
    })
    .input(deadLetterGroupsInput.optional())
    .output(deadLetterGroupPage)
    // `direction` means nothing here (schemas/scalars.ts). It is taken out so that the rest is the filter.
    .query(async ({ ctx, input: { organizationId, cursor, limit, direction: _, ...query } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await deadLetterGroups(
        ctx.services.db,
        { ...query, cursor: cursor ?? undefined, limit: limit ?? 25 },
        narrow(ctx.scope, organizationId),
      )
      return {
        items: page.items.map(({ lastAction, ignored, ...group }) => ({
          ...group,
          firstSeenAt: iso(group.firstSeenAt),
          lastSeenAt: iso(group.lastSeenAt),
          newSince: isoOrNull(group.newSince),
          trend: { ...group.trend, points: group.trend.points.map(({ at, count }) => ({ at: iso(at), count })) },
          sample: { ...group.sample, at: iso(group.sample.at) },
          lastAction: lastAction && { ...lastAction, at: iso(lastAction.at) },
          ignored: ignored && { ...ignored, until: isoOrNull(ignored.until), at: iso(ignored.at) },
        })),
        nextCursor: page.nextCursor,
      }
    }),

  figures: authenticated
    .meta({
      summary: 'Counts dead letters and their new causes',
      description: 'Of this moment. `dead` counts ignored ones too, `newCauses24h` does not.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(deadLetterFiguresInput.optional())
    .output(deadLetterFigures)
    .query(async ({ ctx, input: { organizationId } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const { oldestAt, ...figures } = await readFigures(ctx.services.db, narrow(ctx.scope, organizationId))
      return { ...figures, oldestAt: isoOrNull(oldestAt) }
    }),

  parametersInCommon: authenticated
    .meta({
      summary: 'Tells what the parameters of a group have in common',
      description:
        'Values that more than half of the newest 200 dead letters of the group share and that other jobs of the type mostly do not have, the clearest first, at most 20. Sensitive values are never among them. Empty where a group holds a single job, or nothing stands out.',
      refuses: ['NOT_FOUND'],
      example: CAUSE,
    })
    .input(causeInput)
    .output(parametersInCommonOutput)
    .query(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'jobs.read')
      return { items: await parametersInCommon(ctx.services.db, input) }
    }),

  ignore: authenticated
    .meta({
      summary: 'Leaves a group out for a while',
      description:
        'Until a time, until it happens more than `perHour` times within an hour, or both: whichever comes first. Then it comes back by itself. Its jobs stay what they are. Asked again, the later call counts. Needs role OPERATOR.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { ...CAUSE, perHour: 20, reason: 'The supplier knows' },
    })
    .input(ignoreInput)
    .output(ignoredOutput)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'deadLetters.ignore')
      await ignoreCause(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { ignored: true }
    }),

  unignore: authenticated
    .meta({
      summary: 'Shows a group again',
      description: 'Also where it was not ignored: then nothing happens. Needs role OPERATOR.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: CAUSE,
    })
    .input(unignoreInput)
    .output(ignoredOutput)
    .mutation(async ({ ctx, input }) => {
      await requireOrganization(ctx, input.organizationId, 'deadLetters.ignore')
      await unignoreCause(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { ignored: false }
    }),
})
