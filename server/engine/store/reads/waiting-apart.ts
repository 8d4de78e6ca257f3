import { Prisma, type DbOrTx } from '@/server/db'
import type { Scope } from '../../domain/types'

const { sql } = Prisma

/** Stands for all organizations that nothing sets apart from each other. No organization has this id. */
export const THE_REST = '00000000-0000-0000-0000-000000000000'

/**
 * Organizations and job types whose waiting jobs are counted for each organization by itself. All other jobs are
 * counted together, because it makes no difference whose they are: those of one stage (waiting-stages.ts), type,
 * version and queue wait for the same reason. Only the next job of an organization may differ (`reasonsOf` in
 * waiting-groups.ts).
 */
export interface Apart {
  organizations: readonly string[]
  jobTypes: readonly string[]
}

/**
 * What stands apart: organizations that are not active, have a limit, are paused, have an open circuit, or have jobs
 * under way, and job types with a limit. Null where the scope names its organizations: then each is counted by itself.
 *
 * @param jobType a job type that stands apart, too, because somebody thinks about another limit for it
 */
export async function whatStandsApart(db: DbOrTx, scope: Scope, jobType?: string): Promise<Apart | null> {
  if (!('all' in scope)) return null
  const [found] = await db.$queryRaw<[Apart]>`
    SELECT ARRAY(
        SELECT id::text FROM organizations WHERE status <> 'ACTIVE' OR max_concurrent IS NOT NULL
        UNION SELECT target FROM pauses WHERE scope = 'ORGANIZATION'
        UNION SELECT organization_id::text FROM circuits WHERE state <> 'CLOSED'
        UNION SELECT organization_id::text FROM jobs WHERE status IN ('QUEUED', 'RUNNING')) AS organizations,
      ARRAY(SELECT name FROM job_types WHERE concurrency_global IS NOT NULL OR concurrency_per_organization IS NOT NULL OR name = ${jobType ?? ''}) AS "jobTypes"`
  return found
}

/** The organization under which a job is counted: its own, or `THE_REST`. */
export const countedUnder = (apart: Apart | null, organizationId: Prisma.Sql, jobType: Prisma.Sql): Prisma.Sql =>
  apart === null
    ? organizationId
    : sql`CASE WHEN ${organizationId} = ANY(${[...apart.organizations]}::uuid[]) OR ${jobType} = ANY(${[...apart.jobTypes]}::text[])
        THEN ${organizationId} ELSE ${THE_REST}::uuid END`

/**
 * Condition: `organizationId` may have jobs that are counted under `counted`. That is the same organization, or, for
 * `THE_REST`, each that does not stand apart. Job types need no check: those that stand apart are never counted under
 * `THE_REST`.
 */
export const isMeantBy = (apart: Apart | null, counted: Prisma.Sql, organizationId: Prisma.Sql): Prisma.Sql =>
  apart === null
    ? sql`${counted} = ${organizationId}`
    : sql`(${counted} = ${organizationId} OR (${counted} = ${THE_REST}::uuid AND ${organizationId} <> ALL(${[...apart.organizations]}::uuid[])))`
