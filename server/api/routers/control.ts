import { requireSystemAdmin } from '@/server/auth/access'
import { listPauses, pause, resume, type PauseTarget, type PauseView } from '@/server/engine'
import { narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import { pause as wirePause, pauseInput, pauseListInput, pausePage, resumed, type PauseInput } from '../schemas/control'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso } from '../wire'

export const controlRouter = router({
  pause: authenticated
    .meta({
      summary: 'Pauses the platform, a job type or an organization',
      description: 'Nothing of it starts until it is resumed; what runs goes on. Submissions are accepted. To pause again replaces the reason. An ADMIN may pause its organization; the platform and job types need SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { scope: 'organization', organizationId: EXAMPLE.organizationId, reason: 'The ledger is closed' },
    })
    .input(pauseInput)
    .output(wirePause)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return toWirePause(await pause(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }))
    }),

  resume: authenticated
    .meta({
      summary: 'Lets what was paused go on',
      description: '`resumed` is false where it was not paused.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { scope: 'organization', organizationId: EXAMPLE.organizationId },
    })
    .input(pauseInput)
    .output(resumed)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return { resumed: await resume(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }) }
    }),

  /** The platform's and job types' pauses concern everybody; few hold at a time, so it is one page. */
  list: authenticated
    .meta({
      summary: 'Lists what is paused',
      description: 'The pauses of the platform and of job types, and those of the organizations that you may see.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(pauseListInput.optional())
    .output(pausePage)
    .query(async ({ ctx, input: { organizationId } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      const items = await listPauses(ctx.services.db, narrow(ctx.scope, organizationId))
      return { items: items.map(toWirePause), nextCursor: null }
    }),
})

async function requireTarget(ctx: AuthenticatedContext, input: PauseInput): Promise<PauseTarget> {
  if (input.scope === 'platform') {
    requireSystemAdmin(ctx.principal, 'platform.pause')
    return { kind: 'platform' }
  }
  if (input.scope === 'jobType') {
    requireSystemAdmin(ctx.principal, 'jobType.pause')
    return { kind: 'jobType', name: input.jobType }
  }
  await requireOrganization(ctx, input.organizationId, 'organization.pause')
  return { kind: 'organization', organizationId: input.organizationId }
}

const toWirePause = (view: PauseView) => ({ ...view, pausedAt: iso(view.pausedAt) })
