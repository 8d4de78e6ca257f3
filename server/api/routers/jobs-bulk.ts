import { permits, type Action } from '@/server/auth/access'
import { startBulk, type BulkKind } from '@/server/engine'
import { requireOrganization } from '../authorize'
import { manyInput, manyOutput } from '../schemas/bulk'
import { authenticated } from '../trpc'

/** The three differ in what they do and who may. */
const many = (kind: BulkKind, action: Action) =>
  authenticated
    .input(manyInput)
    .output(manyOutput)
    .mutation(async ({ ctx, input: { organizationId, jobIds, filter, reason } }) => {
      const role = await requireOrganization(ctx, organizationId, action, { own: true })
      return startBulk(ctx.services.db, {
        kind,
        organizationId,
        selection: jobIds ? { jobIds } : { filter: filter ?? {} },
        // A system admin counts as ADMIN in every organization, for as long as it is one.
        role: role === 'SYSTEM_ADMIN' ? 'ADMIN' : role,
        ownOnly: !permits(role, action),
        reason,
        actor: ctx.actor,
        address: ctx.address,
      })
    })

export const jobsBulkProcedures = {
  cancelMany: many('CANCEL', 'jobs.cancel'),
  retryMany: many('RETRY', 'jobs.retry'),
  deleteMany: many('DELETE', 'jobs.delete'),
}
