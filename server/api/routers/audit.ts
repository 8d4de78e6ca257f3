import { permits, requireSystemAdmin } from '@/server/auth/access'
import type { Principal } from '@/server/auth/principal'
import { EngineError, listAudit, type Scope } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import { auditListInput, auditPage } from '../schemas/audit'
import { authenticated, router } from '../trpc'
import { iso } from '../wire'

export const auditRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists who did what, newest first',
      description:
        'Every act that changed something, apart from what jobs go through by themselves. Each has the target before and after the act, as far as it changed, and the reason. Entries are never changed. You see those of organizations in which you are ADMIN. `organizationId: null` asks for entries that belong to no organization, and needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId, action: 'apiKey.create', limit: 10 },
    })
    .input(auditListInput.optional())
    .output(auditPage)
    .query(async ({ ctx, input: { cursor, limit, direction: _, ...filter } = {} }) => {
      if (filter.organizationId === null) requireSystemAdmin(ctx.principal, 'platform.audit')
      else if (filter.organizationId) await requireOrganization(ctx, filter.organizationId, 'audit.read')
      const page = await listAudit(
        ctx.services.db,
        { filter, cursor: cursor ?? undefined, limit: limit ?? 25 },
        readable(ctx.principal),
      )
      return { items: page.items.map((event) => ({ ...event, at: iso(event.at) })), nextCursor: page.nextCursor }
    }),
})

/** The organizations whose audit the caller may read. These may be fewer than those that the caller may see. */
function readable(principal: Principal): Scope {
  if (principal.systemAdmin) return { all: true }
  const organizationIds = principal.memberships.filter(({ role }) => permits(role, 'audit.read')).map(({ id }) => id)
  if (organizationIds.length === 0)
    throw new EngineError('NOT_PERMITTED', 'You may not do this (audit.read); it needs ADMIN.')
  return { organizationIds }
}
