import { requireSystemAdmin } from '@/server/auth/access'
import { listPauses, pause, resume, type PauseTarget, type PauseView } from '@/server/engine'
import { narrow, requireOrganization } from '../authorize'
import { pause as wirePause, pauseInput, pauseListInput, pausePage, resumed, type PauseInput } from '../schemas/control'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso } from '../wire'

export const controlRouter = router({
  pause: authenticated
    .input(pauseInput)
    .output(wirePause)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return toWirePause(await pause(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }))
    }),

  resume: authenticated
    .input(pauseInput)
    .output(resumed)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return { resumed: await resume(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }) }
    }),

  /** The platform's and job types' pauses concern everybody; few hold at a time, so it is one page. */
  list: authenticated
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
