import { statementName, type Db } from '@/server/db'
import type { KeyRole, OrganizationStatus, OrgRole } from '@/server/generated/prisma/enums'

// Reads who a caller is and what they may do at this moment. Every request reads it again.

/**
 * An API key that is neither revoked nor expired, with its organization. A key of the platform has null. The
 * organization may have been deleted, and its keys may then do nothing.
 */
export interface LiveKey {
  id: string
  prefix: string
  /** The hash of the whole key. The key itself is stored nowhere. */
  hash: Uint8Array
  name: string
  role: KeyRole
  callsPerSecond: number
  organization: { id: string; name: string; slug: string; status: OrganizationStatus } | null
}

interface KeyRow extends Omit<LiveKey, 'callsPerSecond' | 'organization'> {
  calls_per_second: number
  organization_id: string | null
  organization_name: string | null
  slug: string | null
  status: OrganizationStatus | null
}

/**
 * For each of these prefixes, the keys that begin with it and are neither revoked nor expired. Two keys may have the
 * same prefix, so the caller compares the hash.
 */
export async function keysOfPrefixes(db: Db, prefixes: readonly string[]): Promise<LiveKey[][]> {
  const rows = await db.$queryRaw<KeyRow[]>`${statementName('keys_of_prefixes')}
    SELECT k.id, k.prefix, k.hash, k.name, k.role, k.calls_per_second, k.organization_id, o.name AS organization_name, o.slug, o.status
    FROM api_keys k LEFT JOIN organizations o ON o.id = k.organization_id
    WHERE k.prefix = ANY(${[...new Set(prefixes)]}::text[]) AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())`
  return prefixes.map((prefix) => rows.filter((row) => row.prefix === prefix).map(toLiveKey))
}

const toLiveKey = ({ id, prefix, hash, name, role, ...row }: KeyRow): LiveKey => ({
  id,
  prefix,
  hash,
  name,
  role,
  callsPerSecond: row.calls_per_second,
  organization:
    row.organization_id === null
      ? null
      : { id: row.organization_id, name: row.organization_name!, slug: row.slug!, status: row.status! },
})

/** Records that a key was used now, unless a use within the last minute is recorded already. */
export async function noteKeyUse(db: Db, keyId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE id = ${keyId}::uuid AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`
}

/** A user with their organizations. Deleted organizations are left out. */
export interface LiveUser {
  id: string
  email: string
  name: string | null
  systemAdmin: boolean
  memberships: { id: string; name: string; slug: string; status: OrganizationStatus; role: OrgRole }[]
}

interface UserRow {
  id: string
  email: string
  name: string | null
  system_admin: boolean
  organization_id: string | null
  organization_name: string | null
  slug: string | null
  status: OrganizationStatus | null
  role: OrgRole | null
}

/**
 * The user of a session, with the organizations that they are a member of. Null when the user is gone or disabled, or
 * the session was ended, either by signing out or together with all of the user's sessions.
 */
export async function userOfSession(
  db: Db,
  session: { userId: string; id: string; epoch: number },
): Promise<LiveUser | null> {
  const rows = await db.$queryRaw<UserRow[]>`
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
  const memberships = rows.flatMap(({ organization_id: id, organization_name: name, slug, status, role }) =>
    id === null ? [] : [{ id, name: name!, slug: slug!, status: status!, role: role! }],
  )
  return { id: user.id, email: user.email, name: user.name, systemAdmin: user.system_admin, memberships }
}

/**
 * The user with this email address, for a sign-in by password. Null when there is none. The address must be in lower
 * case. A disabled user is found as well, so the caller looks at `disabledAt`.
 */
export const userOfEmail = (db: Db, email: string) =>
  db.user.findUnique({ where: { email }, include: { person: true } })

/** How a user signs in: the hash of the password, and the identities. @throws where there is no such user. */
export const ownAccount = (db: Db, userId: string) =>
  db.user.findUniqueOrThrow({
    where: { id: userId },
    select: { passwordHash: true, identities: { orderBy: { boundAt: 'asc' } } },
  })
