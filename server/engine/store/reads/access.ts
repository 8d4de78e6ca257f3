import { Prisma, type DbOrTx } from '@/server/db'
import type { OrganizationStatus } from '@/server/generated/prisma/enums'
import type { Actor, Scope } from '../../domain/types'
import { inScope } from './job-view'

/** The organization and the submitter of a job. Null when there is no such job in this scope. */
export async function jobOwner(
  db: DbOrTx,
  jobId: string,
  scope: Scope,
): Promise<{ organizationId: string; submittedBy: Pick<Actor, 'type' | 'id'> } | null> {
  const [row] = await db.$queryRaw<{ organizationId: string; type: string; id: string | null }[]>`
    SELECT j.organization_id AS "organizationId", j.submitted_by_type AS type, j.submitted_by_id AS id
    FROM jobs j JOIN organizations o ON o.id = j.organization_id
    WHERE j.id = ${jobId}::uuid AND ${inScope(Prisma.sql`j.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`
  return row
    ? { organizationId: row.organizationId, submittedBy: { type: row.type.toLowerCase() as Actor['type'], id: row.id } }
    : null
}

/** Whether there is such an organization, also a deleted one. */
export async function organizationExists(db: DbOrTx, organizationId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`SELECT 1 AS found FROM organizations WHERE id = ${organizationId}::uuid`
  return rows.length > 0
}

/** All organizations, with deleted ones, for system admins. */
export function listOrganizations(
  db: DbOrTx,
): Promise<{ id: string; name: string; slug: string; status: OrganizationStatus }[]> {
  return db.$queryRaw`SELECT id, name, slug, status FROM organizations ORDER BY name, id`
}
