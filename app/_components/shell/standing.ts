import type { Principal } from '@/server/auth/principal'
import type { Viewer } from '../may'

/**
 * Who looks at the page and with which roles, as the server knew when it drew the page. It is used until `session.me`
 * has answered.
 */
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

/** The person who looks at the page, by what the server knew. Without `standing`, nothing is known about them yet. */
export const viewerOf = (standing: Standing | null, organizationId: string | undefined): Viewer => ({
  userId: standing?.userId ?? null,
  role: (organizationId && standing?.roles[organizationId]) || null,
  systemAdmin: standing?.systemAdmin ?? false,
})
