import { Prisma } from '@/server/db'
import type { Scope } from '../../domain/types'

/**
 * Condition: the scope has a job of this type, of whatever age. What happens to other job types does not concern it.
 * Every type concerns the scope of all organizations. An index answers it with one look for each organization.
 */
export const hasJobsOf = (jobType: Prisma.Sql, scope: Scope): Prisma.Sql =>
  'all' in scope
    ? Prisma.sql`TRUE`
    : Prisma.sql`EXISTS (
        SELECT 1 FROM unnest(${[...scope.organizationIds]}::uuid[]) AS u(id)
        CROSS JOIN LATERAL (SELECT 1 FROM job_inputs i WHERE i.organization_id = u.id AND i.job_type = ${jobType} LIMIT 1) i)`
