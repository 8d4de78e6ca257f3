import type { Db } from '@/server/db'
import { systemActor } from '../../domain/types'
import { retryConflicts } from '../../store/transaction'

/** An outcome counts for this long (rule 4.12). */
const WINDOW_MINUTES = 30
/** Below so many outcomes nothing is concluded. */
const FEWEST_OUTCOMES = 10
/** Of an organization that ends more than this in the window, its latest are judged: a sample is enough. */
const SAMPLE = 20_000

const actor = JSON.stringify(systemActor('circuit breaker'))

/** What a sweep changed. */
export interface CircuitSweep {
  opened: number
  closed: number
  /** Trials that failed, and those that ended without saying anything and are taken again. */
  reopened: number
  released: number
}

/**
 * Moves the circuit breakers on: judges trials that ended, and opens the circuit of each job type and
 * organization of whose outcomes in the last 30 minutes (at least 10) over half failed. An outcome is
 * an attempt whose handler ended by itself or by timeout; the demo's seeded attempts are none.
 * Idempotent, so that two leaders at once do no harm.
 *
 * @param lookBackSeconds kinds that failed within this are looked at: the time since the last sweep,
 * or the whole window where nobody has swept for a while.
 */
export async function sweepCircuits(
  db: Db,
  { lookBackSeconds = 10 }: { lookBackSeconds?: number } = {},
): Promise<CircuitSweep> {
  const judged = await judgeTrials(db)
  return { opened: await openCircuits(db, lookBackSeconds), ...judged }
}

/** A trial decides by the first attempt since that counts; one that leaves the queue without is over. */
async function judgeTrials(db: Db): Promise<Omit<CircuitSweep, 'opened'>> {
  const moved = await retryConflicts(
    () => db.$queryRaw<{ state: 'OPEN' | 'HALF_OPEN' | 'CLOSED' }[]>`
      WITH trials AS (
        SELECT c.job_type, c.organization_id, c.trial_job_id, c.trial_attempt, (
          SELECT a.outcome FROM job_attempts a
          WHERE a.job_id = c.trial_job_id AND a.attempt > c.trial_attempt AND a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT')
          ORDER BY a.attempt LIMIT 1) AS outcome,
          NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = c.trial_job_id AND j.status IN ('QUEUED', 'RUNNING')) AS gone
        FROM circuits c WHERE c.state = 'HALF_OPEN' AND c.trial_job_id IS NOT NULL
      )
      UPDATE circuits c SET
        state = (CASE WHEN t.outcome = 'COMPLETED' THEN 'CLOSED' WHEN t.outcome IS NOT NULL THEN 'OPEN' ELSE 'HALF_OPEN' END)::"CircuitState",
        opened_at = CASE WHEN t.outcome IN ('FAILED', 'TIMED_OUT') THEN clock_timestamp() ELSE c.opened_at END,
        closed_at = CASE WHEN t.outcome = 'COMPLETED' THEN clock_timestamp() END,
        closed_by = CASE WHEN t.outcome = 'COMPLETED' THEN ${actor}::jsonb END,
        -- What failed before a trial succeeded must not open the circuit again at once.
        counts_from = CASE WHEN t.outcome = 'COMPLETED' THEN clock_timestamp() ELSE c.counts_from END,
        trial_job_id = NULL, trial_attempt = NULL
      FROM trials t
      WHERE c.job_type = t.job_type AND c.organization_id = t.organization_id AND c.state = 'HALF_OPEN'
        AND c.trial_job_id = t.trial_job_id AND c.trial_attempt = t.trial_attempt AND (t.outcome IS NOT NULL OR t.gone)
      RETURNING c.state`,
  )
  const count = (state: string) => moved.filter((row) => row.state === state).length
  return { closed: count('CLOSED'), reopened: count('OPEN'), released: count('HALF_OPEN') }
}

function openCircuits(db: Db, lookBackSeconds: number): Promise<number> {
  return retryConflicts(
    () => db.$executeRaw`
      WITH suspects AS MATERIALIZED (
        SELECT DISTINCT a.job_type, a.organization_id FROM job_attempts a
        WHERE a.outcome IN ('FAILED', 'TIMED_OUT') AND NOT a.seeded
          AND a.ended_at > statement_timestamp() - ${lookBackSeconds} * interval '1 second'
          AND NOT EXISTS (SELECT 1 FROM circuits c WHERE c.job_type = a.job_type AND c.organization_id = a.organization_id AND c.state <> 'CLOSED')
      ),
      judged AS (
        SELECT s.job_type, s.organization_id, o.failures, o.outcomes
        FROM suspects s
        LEFT JOIN circuits c ON c.job_type = s.job_type AND c.organization_id = s.organization_id
        CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE a.outcome <> 'COMPLETED')::int AS failures, count(*)::int AS outcomes
          FROM (
            SELECT a.job_type, a.outcome, a.seeded FROM job_attempts a
            WHERE a.organization_id = s.organization_id
              AND a.ended_at > GREATEST(statement_timestamp() - ${WINDOW_MINUTES} * interval '1 minute', c.counts_from)
            ORDER BY a.ended_at DESC LIMIT ${SAMPLE}
          ) a
          WHERE a.job_type = s.job_type AND a.outcome IN ('COMPLETED', 'FAILED', 'TIMED_OUT') AND NOT a.seeded
        ) o
        WHERE o.outcomes >= ${FEWEST_OUTCOMES} AND o.failures * 2 > o.outcomes
      )
      INSERT INTO circuits AS c (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
      SELECT job_type, organization_id, 'OPEN', failures, outcomes, clock_timestamp(), '-infinity' FROM judged
      ORDER BY job_type, organization_id
      ON CONFLICT (job_type, organization_id) DO UPDATE SET state = 'OPEN', failures = EXCLUDED.failures, outcomes = EXCLUDED.outcomes,
        opened_at = EXCLUDED.opened_at, trial_job_id = NULL, trial_attempt = NULL, closed_at = NULL, closed_by = NULL
      WHERE c.state = 'CLOSED'`,
  )
}
