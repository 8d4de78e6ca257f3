import type { Action } from '@/server/auth/access'
import { requirePermission } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import {
  createSavedView,
  deleteSavedView,
  EngineError,
  findSavedView,
  listSavedViews,
  noView,
  updateSavedView,
  type SavedView,
} from '@/server/engine'
import { narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  deletedView,
  savedView,
  savedViewCreateInput,
  savedViewDeleteInput,
  savedViewListInput,
  savedViewPage,
  savedViewUpdateInput,
} from '../schemas/saved-view'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso } from '../wire'

// The procedures `savedViews.*` of the API: filters of the list of jobs that somebody keeps under a name.

export const savedViewsRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists saved views, newest first',
      description:
        'Your own, and those that others share with an organization of yours. A view is a filter of the jobs page with its columns. An API key has none.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(savedViewListInput.optional())
    .output(savedViewPage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      if (organizationId) await requireOrganization(ctx, organizationId, 'savedViews.use')
      const page = await listSavedViews(
        ctx.services.db,
        { userId: requirePerson(ctx), cursor: cursor ?? undefined, limit: limit ?? 100 },
        narrow(ctx.scope, organizationId),
      )
      return { items: page.items.map(toWireView), nextCursor: page.nextCursor }
    }),

  create: authenticated
    .meta({
      summary: 'Keeps a view of the jobs page',
      description:
        'For you alone, or `shared` with the organization. You may keep 100 in each organization, each with its own name. An API key has none.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: {
        organizationId: EXAMPLE.organizationId,
        name: 'Dead payouts',
        query: { filter: { status: ['DEAD_LETTER'], jobTypePrefix: 'payout.' }, columns: ['title', 'error', 'age'] },
        shared: true,
      },
    })
    .input(savedViewCreateInput)
    .output(savedView)
    .mutation(async ({ ctx, input: { organizationId, ...view } }) => {
      await requireOrganization(ctx, organizationId, 'savedViews.use')
      // A key is refused by `createSavedView`.
      return toWireView(await createSavedView(ctx.services.db, { organizationId, view, actor: ctx.actor }))
    }),

  update: authenticated
    .meta({
      summary: 'Changes a saved view',
      description: 'Name, query, or whether it is shared; what is left out stays. Only who made it may change it.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { viewId: EXAMPLE.viewId, changes: { name: 'Dead payouts of this week' } },
    })
    .input(savedViewUpdateInput)
    .output(savedView)
    .mutation(async ({ ctx, input: { viewId, changes } }) => {
      await requireView(ctx, viewId, 'savedViews.use')
      // The engine refuses a view that somebody else made.
      return toWireView(await updateSavedView(ctx.services.db, { viewId, changes, actor: ctx.actor }))
    }),

  delete: authenticated
    .meta({
      summary: 'Deletes a saved view',
      description: 'Your own, or as ADMIN one that somebody else shares; of that the audit keeps what it was.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { viewId: EXAMPLE.viewId },
    })
    .input(savedViewDeleteInput)
    .output(deletedView)
    .mutation(async ({ ctx, input: { viewId, reason } }) => {
      await requireView(ctx, viewId, 'savedViews.delete')
      await deleteSavedView(ctx.services.db, { viewId, reason, actor: ctx.actor, address: ctx.address })
      return { viewId }
    }),
})

function requirePerson({ principal }: AuthenticatedContext): string {
  if (principal.type === 'user') return principal.id
  throw new EngineError('NOT_PERMITTED', 'Saved views belong to people; an API key has none. Sign in at the dashboard.')
}

/** @throws EngineError NOT_FOUND for a view that the caller may not see, NOT_PERMITTED if its role is too low. */
async function requireView(ctx: AuthenticatedContext, viewId: string, action: Action): Promise<void> {
  const { principal, scope, services } = ctx
  const view = await findSavedView(services.db, { viewId, userId: principal.id }, scope)
  const role = view && roleIn(principal, view.organizationId)
  if (!view || !role) throw noView(viewId)
  requirePermission(role, action, view.createdBy.id === requirePerson(ctx))
}

const toWireView = (view: SavedView) => ({ ...view, createdAt: iso(view.createdAt) })
