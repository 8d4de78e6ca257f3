import { Prisma } from '@/server/db'

/** `dispatch` and `attempt` rise by one and are never reused; attempts and history say the same. */
export function attemptChecks(jobs: Prisma.Sql): Prisma.Sql[] {
  const agrees = Prisma.sql`CASE a.outcome
    WHEN 'COMPLETED' THEN l.to_status = 'COMPLETED'
    WHEN 'FAILED' THEN l.to_status IN ('FAILED', 'DEAD_LETTER')
    WHEN 'TIMED_OUT' THEN l.to_status IN ('TIMED_OUT', 'DEAD_LETTER')
    WHEN 'CANCELED' THEN l.to_status = 'CANCELED' OR (l.to_status = 'DEAD_LETTER' AND l.message = 'Organization not found')
    WHEN 'LOST' THEN l.to_status IN ('PENDING', 'DEAD_LETTER')
    WHEN 'HANDED_BACK' THEN l.to_status = 'PENDING' END`
  return [
    Prisma.sql`
      SELECT j.id AS job_id, format('has dispatch %s after becoming QUEUED %s times', j.dispatch, count(l.id)) AS problem
      FROM ${jobs} j LEFT JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'QUEUED'
      GROUP BY j.id, j.dispatch HAVING count(l.id) <> j.dispatch`,
    Prisma.sql`
      SELECT job_id, format('its claim number %s has attempt %s', nth, attempt) AS problem
      FROM (SELECT l.job_id, l.attempt, row_number() OVER (PARTITION BY l.job_id ORDER BY l.id) AS nth
            FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.to_status = 'RUNNING') s WHERE attempt <> nth`,
    Prisma.sql`
      SELECT j.id AS job_id, format('has attempt %s after %s claims', j.attempt, count(l.id)) AS problem
      FROM ${jobs} j LEFT JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'RUNNING'
      GROUP BY j.id, j.attempt HAVING count(l.id) <> j.attempt`,
    Prisma.sql`
      SELECT l.job_id, format('attempt %s ended %s times', l.attempt, count(*)) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id WHERE l.from_status = 'RUNNING'
      GROUP BY l.job_id, l.attempt HAVING count(*) > 1`,
    Prisma.sql`
      SELECT j.id AS job_id, format('attempt %s was claimed and is not kept', l.attempt) AS problem
      FROM ${jobs} j JOIN execution_logs l ON l.job_id = j.id AND l.to_status = 'RUNNING'
      WHERE NOT EXISTS (SELECT 1 FROM job_attempts a WHERE a.job_id = j.id AND a.attempt = l.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s is kept and was never claimed', a.attempt) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      WHERE NOT EXISTS (SELECT 1 FROM execution_logs l WHERE l.job_id = j.id AND l.to_status = 'RUNNING' AND l.attempt = a.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s is open while the job is %s in attempt %s', a.attempt, j.status, j.attempt) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      WHERE a.outcome IS NULL AND NOT (j.status = 'RUNNING' AND j.attempt = a.attempt)`,
    Prisma.sql`
      SELECT a.job_id, format('attempt %s has outcome %s, and the history says %s', a.attempt, a.outcome, COALESCE(l.to_status::text, 'nothing')) AS problem
      FROM ${jobs} j JOIN job_attempts a ON a.job_id = j.id
      LEFT JOIN execution_logs l ON l.job_id = j.id AND l.from_status = 'RUNNING' AND l.attempt = a.attempt
      WHERE a.outcome IS NOT NULL AND (l.id IS NULL OR NOT (${agrees}))`,
    // A retry by a person sets failures to 0; its history row carries the last attempt before it.
    Prisma.sql`
      SELECT job_id, format('has failures %s after %s failed attempts', failures, failed) AS problem
      FROM (SELECT j.id AS job_id, j.failures, (
              SELECT count(*) FROM job_attempts a WHERE a.job_id = j.id AND a.outcome IN ('FAILED', 'TIMED_OUT') AND a.attempt > COALESCE((
                SELECT max(l.attempt) FROM execution_logs l WHERE l.job_id = j.id AND l.to_status = 'PENDING'
                  AND l.from_status IN ('FAILED', 'TIMED_OUT', 'CANCELED', 'DEAD_LETTER')), 0)) AS failed
            FROM ${jobs} j) s WHERE failures <> failed`,
  ]
}
