import { permits, type Action } from '@/server/auth/access'
import { startBulk, type BulkKind } from '@/server/engine'
import { requireOrganization } from '../../authorize'
import { EXAMPLE, type ProcedureMeta } from '../../procedure-meta'
import { manyInput, manyOutput } from '../../schemas/bulk'
import { authenticated } from '../../trpc'

const WHICH =
  'It is about the jobs that are named, or all that match a filter at this moment. An empty filter must be confirmed with `all: true`. Jobs for which it cannot be done are skipped with their reason, and the others go on. More than 500 jobs are dealt with in the background. The answer then has `bulkId`, and `bulk.get` says how far it is.'

/** Cancel, retry and delete of many jobs differ only in the action and in who may do it. */
const many = (
  kind: BulkKind,
  action: Action,
  { summary, description, refuses = [] }: Pick<ProcedureMeta, 'summary' | 'description' | 'refuses'>,
) =>
  authenticated
    .meta({
      summary,
      description: `${description}\n\n${WHICH}`,
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', ...refuses],
      example: {
        organizationId: EXAMPLE.organizationId,
        filter: { jobType: ['sample.work'], createdBefore: '2026-01-31T08:00:00Z' },
        reason: 'Wrong period',
      },
    })
    .input(manyInput)
    .output(manyOutput)
    .mutation(async ({ ctx, input: { organizationId, jobIds, filter, reason } }) => {
      const role = await requireOrganization(ctx, organizationId, action, { own: true })
      return startBulk(ctx.services.db, {
        kind,
        organizationId,
        selection: jobIds ? { jobIds } : { filter: filter ?? {} },
        // A system admin counts as ADMIN in every organization, as long as it is a system admin.
        role: role === 'SYSTEM_ADMIN' ? 'ADMIN' : role,
        ownOnly: !permits(role, action),
        reason,
        actor: ctx.actor,
        address: ctx.address,
      })
    })

export const manyProcedures = {
  cancelMany: many('CANCEL', 'jobs.cancel', {
    summary: 'Cancels many jobs',
    description:
      'Each as `jobs.cancel` does. `changed` also counts running jobs whose handlers are being stopped. An OPERATOR may cancel jobs that it submitted, an ADMIN any.',
  }),
  retryMany: many('RETRY', 'jobs.retry', {
    summary: 'Retries many jobs',
    description: 'Each as `jobs.retry` does, with the jobs that died because it did. Needs role ADMIN.',
    refuses: ['ORGANIZATION_SUSPENDED'],
  }),
  deleteMany: many('DELETE', 'jobs.delete', {
    summary: 'Deletes many jobs that have ended',
    description: 'Each as `jobs.delete` does, with everything that belongs to it, and for good. Needs role ADMIN.',
  }),
}
