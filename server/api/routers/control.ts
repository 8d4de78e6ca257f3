import { requireSystemAdmin } from '@/server/auth/access'
import { EngineError, listPauses, pause, resume, type PauseTarget, type PauseView } from '@/server/engine'
import { mayReadAudit, narrow, requireOrganization } from '../authorize'
import { EXAMPLE } from '../procedure-meta'
import {
  pause as wirePause,
  pauseInput,
  pauseListInput,
  pausePage,
  resumed,
  type PauseInput,
  type WirePause,
} from '../schemas/control'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso } from '../wire'

// The procedures `control.*` of the API, which pause and resume organizations, job types and the platform.

export const controlRouter = router({
  pause: authenticated
    .meta({
      summary: 'Pauses the platform, a job type or an organization',
      description:
        'None of its jobs starts until it is resumed. Running jobs go on. Submissions are accepted. Pausing again replaces the reason. An ADMIN may pause its organization. Pausing the platform or a job type needs SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { scope: 'organization', organizationId: EXAMPLE.organizationId, reason: 'The ledger is closed' },
    })
    .input(pauseInput)
    .output(wirePause)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return toWirePause(
        await pause(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }),
      )
    }),

  resume: authenticated
    .meta({
      summary: 'Ends a pause',
      description: '`resumed` is false where nothing was paused.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { scope: 'organization', organizationId: EXAMPLE.organizationId },
    })
    .input(pauseInput)
    .output(resumed)
    .mutation(async ({ ctx, input }) => {
      const scope = await requireTarget(ctx, input)
      return {
        resumed: await resume(ctx.services.db, { scope, reason: input.reason, actor: ctx.actor, address: ctx.address }),
      }
    }),

  list: authenticated
    .meta({
      summary: 'Lists pauses',
      description:
        'The pauses of the platform and of job types, which concern everybody, and those of the organizations that you may see. The longest comes first.',
      refuses: ['NOT_FOUND'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(pauseListInput.optional())
    .output(pausePage)
    .query(async ({ ctx, input: { organizationId, cursor, limit = 1000 } = {} }) => {
      const after = cursor ? keyIn(cursor) : ''
      if (organizationId) await requireOrganization(ctx, organizationId, 'jobs.read')
      // The whole list is read, because it is short. It has at most one pause for each organization, one for each job
      // type, and one for the platform.
      const found = await listPauses(ctx.services.db, narrow(ctx.scope, organizationId))
      const pauses = found.map(({ auditId, used, ...pause }) => ({
        ...toWirePause(pause),
        auditId: mayReadAudit(ctx, pause.organizationId) ? auditId : null,
        used,
      }))
      const rest = pauses.filter((each) => keyOf(each) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      const items = rest.slice(0, limit)
      const last = rest.length > limit ? items.at(-1) : undefined
      return { items, nextCursor: last ? Buffer.from(keyOf(last)).toString('base64url') : null }
    }),
})

async function requireTarget(ctx: AuthenticatedContext, input: PauseInput): Promise<PauseTarget> {
  if (input.scope === 'platform') {
    requireSystemAdmin(ctx.principal, 'platform.pause')
    return { kind: 'platform' }
  }
  if (input.scope === 'jobType') {
    requireSystemAdmin(ctx.principal, 'jobType.pause')
    return { kind: 'jobType', name: input.jobType }
  }
  await requireOrganization(ctx, input.organizationId, 'organization.pause')
  return { kind: 'organization', organizationId: input.organizationId }
}

/** The place of a pause in the list, which is sorted by it. */
const keyOf = ({ pausedAt, scope, jobType, organizationId }: WirePause): string =>
  `${pausedAt} ${scope} ${jobType ?? organizationId ?? ''}`

/** @throws EngineError INVALID_INPUT for a cursor that did not come from this list */
function keyIn(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?:platform|jobType|organization) /.test(key)) return key
  throw new EngineError(
    'INVALID_INPUT',
    'The cursor does not belong to this list. Send the nextCursor of an earlier page, or none for the first page.',
    {
      fields: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
    },
  )
}

const toWirePause = (view: PauseView): WirePause => ({ ...view, pausedAt: iso(view.pausedAt) })
