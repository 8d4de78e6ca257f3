import type { Db, Tx } from '@/server/db'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import { systemActor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

/** Minutes for which an outcome counts (rule 4.12). */
const WINDOW_MINUTES = 30
/** An attempt may be committed up to so long after the time that stands in it as its end. */
const COMMITTED_LATE_SECONDS = 30
/** With fewer outcomes than this no circuit opens. */
const FEWEST_OUTCOMES = 10
/** For an organization that ends more attempts of all types than this within the window, only the latest are judged. */
const SAMPLE = 20_000

const BREAKER = systemActor('circuit breaker')

/** A circuit that changed, with the outcomes for which it had opened. */
export interface ChangedCircuit extends Kind {
  change: 'opened' | 'closed' | 'trial failed'
  failures: number
  outcomes: number
}

/** How many circuits a sweep changed, and which. */
export interface CircuitSweep {
  changes: ChangedCircuit[]
  opened: number
  closed: number
  /** Circuits whose trial failed. */
  reopened: number
  /** Circuits whose trial ended without an outcome. Another job becomes the trial. */
  released: number
}

/**
 * Judges trials that have ended, and opens circuits. The circuit of a job type and organization opens where over half
 * of its outcomes in the last 30 minutes (at least 10) failed. An attempt has an outcome where its handler ended by
 * itself or by its timeout. Attempts that the demo's seed made do not count. Each circuit that opens or closes is
 * written to the audit. Two leaders may do this at once without harm.
 *
 * @param sweptSecondsAgo how many seconds ago the caller's last successful sweep began. Only job types and
 * organizations with a failure since then are looked at. Without it, a failure within the last 30 minutes counts
 */
export async function sweepCircuits(
  db: Db,
  { sweptSecondsAgo = Infinity }: { sweptSecondsAgo?: number } = {},
): Promise<CircuitSweep> {
  const judged = await judgeTrials(db)
  const opened = await openCircuits(db, Math.min(sweptSecondsAgo + COMMITTED_LATE_SECONDS, WINDOW_MINUTES * 60))
  return { ...judged, opened: opened.length, changes: [...judged.changes, ...opened] }
}

/**
 * A trial is decided by its first attempt with an outcome: a success closes the circuit, a failure starts the cool-down
 * again. It is over undecided when its job is no longer QUEUED or RUNNING and no attempt had an outcome. Then the next
 * dispatch chooses another job. `trial_attempt` is the number of attempts that the job had before it became the trial,
 * so only attempts above it count.
 */
async function judgeTrials(db: Db): Promise<Omit<CircuitSweep, 'opened'>> {
  const moved = await inTransaction(db, async (tx) => {
    const rows = await tx.$queryRaw<
      (Kind & { state: 'OPEN' | 'HALF_OPEN' | 'CLOSED'; failures: number; outcomes: number })[]
    >`
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
        closed_by = CASE WHEN t.outcome = 'COMPLETED' THEN ${JSON.stringify(BREAKER)}::jsonb END,
        -- What failed before a trial succeeded must not open the circuit again at once.
        counts_from = CASE WHEN t.outcome = 'COMPLETED' THEN clock_timestamp() ELSE c.counts_from END,
        trial_job_id = NULL, trial_attempt = NULL
      FROM trials t
      WHERE c.job_type = t.job_type AND c.organization_id = t.organization_id AND c.state = 'HALF_OPEN'
        AND c.trial_job_id = t.trial_job_id AND c.trial_attempt = t.trial_attempt AND (t.outcome IS NOT NULL OR t.gone)
      RETURNING c.job_type AS "jobType", c.organization_id AS "organizationId", c.state, c.failures, c.outcomes`
    for (const { state, failures, outcomes, ...kind } of rows)
      if (state === 'CLOSED') {
        const before = { state: 'HALF_OPEN', failures, outcomes }
        await note(tx, 'circuit.close', kind, { reason: 'A trial succeeded.', before, after: { state } })
      }
    return rows
  })
  const count = (state: string) => moved.filter((row) => row.state === state).length
  const changes = moved.flatMap(({ jobType, organizationId, state, failures, outcomes }): ChangedCircuit[] =>
    state === 'HALF_OPEN'
      ? []
      : [{ jobType, organizationId, change: state === 'CLOSED' ? 'closed' : 'trial failed', failures, outcomes }],
  )
  return { closed: count('CLOSED'), reopened: count('OPEN'), released: count('HALF_OPEN'), changes }
}

function openCircuits(db: Db, lookBackSeconds: number): Promise<ChangedCircuit[]> {
  return inTransaction(db, async (tx) => {
    // Where the circuit has never opened, counts_from is NULL, and GREATEST leaves it out.
    const opened = await tx.$queryRaw<(Kind & { failures: number; outcomes: number })[]>`
      WITH suspects AS MATERIALIZED (
        SELECT DISTINCT a.job_type, a.organization_id FROM job_attempts a
        -- Messages of alerts have no circuit: one target that does not answer would hold up those to all others.
        WHERE a.outcome IN ('FAILED', 'TIMED_OUT') AND NOT a.seeded AND a.job_type <> ${DELIVERY_TYPE}
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
      WHERE c.state = 'CLOSED'
      RETURNING c.job_type AS "jobType", c.organization_id AS "organizationId", c.failures, c.outcomes`
    for (const { failures, outcomes, ...kind } of opened)
      await note(tx, 'circuit.open', kind, { after: { state: 'OPEN', failures, outcomes } })
    return opened.map((circuit) => ({ ...circuit, change: 'opened' as const }))
  })
}

interface Kind {
  jobType: string
  organizationId: string
}

const note = (
  tx: Tx,
  action: 'circuit.open' | 'circuit.close',
  { jobType, organizationId }: Kind,
  rest: Pick<Parameters<typeof writeAudit>[1], 'reason' | 'before' | 'after'>,
) =>
  writeAudit(tx, {
    organizationId,
    actor: BREAKER,
    address: null,
    action,
    targetType: 'circuit',
    targetId: jobType,
    ...rest,
  })
