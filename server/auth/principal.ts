import type { OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'
import type { Role } from './access'
import type { Actor, Scope } from '@/server/engine/domain/types'

/** One organization that a caller belongs to, as the database says at this request. */
export interface Membership {
  id: string
  name: string
  slug: string
  status: OrganizationStatus
  role: OrgRole
}

/** Who calls. Read anew at each request; nothing of it comes from the token but the id. */
export interface Principal {
  type: 'user' | 'key'
  id: string
  name: string
  /** Null for an API key. */
  email: string | null
  systemAdmin: boolean
  /** Without deleted organizations: for their members they are gone. */
  memberships: readonly Membership[]
  /** How it proved itself; only a cookie can be sent by a foreign page. */
  via: 'cookie' | 'bearer'
  /** What it may call in a second. */
  callsPerSecond: number
}

export const actorOf = (principal: Principal): Actor => ({
  type: principal.type,
  id: principal.id,
  name: principal.name,
})

/** Which organizations' rows this caller may read. */
export const scopeOf = (principal: Principal): Scope =>
  principal.systemAdmin ? { all: true } : { organizationIds: principal.memberships.map(({ id }) => id) }

/** Its role in an organization, or undefined where it may not even know that it exists. */
export const roleIn = (principal: Principal, organizationId: string): Role | undefined =>
  principal.systemAdmin ? 'SYSTEM_ADMIN' : principal.memberships.find(({ id }) => id === organizationId)?.role
