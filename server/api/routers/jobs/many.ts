import { roleMayDo, type Action } from '@/server/auth/access'
import { forecastBulk, startBulk, type ActKind } from '@/server/engine'
import { requireOrganization } from '../../authorize'
import { EXAMPLE, type ProcedureMeta } from '../../procedure-meta'
import { manyInput, manyOutput } from '../../schemas/bulk'
import { authenticated } from '../../trpc'
import { toWireSkipped } from '../../wire'

// The procedures of the API that act on many jobs at once.

const WHICH =
  'It is about the jobs that are named, or all that match a filter at this moment; an empty filter must be confirmed with `all: true`. Jobs for which it cannot be done are skipped with their reason and keep no other from it. More than 500 jobs are taken in the background: `bulkId` is then there, and `bulk.get` says how far it is. With `dryRun: true` nothing is done: the answer says how many would be changed, how many skipped and why, and what to know before: what will hold them afterwards (circuit, pause, limit), duplicates, errors that a retry does not mend.'

/** Cancel, retry and delete of many jobs differ only in the action and in who may do it. */
const manyJobsProcedure = (
  kind: ActKind,
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
    .mutation(async ({ ctx, input: { organizationId, jobIds, filter, reason, dryRun } }) => {
      const role = await requireOrganization(ctx, organizationId, action, { own: true })
      const asked = { kind, organizationId, selection: jobIds ? { jobIds } : { filter: filter ?? {} } }
      const ownOnly = !roleMayDo(role, action)
      if (dryRun) return forecastBulk(ctx.services.db, { ...asked, onlyOf: ownOnly ? ctx.actor : undefined })
      const result = await startBulk(ctx.services.db, {
        ...asked,
        // A system admin counts as an ADMIN of every organization, as long as they are a system admin.
        role: role === 'SYSTEM_ADMIN' ? 'ADMIN' : role,
        ownOnly,
        reason,
        actor: ctx.actor,
        address: ctx.address,
      })
      return { ...result, skipped: result.skipped.map(toWireSkipped) }
    })

export const manyProcedures = {
  cancelMany: manyJobsProcedure('CANCEL', 'jobs.cancel', {
    summary: 'Cancels many jobs',
    description:
      'Each as `jobs.cancel` does. `changed` also counts running jobs whose handlers are being stopped. An OPERATOR may cancel jobs that it submitted, an ADMIN any.',
  }),
  retryMany: manyJobsProcedure('RETRY', 'jobs.retry', {
    summary: 'Retries many jobs',
    description: 'Each as `jobs.retry` does, with the jobs that died because it did. Needs role ADMIN.',
    refuses: ['ORGANIZATION_SUSPENDED'],
  }),
  deleteMany: manyJobsProcedure('DELETE', 'jobs.delete', {
    summary: 'Deletes many jobs that have ended',
    description: 'Each as `jobs.delete` does, with everything that belongs to it, and for good. Needs role ADMIN.',
  }),
}
