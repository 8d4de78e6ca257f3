import { atLeast, requireSystemAdmin, type Role } from '@/server/auth/access'
import { createApiKey, EngineError, listApiKeys, revokeApiKey, type ApiKeyView } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  apiKeyCreated,
  apiKeyCreateInput,
  apiKeyListInput,
  apiKeyPage,
  apiKeyRevoked,
  apiKeyRevokeInput,
} from '../schemas/api-key'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `apiKeys.*` of the API. A program calls Jobyard with a key.

export const apiKeysRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists API keys',
      description:
        'Newest first, with revoked and expired keys. Only the first characters of a key are kept to be shown. Needs role ADMIN. `organizationId: null` is for the keys of the platform and needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(apiKeyListInput)
    .output(apiKeyPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } }) => {
      await requireManage(ctx, organizationId)
      const page = await listApiKeys(ctx.services.db, {
        organizationId,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
      })
      return { items: page.items.map(toWireApiKey), nextCursor: page.nextCursor }
    }),

  create: authenticated
    .meta({
      summary: 'Creates an API key',
      description:
        '`key` is in this answer and nowhere else, so keep it now. Its role may not be above yours. Needs a person with role ADMIN: a key of an organization cannot make keys. A key of the platform (`organizationId: null`) has role SYSTEM_ADMIN, and making one needs that role.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: {
        organizationId: EXAMPLE.organizationId,
        name: 'Shop',
        role: 'OPERATOR',
        callsPerSecond: 20,
        reason: 'Orders',
      },
    })
    .input(apiKeyCreateInput)
    .output(apiKeyCreated)
    .mutation(async ({ ctx, input }) => {
      const own = await requireManage(ctx, input.organizationId)
      if (!atLeast(own, input.role))
        throw new EngineError('NOT_PERMITTED', `A key may not have a role above yours, which is ${own}.`)
      const { apiKey, key } = await createApiKey(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { apiKey: toWireApiKey(apiKey), key }
    }),

  revoke: authenticated
    .meta({
      summary: 'Revokes an API key, for good',
      description:
        'The key is refused from its next call on. Where jobs of it wait, `waitingJobs` must say what becomes of them. Running jobs go on. `jobs` is how many waited. A key that is revoked already stays as it is. Needs role ADMIN, and SYSTEM_ADMIN for a key of the platform.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: {
        organizationId: EXAMPLE.organizationId,
        apiKeyId: EXAMPLE.apiKeyId,
        waitingJobs: 'transfer',
        reason: 'Leaked',
      },
    })
    .input(apiKeyRevokeInput)
    .output(apiKeyRevoked)
    .mutation(async ({ ctx, input }) => {
      await requireManage(ctx, input.organizationId)
      const { apiKey, jobs } = await revokeApiKey(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address })
      return { apiKey: toWireApiKey(apiKey), jobs }
    }),
})

/** The caller's role in the organization, or on the platform, to which the keys belong. */
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
