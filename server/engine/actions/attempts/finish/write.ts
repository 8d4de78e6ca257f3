import { Prisma, type DbOrTx } from '@/server/db'
import type { AttemptRef, OutcomeKind, OutcomeOf } from '../../../domain/outcome'
import type { Actor } from '../../../domain/types'
import { joinJobs } from '../../../store/by-id'
import { transition, type Moved } from '../../../store/transition'
import { withDependents } from './pieces'
import { DECIDED_PLANS, OUTCOME_PLANS, type EndPlan, type OutcomePlan } from './plans'

const { sql } = Prisma

/** What to do with rows that somebody else has locked: leave them out, or wait for them. */
export type Lock = 'skip' | 'wait'

/** An attempt whose end was written. `parent` says that other jobs wait for this one and something changes for them. */
export type Ended = Moved & { parent?: boolean }

const ofThisAttempt = sql`j.attempt = s.attempt`

/**
 * Writes outcomes of one kind in one statement, where the attempt still holds its job and no other end was decided
 * before.
 */
export function writeOutcomes<Kind extends OutcomeKind>(
  db: DbOrTx,
  kind: Kind,
  outcomes: readonly OutcomeOf<Kind>[],
  lock: Lock,
  actor: Actor,
): Promise<Ended[]> {
  const plan: OutcomePlan<Kind> = OUTCOME_PLANS[kind]
  const rows = JSON.stringify(outcomes.map((outcome) => ({ ...keyOf(outcome), ...plan.row(outcome) })))
  return transition<Ended>(db, {
    ...piecesOf(plan),
    name: `${kind}_${lock}`,
    asJson: true,
    source: sql`SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int, ${plan.columns})`,
    fence: sql`${ofThisAttempt} AND j.cancel_requested_at IS NULL AND j.condemned IS NULL`,
    lock,
    actor,
  })
}

/** Writes, in one statement, the ends of those attempts for which this end was decided before. */
export function writeDecided(
  db: DbOrTx,
  as: keyof typeof DECIDED_PLANS,
  attempts: readonly AttemptRef[],
  lock: Lock,
  actor: Actor,
): Promise<Ended[]> {
  const plan = DECIDED_PLANS[as]
  const rows = JSON.stringify(attempts.map(keyOf))
  return transition<Ended>(db, {
    ...piecesOf(plan),
    name: `${plan.name}_${lock}`,
    source: sql`SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int)`,
    fence: sql`${ofThisAttempt} AND ${plan.decided}`,
    lock,
    actor,
  })
}

/**
 * Returns which of these attempts are still running. After a write that skips locked rows, those are the ones whose rows
 * somebody else had locked.
 */
export async function stillRunning(db: DbOrTx, attempts: readonly AttemptRef[]): Promise<AttemptRef[]> {
  const rows = JSON.stringify(attempts.map(keyOf))
  const running = await db.$queryRaw<{ id: string; attempt: number }[]>`
    SELECT j.id, j.attempt FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int)
    ${joinJobs(Prisma.sql`s.job_id`)} WHERE j.attempt = s.attempt AND j.status = 'RUNNING'`
  return running.map(({ id, attempt }) => ({ jobId: id, attempt }))
}

const keyOf = ({ jobId, attempt }: AttemptRef) => ({ job_id: jobId, attempt })

const piecesOf = ({ to, set, message, returning, also, dependents }: EndPlan) => ({
  from: ['RUNNING'] as const,
  to,
  set,
  message,
  returning,
  also,
  ...(dependents === null ? {} : { select: withDependents }),
})
