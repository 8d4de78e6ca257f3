import type { DbOrTx } from '@/server/db'
import type { KeyRole, OrgRole } from '@/server/generated/prisma/enums'
import { EngineError } from '../../domain/errors'
import type { Actor } from '../../domain/types'

/** The role in an organization that may change its members and keys (`server/auth/access.ts`, `members.write`). */
export const GRANTING_ROLE: OrgRole = 'ADMIN'

/**
 * The role that an actor has at this moment in an organization, or on the platform where that is null. Null where the
 * actor has none. Jobyard itself may do everything. The rows that give the role stay locked until the caller's transaction ends, so whoever takes the
 * role away has to wait for it.
 */
export async function holdRole(
  db: DbOrTx,
  organizationId: string | null,
  { type, id }: Actor,
): Promise<KeyRole | null> {
  if (type === 'system') return 'SYSTEM_ADMIN'
  if (type === 'key') {
    const [key] = await db.$queryRaw<{ role: KeyRole }[]>`
      SELECT role FROM api_keys
      WHERE id = ${id}::uuid AND (organization_id IS NULL OR organization_id = ${organizationId}::uuid)
        AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) FOR SHARE`
    return key?.role ?? null
  }
  const [admin] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM users WHERE id = ${id}::uuid AND system_admin AND disabled_at IS NULL FOR SHARE`
  if (admin) return 'SYSTEM_ADMIN'
  const [member] = await db.$queryRaw<{ role: OrgRole }[]>`
    SELECT m.role FROM org_members m JOIN persons p ON p.id = m.person_id JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL
    WHERE m.organization_id = ${organizationId}::uuid AND u.id = ${id}::uuid FOR SHARE OF m, u`
  return member?.role ?? null
}

/**
 * True where an actor may let others into an organization or onto the platform. A key of an organization may let in
 * nobody.
 */
export async function mayGrant(db: DbOrTx, organizationId: string | null, actor: Actor): Promise<boolean> {
  const role = await holdRole(db, organizationId, actor)
  return role === 'SYSTEM_ADMIN' || (organizationId !== null && actor.type !== 'key' && role === GRANTING_ROLE)
}

/**
 * Refuses actors who may not give access. It is asked inside the transaction that gives the access, whatever was read
 * before.
 *
 * @throws EngineError NOT_PERMITTED
 */
export async function requireGrant(db: DbOrTx, organizationId: string | null, actor: Actor): Promise<void> {
  if (await mayGrant(db, organizationId, actor)) return
  throw actor.type === 'key'
    ? new EngineError(
        'NOT_PERMITTED',
        'A key of an organization makes no keys and gives nobody a role: it would outlast whoever holds it. Sign in as an ADMIN to do this.',
      )
    : noLonger(organizationId)
}

/**
 * Refuses actors who may not take a role away. A key of an organization may do so.
 *
 * @throws EngineError NOT_PERMITTED
 */
export async function requireAdmin(db: DbOrTx, organizationId: string, actor: Actor): Promise<void> {
  const role = await holdRole(db, organizationId, actor)
  if (role !== 'SYSTEM_ADMIN' && role !== GRANTING_ROLE) throw noLonger(organizationId)
}

const noLonger = (organizationId: string | null) =>
  new EngineError(
    'NOT_PERMITTED',
    `You may not do this any more; it needs ${organizationId === null ? 'SYSTEM_ADMIN' : GRANTING_ROLE}. Ask somebody who has this role.`,
  )
