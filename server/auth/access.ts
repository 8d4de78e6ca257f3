import { EngineError } from '@/server/engine/domain/errors'
import type { KeyRole } from '@/server/generated/prisma/enums'

// The table of who may do what. Pages, procedures and docs/access.md all read it.

/** A role in an organization, or SYSTEM_ADMIN, which counts in all of them and on the platform. */
export type Role = KeyRole

/** How far a role reaches: nothing, what the caller submitted itself, or everything of the organization. */
export type Reach = 'none' | 'own' | 'any'

/** One action: what it is, and how far each role reaches in it. */
type Row = Readonly<Record<Role, Reach> & { what: string }>

/**
 * Who may do what. This is the only such table: routers decide by it, the dashboard shows by it, and docs/access.md is
 * made from it. Actions that not even ADMIN may do belong to the platform (`requireSystemAdmin`). The caller's role is
 * read at each request along User → Person → OrgMember, or from the key's row. Nothing is taken from a token.
 */
// prettier-ignore
export const ACCESS = {
  'jobs.read': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see jobs, their history, logs, results, events, and the figures of the organization' },
  'jobs.submit': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'submit jobs; a job type may ask for more (its needed role), never for less' },
  'parameters.sensitive': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see sensitive parameters of one job as they are; lists and exports mask them for everybody' },
  'jobs.cancel': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'cancel jobs' },
  'jobs.update': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'change jobs while they wait' },
  'jobs.retry': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'retry jobs' },
  'jobs.delete': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'delete jobs that have ended' },
  'deadLetters.ignore': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'leave a group of dead letters out for a while, and show it again' },
  'bulk.abort': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'stop a bulk action before it is done; own: one that the caller asked for' },
  'requests.create': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'ask the admins of the organization to do what one may not do' },
  'requests.read': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see requests, and what became of them; own: those that the caller made' },
  'requests.decide': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'do what was asked, which also needs the right to the act itself, or decline it' },
  'requests.withdraw': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'own', SYSTEM_ADMIN: 'any', what: 'take back a request that the caller made' },
  'savedViews.use': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see shared saved views, and keep views of one’s own, which nobody else changes; a key has none' },
  'savedViews.delete': { VIEWER: 'own', OPERATOR: 'own', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'delete saved views that are shared; own: one that the caller made; a key has none' },
  'schedules.read': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see schedules and their runs' },
  'schedules.run': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'submit a run of a schedule at once; its job type may ask for more (its needed role)' },
  'schedules.manage': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'create, change and delete schedules, and submit the runs of a past period; their jobs belong to the organization' },
  'alerts.manage': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see, create, change, test and delete the alert rules of the organization, with their history' },
  'attempts.stack': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see the stacks of failed attempts' },
  'jobTypes.read': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see job types and their versions' },
  'circuits.close': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'close a circuit by hand' },

  'organization.read': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see the settings and limits of the organization' },
  'organization.rename': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'change the name of the organization' },
  'organization.pause': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'pause the organization, and let it go on' },
  'apiKeys.manage': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see, create and revoke the API keys of the organization, up to the own role; a key of it sees and revokes only' },
  'members.read': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see the names and roles of the organization’s members' },
  'members.write': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'invite, change and remove members; see their email addresses and who is invited; a key of the organization lowers roles and removes only' },
  'audit.read': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any', SYSTEM_ADMIN: 'any', what: 'see the audit of the organization' },

  'platform.pause': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'pause the whole platform, and let it go on' },
  'platform.audit': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'see the audit of the platform and of all organizations at once' },
  'platform.alerts': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'see, create, change, test and delete the alert rules of the platform, with their history' },
  'platform.keys': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'see, create and revoke API keys of the platform' },
  'jobType.pause': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'pause a job type, and let it go on' },
  'jobTypes.write': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'create and change job types' },
  'organizations.read': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'list all organizations' },
  'organizations.write': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'create, suspend, resume and delete organizations; change their short names and limits' },
  'workers.drain': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'none', SYSTEM_ADMIN: 'any', what: 'drain a worker; see the machines that workers run on' },
} as const satisfies Record<string, Row>
export type Action = keyof typeof ACCESS

/** Actions for which no role of an organization is enough. */
export type PlatformAction = { [A in Action]: (typeof ACCESS)[A]['ADMIN'] extends 'none' ? A : never }[Action]

/** The roles, from the least to the greatest. */
export const ROLES = ['VIEWER', 'OPERATOR', 'ADMIN', 'SYSTEM_ADMIN'] as const satisfies readonly Role[]

/** True where `role` is `needed` or above it. */
export const atLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed)

/**
 * True where the table allows `role` to do it. `own` says that the object belongs to the caller. A role of null allows
 * nothing.
 */
export function roleMayDo(role: Role | null, action: Action, own = false): boolean {
  const reach: Reach = role === null ? 'none' : ACCESS[action][role]
  return reach === 'any' || (reach === 'own' && own)
}

/** @throws EngineError NOT_PERMITTED that says which role is needed */
export function requirePermission(role: Role, action: Action, own = false): void {
  if (roleMayDo(role, action, own)) return
  throw new EngineError(
    'NOT_PERMITTED',
    `Your role ${role} may not do this (${action}); it needs ${enoughFor(action)}.`,
  )
}

/**
 * Refuses everybody but system admins. It is for what belongs to no organization.
 *
 * @throws EngineError NOT_PERMITTED
 */
export function requireSystemAdmin({ systemAdmin }: { systemAdmin: boolean }, action: PlatformAction): void {
  if (systemAdmin && roleMayDo('SYSTEM_ADMIN', action)) return
  throw new EngineError('NOT_PERMITTED', `You may not do this (${action}); it needs ${enoughFor(action)}.`)
}

/** The least role that may do it to everything of the organization. */
const enoughFor = (action: Action): Role | undefined => ROLES.find((role) => ACCESS[action][role] === 'any')
