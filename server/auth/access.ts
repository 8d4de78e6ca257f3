import type { KeyRole, OrgRole } from '@/server/generated/prisma/enums'
import { EngineError } from '@/server/engine/domain/errors'

/** How far a role reaches: nothing, what the caller submitted itself, or everything of the organization. */
type Reach = 'none' | 'own' | 'any'

/** Who may do what in an organization: the one table. A system admin counts as ADMIN everywhere. */
export const ACCESS = {
  'jobs.read': { VIEWER: 'any', OPERATOR: 'any', ADMIN: 'any' },
  /** A job type may ask for more (`requiredRole`), never for less. */
  'jobs.submit': { VIEWER: 'none', OPERATOR: 'any', ADMIN: 'any' },
  'jobs.cancel': { VIEWER: 'none', OPERATOR: 'own', ADMIN: 'any' },
  'jobs.retry': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any' },
  'jobs.delete': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any' },
  /** Stacks of failed attempts. */
  'attempts.stack': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any' },
  /** Pausing the organization, and letting it go on. */
  'organization.pause': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any' },
  'circuits.close': { VIEWER: 'none', OPERATOR: 'none', ADMIN: 'any' },
} as const satisfies Record<string, Record<OrgRole, Reach>>
export type Action = keyof typeof ACCESS

/** What no role of an organization is enough for. */
export const PLATFORM_ACTIONS = ['platform.pause', 'jobType.pause', 'jobTypes.write', 'organizations.read', 'organizations.write'] as const
export type PlatformAction = (typeof PLATFORM_ACTIONS)[number]

const RANK: Record<KeyRole, number> = { VIEWER: 1, OPERATOR: 2, ADMIN: 3, SYSTEM_ADMIN: 4 }

/** True where `role` is `needed` or above it. */
export const atLeast = (role: KeyRole, needed: KeyRole): boolean => RANK[role] >= RANK[needed]

/** True where the table lets `role` do it; `own` says that the object is the caller's. */
export function permits(role: OrgRole, action: Action, own = false): boolean {
  const reach: Reach = ACCESS[action][role]
  return reach === 'any' || (reach === 'own' && own)
}

/** @throws EngineError NOT_PERMITTED, saying which role would do. */
export function requirePermission(role: OrgRole, action: Action, own = false): void {
  if (permits(role, action, own)) return
  const enough = (['VIEWER', 'OPERATOR', 'ADMIN'] as const).find((other) => ACCESS[action][other] === 'any')
  throw new EngineError('NOT_PERMITTED', `Your role ${role} may not do this (${action}); it needs ${enough}.`)
}

/** @throws EngineError NOT_PERMITTED */
export function requireSystemAdmin({ systemAdmin }: { systemAdmin: boolean }, action: PlatformAction): void {
  if (!systemAdmin) throw new EngineError('NOT_PERMITTED', `You may not do this (${action}); it needs SYSTEM_ADMIN.`)
}
