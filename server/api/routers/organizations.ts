import { requireSystemAdmin } from '@/server/auth/access'
import {
  changeOrganization,
  createOrganization,
  deleteOrganization,
  getOrganization,
  organizationUsage as readUsage,
  pageOfOrganizations,
  resumeOrganization,
  suspendOrganization,
  type LimitUsage,
  type OrganizationView,
} from '@/server/engine'
import { requireOrganization } from '../authorize'
import { EXAMPLE, type ProcedureMeta } from '../procedure-meta'
import {
  organization,
  organizationActionInput,
  organizationCreateInput,
  organizationIdInput,
  organizationListInput,
  organizationPage,
  organizationUpdateInput,
  organizationUsage,
} from '../schemas/organization'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `organizations.*` of the API. An organization owns jobs, keys, members, schedules and rules.

export const organizationsRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists all organizations',
      description:
        'It is for the administration of the platform. The organizations that you belong to are in `session.me`. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_PERMITTED'],
      example: { limit: 50 },
    })
    .input(organizationListInput.optional())
    .output(organizationPage)
    .query(async ({ ctx, input: { cursor, limit } = {} }) => {
      requireSystemAdmin(ctx.principal, 'organizations.read')
      const page = await pageOfOrganizations(ctx.services.db, { cursor: cursor ?? undefined, limit: limit ?? 25 })
      return { items: page.items.map(toWireOrganization), nextCursor: page.nextCursor }
    }),

  get: authenticated
    .meta({
      summary: 'Reads one organization',
      description: 'Its settings and limits. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(organizationIdInput)
    .output(organization)
    .query(async ({ ctx, input: { organizationId } }) => {
      await requireOrganization(ctx, organizationId, 'organization.read')
      return toWireOrganization((await getOrganization(ctx.services.db, organizationId))!)
    }),

  usage: authenticated
    .meta({
      summary: 'How far an organization is from its limits',
      description: 'The present use of each limit, and the peak of the last seven days. Needs role ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED'],
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(organizationIdInput)
    .output(organizationUsage)
    .query(async ({ ctx, input: { organizationId } }) => {
      await requireOrganization(ctx, organizationId, 'organization.read')
      const { maxUnfinished, maxConcurrent } = (await readUsage(ctx.services.db, organizationId))!
      return { maxUnfinished: toWireUse(maxUnfinished), maxConcurrent: toWireUse(maxConcurrent) }
    }),

  create: authenticated
    .meta({
      summary: 'Creates an organization',
      description:
        'It has no members. Invite the first with `members.invite`. A limit that is left out is the default of the installation, null is no limit, and 0 allows nothing. A short name that is taken is refused as INVALID_INPUT. Needs SYSTEM_ADMIN.',
      refuses: ['NOT_PERMITTED'],
      example: { name: 'Initech', slug: 'initech', maxConcurrent: 20, reason: 'New customer' },
    })
    .input(organizationCreateInput)
    .output(organization)
    .mutation(async ({ ctx, input: { reason, ...settings } }) => {
      requireSystemAdmin(ctx.principal, 'organizations.write')
      return toWireOrganization(
        await createOrganization(ctx.services.db, { settings, reason, actor: ctx.actor, address: ctx.address }),
      )
    }),

  update: authenticated
    .meta({
      summary: 'Changes an organization',
      description:
        'Fields that are left out stay as they are. Limits apply from the next job on, and running jobs go on. Name and time zone need role ADMIN, short name and limits need SYSTEM_ADMIN.',
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { organizationId: EXAMPLE.organizationId, changes: { name: 'Initech Ltd' }, reason: 'Renamed' },
    })
    .input(organizationUpdateInput)
    .output(organization)
    .mutation(async ({ ctx, input: { organizationId, changes, reason } }) => {
      await requireOrganization(ctx, organizationId, 'organization.rename')
      const { name: _, timeZone: __, ...others } = changes
      if (Object.values(others).some((value) => value !== undefined))
        requireSystemAdmin(ctx.principal, 'organizations.write')
      return toWireOrganization(
        await changeOrganization(ctx.services.db, {
          organizationId,
          changes,
          reason,
          actor: ctx.actor,
          address: ctx.address,
        }),
      )
    }),

  suspend: change(suspendOrganization, {
    summary: 'Suspends an organization',
    description:
      'Until the organization is resumed, submissions and retries are refused, waiting jobs wait, running ones end, and their results are withheld from members. Reading and canceling stay possible. Needs SYSTEM_ADMIN.',
  }),
  resume: change(resumeOrganization, {
    summary: 'Ends the suspension of an organization',
    description:
      'Jobs that waited may run, and results can be read again. An organization that is not suspended stays as it is. Needs SYSTEM_ADMIN.',
  }),
  delete: change(deleteOrganization, {
    summary: 'Deletes an organization, for good',
    description:
      'Its running jobs are stopped, its unfinished ones end in DEAD_LETTER, and its members no longer find it. Its jobs are kept until their retention is over, for system admins only. Needs SYSTEM_ADMIN.',
  }),
})

/** Suspend, resume and delete differ only in the function of the engine that they call. */
function change(act: typeof suspendOrganization, words: Pick<ProcedureMeta, 'summary' | 'description'>) {
  return authenticated
    .meta({
      ...words,
      refuses: ['NOT_FOUND', 'NOT_PERMITTED', 'ILLEGAL_TRANSITION'],
      example: { organizationId: EXAMPLE.organizationId, reason: 'Asked for by its owner' },
    })
    .input(organizationActionInput)
    .output(organization)
    .mutation(async ({ ctx, input }) => {
      await requireWrite(ctx, input.organizationId)
      return toWireOrganization(await act(ctx.services.db, { ...input, actor: ctx.actor, address: ctx.address }))
    })
}

/** Lets only system admins through. A member gets NOT_PERMITTED, and anybody else gets NOT_FOUND. */
async function requireWrite(ctx: AuthenticatedContext, organizationId: string): Promise<void> {
  await requireOrganization(ctx, organizationId, 'jobs.read')
  requireSystemAdmin(ctx.principal, 'organizations.write')
}

const toWireUse = (use: LimitUsage) => ({ ...use, peakAt: isoOrNull(use.peakAt) })

const toWireOrganization = (view: OrganizationView) => ({
  ...view,
  createdAt: iso(view.createdAt),
  suspendedAt: isoOrNull(view.suspendedAt),
  deletedAt: isoOrNull(view.deletedAt),
})
