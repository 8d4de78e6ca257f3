import { requirePermission } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import {
  abortBulk,
  aboutJobs,
  getBulk,
  listBulks,
  notVisible,
  paceOf,
  skippedItems,
  type BulkView,
} from '@/server/engine'
import { requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  bulk,
  bulkAbortInput,
  bulkIdInput,
  bulkListInput,
  bulkPage,
  bulkSkippedInput,
  bulkSkippedPage,
  type WireBulk,
} from '../schemas/bulk'
import { authenticated, router } from '../trpc'
import { iso, isoOrNull, toWireSkipped } from '../wire'

// The procedures `bulk.*` of the API: how far actions on many jobs have come.

export const bulkRouter = router({
  get: authenticated
    .meta({
      summary: 'Reads a bulk action',
      description:
        'Of `matched` jobs, `processed` have been dealt with and `changed` were changed. `skipped` counts the others by reason. `finishedAt` is null while the action goes on.',
      refuses: ['NOT_FOUND'],
      example: { bulkId: EXAMPLE.bulkId },
    })
    .input(bulkIdInput)
    .output(bulk)
    .query(async ({ ctx, input: { bulkId } }) => toWireBulk(await getBulk(ctx.services.db, bulkId, ctx.scope))),

  list: authenticated
    .meta({
      summary: 'Lists bulk actions, newest first',
      description:
        'Every cancel, retry and deletion of many jobs of one organization, whether it was done within its call or in the background. They are kept for 30 days after their end.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId, status: ['RUNNING'] },
    })
    .input(bulkListInput)
    .output(bulkPage)
    .query(async ({ ctx, input: { organizationId, status, cursor, limit } }) => {
      await requireOrganization(ctx, organizationId, 'jobs.read')
      const page = await listBulks(ctx.services.db, {
        organizationId,
        status,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
      })
      return { items: page.items.map(toWireBulk), nextCursor: page.nextCursor }
    }),

  skipped: authenticated
    .meta({
      summary: 'Lists the jobs that a bulk action left unchanged',
      description:
        'Each with the reason, or only those with one `reason`. The list can be read while the action goes on.',
      refuses: ['NOT_FOUND'],
      example: { bulkId: EXAMPLE.bulkId, limit: 100 },
    })
    .input(bulkSkippedInput)
    .output(bulkSkippedPage)
    .query(async ({ ctx, input: { bulkId, reason, cursor, limit } }) => {
      await getBulk(ctx.services.db, bulkId, ctx.scope)
      const page = await skippedItems(ctx.services.db, {
        bulkId,
        reason,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
      })
      return { items: page.items.map(toWireSkipped), nextCursor: page.nextCursor }
    }),

  abort: authenticated
    .meta({
      summary: 'Stops a bulk action',
      description:
        'Jobs that were changed stay changed, the others stay as they are. ILLEGAL_TRANSITION means that the action is over already. An OPERATOR may stop bulk actions that it asked for, an ADMIN any.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { bulkId: EXAMPLE.bulkId, reason: 'Wrong filter' },
    })
    .input(bulkAbortInput)
    .output(bulk)
    .mutation(async ({ ctx, input: { bulkId, reason } }) => {
      const { organizationId, requestedBy } = await getBulk(ctx.services.db, bulkId, ctx.scope)
      const role = roleIn(ctx.principal, organizationId)
      if (!role) throw notVisible('bulk action', bulkId)
      requirePermission(
        role,
        'bulk.abort',
        requestedBy.type === ctx.principal.type && requestedBy.id === ctx.principal.id,
      )
      return toWireBulk(
        await abortBulk(ctx.services.db, { bulkId, reason, actor: ctx.actor, address: ctx.address }, ctx.scope),
      )
    }),
})

const toWireBulk = (view: BulkView): WireBulk => ({
  ...view,
  ...paceOf(view),
  filter: view.filter as WireBulk['filter'],
  about: aboutJobs(view),
  createdAt: iso(view.createdAt),
  workedAt: iso(view.workedAt),
  finishedAt: isoOrNull(view.finishedAt),
})
