import { Prisma } from '@/server/db'
import { UNFINISHED_STATUSES } from '../domain/state'

/**
 * The rows that a check looks at: of one organization, or all. Each is written after FROM or JOIN, in place of the
 * table's name. It is not the scope of a caller (domain/types.ts).
 */
export interface Scope {
  jobs: Prisma.Sql
  claims: Prisma.Sql
  organizations: Prisma.Sql
  circuits: Prisma.Sql
}

/** Everything of one organization, or, without one, everything. */
export function scopeOf(organizationId: string | undefined): Scope {
  const rows = (table: string, column: string) =>
    organizationId
      ? Prisma.sql`(SELECT * FROM ${Prisma.raw(table)} WHERE ${Prisma.raw(column)} = ${organizationId}::uuid)`
      : Prisma.raw(table)
  return {
    jobs: rows('jobs', 'organization_id'),
    claims: rows('dedupe_claims', 'organization_id'),
    organizations: rows('organizations', 'id'),
    circuits: rows('circuits', 'organization_id'),
  }
}

/** The statuses of unfinished jobs, for `status::text IN (…)`: the values are sent as text. */
export const unfinished = Prisma.join(UNFINISHED_STATUSES.map((status) => Prisma.sql`${status}`))
