import { Prisma } from '@/server/db'

/** What a status must have. The database checks much of it too; a campaign must not take that on trust. */
export function rowChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  const only = (condition: Prisma.Sql, problem: string) =>
    Prisma.sql`SELECT j.id AS job_id, format(${problem}, j.status) AS problem FROM ${jobs} j WHERE ${condition}`
  return [
    only(
      Prisma.sql`(j.status = 'RUNNING') <> (j.lease_until IS NOT NULL AND j.worker_id IS NOT NULL)`,
      'is %s, which does not fit its lease',
    ),
    only(
      Prisma.sql`(j.status IN ('FAILED', 'TIMED_OUT')) <> (j.next_retry_at IS NOT NULL)`,
      'is %s, which does not fit its next retry',
    ),
    only(
      Prisma.sql`(j.status IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')) <> (j.finished_at IS NOT NULL)`,
      'is %s, which does not fit its finish',
    ),
    only(
      Prisma.sql`(j.status = 'CANCELED') <> (j.canceled_at IS NOT NULL)`,
      'is %s, which does not fit its cancellation',
    ),
    only(
      Prisma.sql`j.status NOT IN ('RUNNING', 'CANCELED') AND j.cancel_requested_at IS NOT NULL`,
      'is %s although its cancel was decided',
    ),
    only(
      Prisma.sql`j.status = 'CANCELED' AND (j.cancel_requested_at IS NULL OR j.canceled_by IS NULL)`,
      'is %s, and nobody asked for it',
    ),
    only(Prisma.sql`j.status <> 'DEAD_LETTER' AND j.cause_job_id IS NOT NULL`, 'is %s and names a job that it died of'),
    only(Prisma.sql`j.status <> 'RUNNING' AND j.condemned IS NOT NULL`, 'is %s and condemned'),
    only(
      Prisma.sql`j.status IN ('FAILED', 'TIMED_OUT', 'DEAD_LETTER') AND j.error_message IS NULL`,
      'is %s and does not say why',
    ),
    only(
      Prisma.sql`NOT EXISTS (SELECT 1 FROM job_inputs i WHERE i.job_id = j.id AND i.organization_id = j.organization_id AND i.job_type = j.job_type AND i.priority = j.priority)`,
      'is %s and has lost its input',
    ),
    only(
      Prisma.sql`j.status <> 'COMPLETED' AND EXISTS (SELECT 1 FROM artifacts a WHERE a.job_id = j.id)`,
      'is %s and has artifacts',
    ),
    only(
      Prisma.sql`j.status <> 'COMPLETED' AND EXISTS (SELECT 1 FROM job_results r WHERE r.job_id = j.id)`,
      'is %s and has a result',
    ),
    only(
      Prisma.sql`EXISTS (SELECT 1 FROM artifacts a WHERE a.job_id = j.id AND a.attempt <> j.attempt)`,
      'is %s and has artifacts of an earlier attempt',
    ),
  ]
}
