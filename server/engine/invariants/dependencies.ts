import { Prisma } from '@/server/db'
import type { Scope } from './scope'

/** Parents that the job needs and that are not COMPLETED. A job that is COMPLETED stays so. */
const notCompleted = Prisma.sql`(
  SELECT count(*)::int FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id
  WHERE d.job_id = j.id AND NOT d.on_ended AND p.status <> 'COMPLETED')`
/** The same, and parents of which the job only wants that they end, and that have not ended or were brought back. */
const open = Prisma.sql`(
  SELECT count(*)::int FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id
  WHERE d.job_id = j.id AND CASE WHEN d.on_ended THEN p.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER') ELSE p.status <> 'COMPLETED' END)`
/** The job was surely handed to the queue once. PENDING, CANCELED and DEAD_LETTER do not tell. */
const released = Prisma.sql`j.status NOT IN ('PENDING', 'CANCELED', 'DEAD_LETTER')`

/**
 * No job starts before its parents are COMPLETED, or have ended where that is enough, and the graph is one that can
 * end.
 */
export function dependencyChecks({ jobs }: Scope): Prisma.Sql[] {
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s before its parent %s is COMPLETED', j.status, p.id) AS problem
      FROM ${jobs} j JOIN job_dependencies d ON d.job_id = j.id JOIN jobs p ON p.id = d.parent_id
      WHERE ${released} AND NOT d.on_ended AND p.status <> 'COMPLETED'`,
    // A parent that has ended may have been brought back since, which its history tells.
    Prisma.sql`
      SELECT j.id AS job_id, format('is %s although its parent %s has never ended', j.status, p.id) AS problem
      FROM ${jobs} j JOIN job_dependencies d ON d.job_id = j.id JOIN jobs p ON p.id = d.parent_id
      WHERE (${released} OR j.status = 'PENDING' AND j.pending_parents = 0) AND d.on_ended AND p.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')
        AND NOT EXISTS (SELECT 1 FROM execution_logs l WHERE l.job_id = p.id AND l.to_status IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER'))`,
    Prisma.sql`
      SELECT job_id, format('waits for %s parents where %s are not COMPLETED', pending_parents, parents) AS problem
      FROM (SELECT j.id AS job_id, j.pending_parents, ${notCompleted} AS parents FROM ${jobs} j WHERE j.status = 'PENDING') s
      WHERE pending_parents < parents`,
    Prisma.sql`
      SELECT j.id AS job_id, format('depends on %s of another organization', p.id) AS problem
      FROM ${jobs} j JOIN job_dependencies d ON d.job_id = j.id JOIN jobs p ON p.id = d.parent_id
      WHERE p.organization_id <> j.organization_id`,
    // On a cycle some edge goes against the order of ids; the others need not be followed from each job.
    Prisma.sql`
      SELECT job_id, 'waits for itself through its parents' AS problem FROM (
        WITH RECURSIVE ancestors AS (
          SELECT d.job_id, d.parent_id FROM ${jobs} j JOIN job_dependencies d ON d.job_id = j.id WHERE d.parent_id >= d.job_id
          UNION
          SELECT a.job_id, d.parent_id FROM ancestors a JOIN job_dependencies d ON d.job_id = a.parent_id
        ) SELECT DISTINCT job_id FROM ancestors WHERE parent_id = job_id) s`,
    // Its retry revives, in the same transaction, all that died of it.
    Prisma.sql`
      SELECT j.id AS job_id, format('died of %s, which is %s', p.id, p.status) AS problem
      FROM ${jobs} j JOIN jobs p ON p.id = j.cause_job_id
      WHERE p.status NOT IN ('CANCELED', 'DEAD_LETTER') OR p.organization_id <> j.organization_id OR p.id = j.id`,
  ]
}

/** What sweeps bring about within seconds: to be asked only where nothing moves any more. */
export function dependencyChecksAtRest({ jobs }: Scope): Prisma.Sql[] {
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('waits for its parent %s, which is %s', p.id, p.status) AS problem
      FROM ${jobs} j JOIN job_dependencies d ON d.job_id = j.id JOIN jobs p ON p.id = d.parent_id
      WHERE j.status = 'PENDING' AND NOT d.on_ended AND p.status IN ('CANCELED', 'DEAD_LETTER')`,
    Prisma.sql`
      SELECT job_id, format('still waits for %s parents where %s are open', pending_parents, parents) AS problem
      FROM (SELECT j.id AS job_id, j.pending_parents, ${open} AS parents FROM ${jobs} j WHERE j.status = 'PENDING') s
      WHERE pending_parents > parents`,
  ]
}
