import { roleMayDo, requirePermission, type Action, type Role } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import { readSession, type Session } from '@/server/auth/session-cookie'
import {
  EngineError,
  jobOwner,
  noSchedule,
  notVisible,
  organizationExists,
  scheduleOwner,
  type Scope,
} from '@/server/engine'
import type { AuthenticatedContext } from './trpc'

// Decides for each procedure whether the caller may do it, by the access table (server/auth/access.ts).

type Caller = Pick<AuthenticatedContext, 'principal' | 'scope' | 'services'>

/**
 * The caller's role in an organization, if the access table allows `action` there. With `own`, it is enough that the
 * table allows the action on objects of the caller.
 *
 * @throws EngineError NOT_FOUND if the caller may not see the organization, NOT_PERMITTED if its role is too low
 */
export async function requireOrganization(
  ctx: Caller,
  organizationId: string,
  action: Action,
  { own = false }: { own?: boolean } = {},
): Promise<Role> {
  const role = roleIn(ctx.principal, organizationId)
  // A system admin has a role everywhere, so an organization that does not exist has to be refused here.
  if (!role || (ctx.principal.systemAdmin && !(await organizationExists(ctx.services.db, organizationId)))) {
    throw notVisible('organization', organizationId)
  }
  requirePermission(role, action, own)
  return role
}

/**
 * The caller's role in the organization of a job.
 * @throws EngineError NOT_FOUND if it may not see the job, NOT_PERMITTED if its role is too low.
 */
export async function requireJob(ctx: Caller, jobId: string, action: Action): Promise<Role> {
  const owner = await jobOwner(ctx.services.db, jobId, ctx.scope)
  const role = owner && roleIn(ctx.principal, owner.organizationId)
  if (!role) throw notVisible('job', jobId)
  const own = owner.submittedBy.type === ctx.principal.type && owner.submittedBy.id === ctx.principal.id
  requirePermission(role, action, own)
  return role
}

/**
 * The caller's role in the organization of a schedule.
 * @throws EngineError NOT_FOUND where it may not see the schedule, NOT_PERMITTED where its role is too low.
 */
export async function requireSchedule(ctx: Caller, scheduleId: string, action: Action): Promise<Role> {
  const organizationId = await scheduleOwner(ctx.services.db, scheduleId, ctx.scope)
  const role = organizationId && roleIn(ctx.principal, organizationId)
  if (!role) throw noSchedule(scheduleId)
  requirePermission(role, action)
  return role
}

/**
 * Refuses a caller whose role is high enough in no organization. Use it for things that are the same in every
 * organization, or that come from all of them. With `own`, it is enough that the table allows the action on objects of
 * the caller.
 *
 * @throws EngineError NOT_PERMITTED
 */
export function requireAnywhere(
  { principal }: Pick<Caller, 'principal'>,
  action: Action,
  { own = false }: { own?: boolean } = {},
): void {
  const roles: Role[] = principal.systemAdmin ? ['SYSTEM_ADMIN'] : principal.memberships.map(({ role }) => role)
  if (!roles.some((role) => roleMayDo(role, action, own))) {
    throw new EngineError('NOT_PERMITTED', `You have no role in any organization that may do this (${action}).`)
  }
}

/** The organizations in which the caller may read sensitive parameters. */
export function unmaskedFor({ principal }: Pick<Caller, 'principal'>): Scope {
  if (principal.systemAdmin) return { all: true }
  return {
    organizationIds: principal.memberships
      .filter(({ role }) => roleMayDo(role, 'parameters.sensitive'))
      .map(({ id }) => id),
  }
}

/**
 * The session of a person at the dashboard. An API key has no account of its own, so it is refused.
 *
 * @throws EngineError NOT_PERMITTED
 */
export async function requireSession({
  principal,
  headers,
}: Pick<AuthenticatedContext, 'principal' | 'headers'>): Promise<Session> {
  const session = principal.via === 'cookie' ? await readSession(headers) : null
  if (!session)
    throw new EngineError('NOT_PERMITTED', 'An API key has no account. Sign in at the dashboard to do this.')
  return session
}

/** True if the caller may open an entry of the audit. An entry without an organization belongs to the platform. */
export function mayReadAudit({ principal }: Pick<Caller, 'principal'>, organizationId: string | null): boolean {
  const role = organizationId === null ? undefined : roleIn(principal, organizationId)
  return principal.systemAdmin || (role !== undefined && roleMayDo(role, 'audit.read'))
}

/** A scope that is narrowed to one organization. Call `requireOrganization` for that organization first. */
export const narrow = (scope: Scope, organizationId: string | undefined): Scope =>
  organizationId === undefined ? scope : { organizationIds: [organizationId] }
