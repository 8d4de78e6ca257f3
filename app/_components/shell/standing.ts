import type { Principal } from '@/server/auth/principal'
import type { Viewer } from '../may'

/** Who somebody is and where, as the server knew when it drew the page: until `session.me` has answered. */
export interface Standing {
  userId: string
  systemAdmin: boolean
  roles: Record<string, NonNullable<Viewer['role']>>
}

export const standingOf = ({ id, systemAdmin, memberships }: Principal): Standing => ({
  userId: id,
  systemAdmin,
  roles: Object.fromEntries(memberships.map((membership) => [membership.id, membership.role])),
})

/** Null: it is not known yet who looks. */
export const viewerOf = (standing: Standing | null, organizationId: string | undefined): Viewer => ({
  userId: standing?.userId ?? null,
  role: (organizationId && standing?.roles[organizationId]) || null,
  systemAdmin: standing?.systemAdmin ?? false,
})
