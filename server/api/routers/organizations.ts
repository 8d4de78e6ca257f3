import { requireSystemAdmin } from '@/server/auth/access'
import {
  changeOrganization, createOrganization, deleteOrganization, getOrganization, pageOfOrganizations, resumeOrganization, suspendOrganization, type OrganizationView,
} from '@/server/engine'
import { requireOrganization } from '../authorize'
import {
  organization, organizationActionInput, organizationCreateInput, organizationIdInput, organizationListInput, organizationPage, organizationUpdateInput,
} from '../schemas/organization'
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

  get: authenticated
    .input(organizationIdInput)
    .output(organization)
    .query(async ({ ctx, input: { organizationId } }) => {
      await requireOrganization(ctx, organizationId, 'organization.read')
      return toWireOrganization((await getOrganization(ctx.services.db, organizationId))!)
    }),

  create: authenticated
    .input(organizationCreateInput)
    .output(organization)
    .mutation(async ({ ctx, input: { reason, ...settings } }) => {
      requireSystemAdmin(ctx.principal, 'organizations.write')
      return toWireOrganization(await createOrganization(ctx.services.db, { settings, reason, actor: ctx.actor, address: ctx.address }))
    }),

  /** Its admins change its name, system admins everything. */
  update: authenticated
    .input(organizationUpdateInput)
    .output(organization)
    .mutation(async ({ ctx, input: { organizationId, changes, reason } }) => {
      await requireOrganization(ctx, organizationId, 'organization.rename')
      const { name: _, ...others } = changes
      if (Object.values(others).some((value) => value !== undefined)) requireSystemAdmin(ctx.principal, 'organizations.write')
      return toWireOrganization(await changeOrganization(ctx.services.db, { organizationId, changes, reason, actor: ctx.actor, address: ctx.address }))
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
