import { roleMayDo, requirePermission, type Action, type Role } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import {
  aboutRequest,
  closeRequest,
  countOpenRequests,
  createRequest,
  EngineError,
  forecastBulk,
  fulfilRequest,
  getRequest,
  isAboutJobs,
  listRequests,
  notVisible,
  type JobWish,
  type LimitWish,
  type RequestKind,
  type RequestView,
  type Scope,
  type VisibleRequests,
} from '@/server/engine'
import { requireAnywhere, requireOrganization } from '../authorize'
import { logClosedCircuit } from '../circuit-log'
import { EXAMPLE } from '../procedure-meta'
import { forecast } from '../schemas/bulk'
import {
  openRequests,
  request,
  requestCreateInput,
  requestDecideInput,
  requestIdInput,
  requestListInput,
  requestOpenInput,
  requestPage,
  requestWithdrawInput,
  type WireRequest,
} from '../schemas/request'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'
import type { z } from '../schemas/zod'
import { submitterOf } from './jobs/submitter'

// The procedures `requests.*` of the API. With a request, a member asks an admin for what their own role does not
// allow.

/** What a person who fulfils a request must be allowed to do. */
const ACTS: Record<RequestKind, Action> = {
  CANCEL: 'jobs.cancel',
  RETRY: 'jobs.retry',
  DELETE: 'jobs.delete',
  PAUSE: 'organization.pause',
  RESUME: 'organization.pause',
  CLOSE_CIRCUIT: 'circuits.close',
  CHANGE_JOB: 'jobs.update',
  // Limits belong to the platform. An admin of the organization sees the request, but only a system admin can fulfil
  // it.
  CHANGE_LIMIT: 'organizations.write',
}
const KINDS = Object.keys(ACTS) as RequestKind[]

export const requestsRouter = router({
  create: authenticated
    .meta({
      summary: 'Asks the admins of an organization to do something',
      description:
        'For what your role does not allow: canceling, retrying or deleting jobs of others, pausing the organization or letting it go on, closing a circuit, changing a job that waits, another limit (which system admins decide). Jobs are named by `jobIds`, or are all that match the `filter` at this moment; those that come to match later are not among them. A request is about at most 100,000 jobs, ends after 7 days, and you may have 20 open ones in an organization. Needs role OPERATOR.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: {
        kind: 'CANCEL',
        organizationId: EXAMPLE.organizationId,
        filter: { jobType: ['sample.work'], search: 'customer-417' },
        reason: 'The customer has left',
      },
    })
    .input(requestCreateInput)
    .output(request)
    .mutation(async ({ ctx, input }) => {
      const { organizationId, kind, reason } = input
      await requireOrganization(ctx, organizationId, 'requests.create')
      const selection =
        'jobIds' in input && input.jobIds
          ? { jobIds: input.jobIds }
          : isAboutJobs(kind)
            ? { filter: ('filter' in input && input.filter) || {} }
            : undefined
      const jobType = 'jobType' in input ? input.jobType : undefined
      const change = changeIn(input)
      return toWireRequest(
        await createRequest(ctx.services.db, {
          organizationId,
          kind,
          selection,
          jobType,
          change,
          reason,
          actor: ctx.actor,
          address: ctx.address,
        }),
      )
    }),

  list: authenticated
    .meta({
      summary: 'Lists requests, newest first',
      description:
        'An ADMIN sees all of the organization, an OPERATOR their own. Without `organizationId`, those of all organizations where you may see them; deleted organizations are left out. They are kept for 30 days after their end.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId, status: ['OPEN'] },
    })
    .input(requestListInput.optional())
    .output(requestPage)
    .query(async ({ ctx, input: { organizationId, forMe, status: statuses, cursor, limit } = {} }) => {
      const visible = await visibleTo(ctx, organizationId)
      const page = await listRequests(ctx.services.db, {
        ...(forMe ? forDecision(ctx, organizationId) : { visible }),
        statuses,
        cursor: cursor ?? undefined,
        limit: limit ?? 25,
      })
      return { items: page.items.map(toWireRequest), nextCursor: page.nextCursor }
    }),

  open: authenticated
    .meta({
      summary: 'Counts open requests',
      description:
        'For an ADMIN or system admin those that they may do, as with `forMe` of `requests.list`. For an OPERATOR their own. Without `organizationId`, those of all organizations where you may see them.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(requestOpenInput.optional())
    .output(openRequests)
    .query(async ({ ctx, input: { organizationId } = {} }) => {
      const visible = await visibleTo(ctx, organizationId)
      const toDecide = forDecision(ctx, organizationId)
      return { count: await countOpenRequests(ctx.services.db, toDecide.kinds.length > 0 ? toDecide : { visible }) }
    }),

  get: authenticated
    .meta({
      summary: 'Reads a request',
      description:
        'With what became of it. While it is open, `jobs.list` with `requestId` in the filter lists the jobs that it is about.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { requestId: EXAMPLE.requestId },
    })
    .input(requestIdInput)
    .output(request)
    .query(async ({ ctx, input: { requestId } }) =>
      toWireRequest((await requireRequest(ctx, requestId, 'requests.read')).view),
    ),

  preview: authenticated
    .meta({
      summary: 'Foresees what fulfilling a request would do',
      description:
        'The same as `dryRun` of `jobs.cancelMany` and its like, about the jobs of an open request. Nothing is done. A request about something else than jobs is INVALID_INPUT.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { requestId: EXAMPLE.requestId },
    })
    .input(requestIdInput)
    .output(forecast)
    .query(async ({ ctx, input: { requestId } }) => {
      const { view } = await requireRequest(ctx, requestId, 'requests.decide')
      const { kind, organizationId } = view
      if (!isAboutJobs(kind))
        throw new EngineError('INVALID_INPUT', 'This request is not about jobs: there is nothing to foresee.', {
          fields: [{ path: 'requestId', message: 'must be a request about jobs' }],
        })
      return forecastBulk(ctx.services.db, { kind, organizationId, selection: { requestId } })
    }),

  decide: authenticated
    .meta({
      summary: 'Does what was asked, or declines it',
      description:
        '`fulfil` does it with your right, about the jobs of the time when it was asked; the audit names both of you. More than 500 jobs go on in the background: see `bulkId`. `decline` needs a reason. ILLEGAL_TRANSITION means that it was decided, withdrawn or too old, or that none of its jobs is there any more. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION', 'ORGANIZATION_SUSPENDED'],
      example: { requestId: EXAMPLE.requestId, decision: 'fulfil' },
    })
    .input(requestDecideInput)
    .output(request)
    .mutation(async ({ ctx, input: { requestId, decision, reason } }) => {
      const { role, view } = await requireRequest(ctx, requestId, 'requests.decide')
      const how = { requestId, reason, actor: ctx.actor, address: ctx.address }
      if (decision === 'decline')
        return toWireRequest(await closeRequest(ctx.services.db, { ...how, as: 'DECLINED' }, ctx.scope))
      requirePermission(role, ACTS[view.kind])
      // A system admin counts as an ADMIN of every organization, as long as they are a system admin.
      const as = role === 'SYSTEM_ADMIN' ? 'ADMIN' : role
      const decided = { ...how, role: as, submitter: submitterOf(role) }
      const { request: done, closedCircuit } = await fulfilRequest(ctx.services.db, decided, ctx.scope)
      if (closedCircuit) logClosedCircuit(ctx, { jobType: done.jobType!, organizationId: done.organizationId })
      return toWireRequest(done)
    }),

  withdraw: authenticated
    .meta({
      summary: 'Takes back a request of your own',
      description: 'ILLEGAL_TRANSITION means that it is over already.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { requestId: EXAMPLE.requestId },
    })
    .input(requestWithdrawInput)
    .output(request)
    .mutation(async ({ ctx, input: { requestId, reason } }) => {
      await requireRequest(ctx, requestId, 'requests.withdraw')
      const how = { requestId, reason, actor: ctx.actor, address: ctx.address }
      return toWireRequest(await closeRequest(ctx.services.db, { ...how, as: 'WITHDRAWN' }, ctx.scope))
    }),
})

/** The organizations of a caller in which their role fits. If `organizationId` is given, no others. */
function scopeWhere(
  { principal }: AuthenticatedContext,
  organizationId: string | undefined,
  fits: (role: Role) => boolean,
): Scope {
  if (principal.systemAdmin) return organizationId ? { organizationIds: [organizationId] } : { all: true }
  const fitting = principal.memberships.filter(
    ({ id, role }) => (!organizationId || id === organizationId) && fits(role),
  )
  return { organizationIds: fitting.map(({ id }) => id) }
}

/**
 * Which requests a caller may see, in one organization or in all of theirs.
 *
 * @throws EngineError NOT_FOUND for an organization that they may not see, NOT_PERMITTED where they may see no request
 */
async function visibleTo(ctx: AuthenticatedContext, organizationId: string | undefined): Promise<VisibleRequests> {
  if (organizationId) await requireOrganization(ctx, organizationId, 'requests.read', { own: true })
  else requireAnywhere(ctx, 'requests.read', { own: true })
  return {
    everybodysIn: scopeWhere(ctx, organizationId, (role) => roleMayDo(role, 'requests.read')),
    ownIn: {
      scope: scopeWhere(ctx, organizationId, (role) => roleMayDo(role, 'requests.read', true)),
      askedById: ctx.principal.id,
    },
  }
}

/** The requests that a caller may fulfil. Without any kind, they may fulfil none. */
function forDecision(
  ctx: AuthenticatedContext,
  organizationId: string | undefined,
): { visible: VisibleRequests; kinds: RequestKind[] } {
  const { systemAdmin, memberships } = ctx.principal
  const roles: Role[] = systemAdmin
    ? ['SYSTEM_ADMIN']
    : memberships.filter(({ id }) => !organizationId || id === organizationId).map(({ role }) => role)
  const deciding = roles.filter((role) => roleMayDo(role, 'requests.decide'))
  return {
    visible: { everybodysIn: scopeWhere(ctx, organizationId, (role) => deciding.includes(role)) },
    kinds: KINDS.filter((kind) => deciding.some((role) => roleMayDo(role, ACTS[kind]))),
  }
}

/** @throws EngineError NOT_FOUND for a request that the caller may not see, NOT_PERMITTED if its role is too low */
async function requireRequest(
  { principal, scope, services }: AuthenticatedContext,
  requestId: string,
  action: Action,
): Promise<{ view: RequestView; role: Role }> {
  const view = await getRequest(services.db, requestId, scope)
  const role = roleIn(principal, view.organizationId)
  if (!role) throw notVisible('request', requestId)
  requirePermission(role, action, view.askedBy.type === principal.type && view.askedBy.id === principal.id)
  return { view, role }
}

type CreateInput = z.output<typeof requestCreateInput>

/** The wanted change, in the form in which a request stores it. */
function changeIn(input: CreateInput): JobWish | LimitWish | undefined {
  if (input.kind === 'CHANGE_LIMIT') return input.limits
  if (input.kind !== 'CHANGE_JOB') return undefined
  const { runAt, ...wish } = input.changes
  return { ...wish, ...(runAt && { runAt: iso(runAt) }) }
}

const toWireRequest = (view: RequestView): WireRequest => ({
  ...view,
  about: aboutRequest(view),
  filter: view.filter as WireRequest['filter'],
  change: view.change as WireRequest['change'],
  createdAt: iso(view.createdAt),
  expiresAt: iso(view.expiresAt),
  endedAt: isoOrNull(view.endedAt),
})
