import { requirePermission } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import { abortBulk, EngineError, getBulk, listBulks, skippedItems, type BulkView } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { bulk, bulkAbortInput, bulkIdInput, bulkListInput, bulkPage, bulkSkippedInput, bulkSkippedPage, type WireBulk } from '../schemas/bulk'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull } from '../wire'

export const bulkRouter = router({
  get: authenticated
    .input(bulkIdInput)
    .output(bulk)
    .query(async ({ ctx, input: { bulkId } }) => toWireBulk(await getBulk(ctx.services.db, bulkId, ctx.scope))),

  list: authenticated
    .input(bulkListInput)
    .output(bulkPage)
    .query(async ({ ctx, input: { organizationId, status, cursor, limit } }) => {
      await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await listBulks(ctx.services.db, { organizationId, status, cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map(toWireBulk), nextCursor: page.nextCursor }
    }),

  skipped: authenticated
    .input(bulkSkippedInput)
    .output(bulkSkippedPage)
    .query(async ({ ctx, input: { bulkId, cursor, limit } }) => {
      await getBulk(ctx.services.db, bulkId, ctx.scope)
      return skippedItems(ctx.services.db, { bulkId, cursor: cursor ?? undefined, limit: limit ?? 25 })
    }),

  abort: authenticated
    .input(bulkAbortInput)
    .output(bulk)
    .mutation(async ({ ctx, input: { bulkId, reason } }) => {
      const { organizationId, requestedBy } = await getBulk(ctx.services.db, bulkId, ctx.scope)
      const role = roleIn(ctx.principal, organizationId)
      if (!role) throw new EngineError('NOT_FOUND', `There is no bulk action ${bulkId} that you may see.`)
      requirePermission(role, 'bulk.abort', requestedBy.type === ctx.principal.type && requestedBy.id === ctx.principal.id)
      return toWireBulk(await abortBulk(ctx.services.db, { bulkId, reason, actor: ctx.actor, address: ctx.address }, ctx.scope))
    }),
})

const toWireBulk = (view: BulkView): WireBulk => ({
  ...view,
  filter: view.filter as WireBulk['filter'],
  createdAt: iso(view.createdAt),
  finishedAt: isoOrNull(view.finishedAt),
})
