import { roleMayDo, requirePermission, requireSystemAdmin } from '@/server/auth/access'
import { roleIn, type Principal } from '@/server/auth/principal'
import {
  EngineError,
  getAudit,
  listAudit,
  listAuditActors,
  notVisible,
  type AuditEventView,
  type Scope,
} from '@/server/engine'
import { requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import { auditActors, auditActorsInput, auditEvent, auditIdInput, auditListInput, auditPage } from '../schemas/audit'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

// The procedures `audit.*` of the API: who did what, and when.

export const auditRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists who did what, newest first',
      description:
        'Every act that changed something, apart from what jobs go through by themselves. Each has the target before and after the act, as far as it changed, the reason, and a sentence for people. Entries are never changed. You see those of organizations in which you are ADMIN. `organizationId: null` asks for entries that belong to no organization, and needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId, action: 'apiKey.create', limit: 10 },
    })
    .input(auditListInput.optional())
    .output(auditPage)
    // `direction` means nothing here (schemas/scalars.ts). It is taken out so that the rest is the filter.
    .query(async ({ ctx, input: { cursor, limit, direction: _, ...filter } = {} }) => {
      if (filter.organizationId === null) requireSystemAdmin(ctx.principal, 'platform.audit')
      else if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'audit.read')
      const page = await listAudit(
        ctx.services.db,
        { filter, cursor: cursor ?? undefined, limit: limit ?? 25 },
        readable(ctx.principal),
      )
      return { items: page.items.map(toWireEvent), nextCursor: page.nextCursor }
    }),

  get: authenticated
    .meta({
      summary: 'Reads one entry of the audit',
      description:
        'The same as an item of `audit.list`. Needs ADMIN in the organization of the entry, and SYSTEM_ADMIN where it belongs to none.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { id: EXAMPLE.auditId },
    })
    .input(auditIdInput)
    .output(auditEvent)
    .query(async ({ ctx, input: { id } }) => {
      const event = await getAudit(ctx.services.db, id, ctx.scope)
      // Only system admins can see entries that belong to no organization.
      if (event.organizationId === null) requireSystemAdmin(ctx.principal, 'platform.audit')
      else {
        const role = roleIn(ctx.principal, event.organizationId)
        if (!role) throw notVisible('audit entry', id)
        requirePermission(role, 'audit.read')
      }
      return toWireEvent(event)
    }),

  actors: authenticated
    .meta({
      summary: 'Lists who has done something',
      description:
        'The people and keys with entries in the audit of one organization, by the names that they had the last time, in the order of these. At most 200. Give the `id` of one to `audit.list` as `actorId`. Needs ADMIN; `organizationId: null` needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(auditActorsInput)
    .output(auditActors)
    .query(async ({ ctx, input: { organizationId } }) => {
      if (organizationId === null) requireSystemAdmin(ctx.principal, 'platform.audit')
      else await requireOrganization(ctx, organizationId, 'audit.read')
      return { items: await listAuditActors(ctx.services.db, organizationId) }
    }),
})

const toWireEvent = (event: AuditEventView) => ({ ...event, at: iso(event.at) })

/**
 * The organizations whose audit the caller may read. The caller may see other organizations without reading their
 * audit.
 */
function readable(principal: Principal): Scope {
  if (principal.systemAdmin) return { all: true }
  const organizationIds = principal.memberships.filter(({ role }) => roleMayDo(role, 'audit.read')).map(({ id }) => id)
  if (organizationIds.length === 0)
    throw new EngineError('NOT_PERMITTED', 'You may not do this (audit.read); it needs ADMIN.')
  return { organizationIds }
}
