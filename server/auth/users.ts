import type { Db } from '@/server/db'
import type { OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'
import type { Principal } from './principal'
import type { Session } from './session-cookie'

/** Calls a second by cookie, over all windows of a person: several tabs that load at once come to some dozens. */
const CALLS_OF_A_PERSON = 200

interface Row {
  id: string
  email: string
  name: string | null
  system_admin: boolean
  organization_id: string | null
  organization_name: string
  slug: string
  status: OrganizationStatus
  role: OrgRole
}

/**
 * A session's user along User → Person → OrgMember, or null when the user is gone or disabled, or the
 * session was ended: by signing out of it, or with all of the user's at once.
 */
export async function principalOfSession(
  db: Db,
  session: Pick<Session, 'userId' | 'id' | 'epoch'>,
): Promise<Principal | null> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT u.id, u.email, p.name, u.system_admin,
      o.id AS organization_id, o.name AS organization_name, o.slug, o.status, m.role
    FROM users u
    LEFT JOIN persons p ON p.user_id = u.id
    LEFT JOIN (org_members m JOIN organizations o ON o.id = m.organization_id AND o.status <> 'DELETED') ON m.person_id = p.id
    WHERE u.id = ${session.userId}::uuid AND u.disabled_at IS NULL AND u.session_epoch = ${session.epoch}
      AND NOT EXISTS (SELECT 1 FROM ended_sessions e WHERE e.id = ${session.id}::uuid)
    ORDER BY o.name, o.id`
  const user = rows[0]
  if (!user) return null
  return {
    type: 'user',
    id: user.id,
    name: user.name ?? user.email,
    email: user.email,
    systemAdmin: user.system_admin,
    memberships: rows.flatMap((row) =>
      row.organization_id === null
        ? []
        : [
            {
              id: row.organization_id,
              name: row.organization_name,
              slug: row.slug,
              status: row.status,
              role: row.role,
            },
          ],
    ),
    via: 'cookie',
    callsPerSecond: CALLS_OF_A_PERSON,
  }
}
