import { requireSystemAdmin } from '@/server/auth/access'
import { deleteOrganization, pageOfOrganizations, resumeOrganization, suspendOrganization, type OrganizationView } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { organization, organizationActionInput, organizationListInput, organizationPage } from '../schemas/organization'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const organizationsRouter = router({
  list: authenticated
    .input(organizationListInput.optional())
    .output(organizationPage)
    .query(async ({ ctx, input: { cursor, limit } = {} }) => {
      requireSystemAdmin(ctx.principal, 'organizations.read')
      const page = await pageOfOrganizations(ctx.services.db, { cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map(toWireOrganization), nextCursor: page.nextCursor }
    }),

  suspend: change(suspendOrganization),
  resume: change(resumeOrganization),
  delete: change(deleteOrganization),
})

/** The three changes differ in nothing but what the engine is asked for. */
function change(act: typeof suspendOrganization) {
  return authenticated
    .input(organizationActionInput)
    .output(organization)
    .mutation(async ({ ctx, input }) => {
      await requireWrite(ctx, input.organizationId)
      return toWireOrganization(await act(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address }))
    })
}

/** A member learns that its role is not enough, anybody else nothing. */
async function requireWrite(ctx: AuthenticatedContext, organizationId: string): Promise<void> {
  await requireOrganization(ctx, organizationId, 'jobs.read')
  requireSystemAdmin(ctx.principal, 'organizations.write')
}

const toWireOrganization = (view: OrganizationView) => ({
  ...view,
  createdAt: iso(view.createdAt),
  suspendedAt: isoOrNull(view.suspendedAt),
  deletedAt: isoOrNull(view.deletedAt),
})
