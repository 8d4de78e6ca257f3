import { Prisma } from '@/server/db'

const { sql } = Prisma
/** The place of a role in rising order. Keys need this, because their role is an enum of its own. */
const level = (role: Prisma.Sql) => sql`array_position(ARRAY['VIEWER', 'OPERATOR', 'ADMIN'], ${role}::text)`

interface ActorAndRole {
  type: Prisma.Sql
  id: Prisma.Sql
  organizationId: Prisma.Sql
  role: Prisma.Sql
  /** Condition for the keys (`k`) that still count. By default, keys that are not revoked. */
  keyCounts?: Prisma.Sql
}

/**
 * Condition: the actor that the given columns or values name has this role in the organization now, or is a system
 * admin. It is for things that begin later than they were asked for: the start of a job, and each part of a bulk
 * action. A key that has merely expired still counts (rule 4.10). Jobyard itself always may.
 */
export const holdsRole = ({
  type,
  id,
  organizationId,
  role,
  keyCounts = sql`k.revoked_at IS NULL`,
}: ActorAndRole): Prisma.Sql => sql`
  CASE ${type}
    WHEN 'USER' THEN EXISTS (
      SELECT 1 FROM users u LEFT JOIN persons p ON p.user_id = u.id
      LEFT JOIN org_members m ON m.person_id = p.id AND m.organization_id = ${organizationId}
      WHERE u.id = ${id} AND u.disabled_at IS NULL AND (u.system_admin OR m.role >= ${role}))
    WHEN 'KEY' THEN EXISTS (
      SELECT 1 FROM api_keys k WHERE k.id = ${id} AND ${keyCounts}
        AND (k.role = 'SYSTEM_ADMIN' OR (k.organization_id = ${organizationId} AND ${level(sql`k.role`)} >= ${level(role)})))
    ELSE TRUE
  END`
