import { atLeast, requireSystemAdmin, type Role } from '@/server/auth/access'
import { createApiKey, EngineError, listApiKeys, revokeApiKey, type ApiKeyView } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { apiKeyCreated, apiKeyCreateInput, apiKeyListInput, apiKeyPage, apiKeyRevoked, apiKeyRevokeInput } from '../schemas/api-key'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const apiKeysRouter = router({
  list: authenticated
    .input(apiKeyListInput)
    .output(apiKeyPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } }) => {
      await requireManage(ctx, organizationId)
      const page = await listApiKeys(ctx.services.db, { organizationId, cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map(toWireApiKey), nextCursor: page.nextCursor }
    }),

  create: authenticated
    .input(apiKeyCreateInput)
    .output(apiKeyCreated)
    .mutation(async ({ ctx, input }) => {
      const own = await requireManage(ctx, input.organizationId)
      if (!atLeast(own, input.role)) throw new EngineError('NOT_PERMITTED', `A key may not have a role above yours, which is ${own}.`)
      const { apiKey, key } = await createApiKey(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { apiKey: toWireApiKey(apiKey), key }
    }),

  revoke: authenticated
    .input(apiKeyRevokeInput)
    .output(apiKeyRevoked)
    .mutation(async ({ ctx, input }) => {
      await requireManage(ctx, input.organizationId)
      const { apiKey, jobs } = await revokeApiKey(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { apiKey: toWireApiKey(apiKey), jobs }
    }),
})

/** The caller's role where the keys belong. */
async function requireManage(ctx: AuthenticatedContext, organizationId: string | null): Promise<Role> {
  if (organizationId !== null) return requireOrganization(ctx, organizationId, 'apiKeys.manage')
  requireSystemAdmin(ctx.principal, 'platform.keys')
  return 'SYSTEM_ADMIN'
}

const toWireApiKey = (view: ApiKeyView) => ({
  ...view,
  createdAt: iso(view.createdAt),
  expiresAt: isoOrNull(view.expiresAt),
  lastUsedAt: isoOrNull(view.lastUsedAt),
  revokedAt: isoOrNull(view.revokedAt),
})
