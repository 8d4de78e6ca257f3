import { Prisma } from '@/server/db'

const { sql } = Prisma

/** Minutes for which an open circuit holds its jobs, before one may try (rule 4.12). */
export const COOL_DOWN_MINUTES = 15

/** Condition over `c`, a circuit that is not CLOSED: its cool-down is over, and no job is its trial now. */
export const trialMayStart = sql`(
  (c.state = 'OPEN' AND c.opened_at <= statement_timestamp() - ${COOL_DOWN_MINUTES} * interval '1 minute')
  OR (c.state = 'HALF_OPEN' AND c.trial_job_id IS NULL))`

/** Condition over `c`, a circuit that is not CLOSED: a trial may start within so many seconds, or has been started. */
export const trialWithin = (seconds: number) => sql`(
  c.state = 'HALF_OPEN' OR c.opened_at <= statement_timestamp() - ${COOL_DOWN_MINUTES} * interval '1 minute' + ${seconds} * interval '1 second')`

/** CTE over `moved` of a dispatch. A job with `trial` becomes the trial of its circuit. */
export const takeTrials = sql`trials AS (
  UPDATE circuits c SET state = 'HALF_OPEN', trial_job_id = m.job_id, trial_attempt = m.attempt
  FROM moved m JOIN jobs j ON j.id = m.job_id
  WHERE m.trial AND c.job_type = j.job_type AND c.organization_id = j.organization_id AND c.state <> 'CLOSED')`
