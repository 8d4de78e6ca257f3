import type { OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'
import type { Role } from './access'
import { systemActor, type Actor, type Scope } from '@/server/engine/domain/types'

// A caller whose identity is proved: a person, an API key or the command line, with their roles.

/** One organization that a caller belongs to, as the database has it at this request. */
export interface Membership {
  id: string
  name: string
  slug: string
  status: OrganizationStatus
  role: OrgRole
}

/** The caller. It is read again at each request. Nothing but its id comes from the token. */
export interface Principal {
  type: 'user' | 'key' | 'system'
  id: string
  name: string
  /** Null for all callers but users. */
  email: string | null
  systemAdmin: boolean
  /** Deleted organizations are left out, because they are gone for their members. */
  memberships: readonly Membership[]
  /** How the caller has proved who it is. Only a cookie can be sent by a foreign page. */
  via: 'cookie' | 'bearer'
  /** How many calls it may make in a second. */
  callsPerSecond: number
}

export const actorOf = ({ type, id, name }: Principal): Actor =>
  type === 'system' ? systemActor(name) : { type, id, name }

/**
 * Whoever works on the database itself, with its password: the command line where the web is down. It may do what a
 * system admin may do. No call over the network is ever made by it.
 */
export const COMMAND_LINE: Principal = {
  type: 'system',
  id: 'command line',
  name: 'command line',
  email: null,
  systemAdmin: true,
  memberships: [],
  via: 'bearer',
  callsPerSecond: 10_000,
}

/** The organizations whose rows this caller may read. */
export const scopeOf = (principal: Principal): Scope =>
  principal.systemAdmin ? { all: true } : { organizationIds: principal.memberships.map(({ id }) => id) }

/** The caller's role in an organization. Undefined where it may not even know that the organization exists. */
export const roleIn = (principal: Principal, organizationId: string): Role | undefined =>
  principal.systemAdmin ? 'SYSTEM_ADMIN' : principal.memberships.find(({ id }) => id === organizationId)?.role
