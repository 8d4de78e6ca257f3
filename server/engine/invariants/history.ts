import { Prisma } from '@/server/db'
import { AMENDABLE_STATUSES, TRANSITIONS } from '../domain/state'

/** Transitions, and the rows of jobs that were changed while they waited. */
const listed = Prisma.join([
  ...Object.entries(TRANSITIONS).flatMap(([from, all]) => all.map((to) => Prisma.sql`(${from}, ${to})`)),
  ...AMENDABLE_STATUSES.map((status) => Prisma.sql`(${status}, ${status})`),
])

/** The history is a path of the state table from (new) to where the job is, amendments on its way. */
export function historyChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  // Ids of one job's rows rise with its transitions: each is drawn under the job's lock.
  const steps = Prisma.sql`
    SELECT l.*, lag(l.to_status) OVER path AS before, lead(l.id) OVER path IS NULL AS is_last, row_number() OVER path AS step
    FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WINDOW path AS (PARTITION BY l.job_id ORDER BY l.id)`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, 'has no history' AS problem FROM ${jobs} j
      WHERE NOT EXISTS (SELECT 1 FROM execution_logs l WHERE l.job_id = j.id)`,
    Prisma.sql`
      SELECT job_id, format('its history begins with %s to %s', COALESCE(from_status::text, '(new)'), to_status) AS problem
      FROM (${steps}) s WHERE step = 1 AND NOT (from_status IS NULL AND to_status = 'PENDING')`,
    Prisma.sql`
      SELECT job_id, format('its history says %s to %s where it was %s', COALESCE(from_status::text, '(new)'), to_status, before) AS problem
      FROM (${steps}) s WHERE step > 1 AND from_status IS DISTINCT FROM before`,
    Prisma.sql`
      SELECT job_id, format('its history has %s to %s, which the state table does not list', from_status, to_status) AS problem
      FROM (${steps}) s WHERE step > 1 AND (from_status::text, to_status::text) NOT IN (${listed})`,
    Prisma.sql`
      SELECT s.job_id, format('is %s, and its history ends in %s', j.status, s.to_status) AS problem
      FROM (${steps}) s JOIN ${jobs} j ON j.id = s.job_id WHERE s.is_last AND s.to_status <> j.status`,
    Prisma.sql`
      SELECT l.job_id, format('was COMPLETED %s times', count(*)) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.to_status = 'COMPLETED' GROUP BY l.job_id HAVING count(*) > 1`,
    Prisma.sql`
      SELECT l.job_id, format('its history is of organization %s', l.organization_id) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.organization_id <> j.organization_id`,
  ]
}
