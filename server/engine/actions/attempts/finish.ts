import type { Db, Tx } from '@/server/db'
import type { AttemptRef, Outcome, OutcomeKind, OutcomeOf } from '../../domain/outcome'
import { systemActor, type Actor } from '../../domain/types'
import { retryConflicts } from '../../store/transaction'
import { updateDependents } from '../jobs/dependents'
import { DECIDED_PLANS, OUTCOME_PLANS, type EndPlan } from './finish/plans'
import { stillRunning, writeDecided, writeOutcomes, type Ended, type Lock } from './finish/write'

// The ends of attempts, from the reports to what follows for other jobs. What each end writes stands in
// finish/plans.ts, and the statements are made in finish/write.ts.

/**
 * What happened to a report. `canceled`: a cancel that was asked before won. `condemned`: its organization was deleted
 * in the meantime. `refused`: the attempt no longer holds the job, and nothing was written.
 */
export type Settled = 'written' | 'canceled' | 'condemned' | 'refused'

const worker = systemActor('worker')

/**
 * Writes the ends of attempts and answers for each. All ends of one kind are one statement. A cancel that was asked
 * before always wins: the attempt then ends CANCELED, whatever it reports. Jobs that wait for these are dealt with as
 * well. Rows that somebody else has locked delay no other: they are answered `locked`, to be reported again.
 */
export async function finishUnlocked(db: Db, outcomes: readonly Outcome[]): Promise<(Settled | 'locked')[]> {
  const ends = await writeAll(db, outcomes, 'skip')
  const open = ends.without(outcomes)
  const locked = new Set(open.length > 0 ? (await stillRunning(db, open)).map(key) : [])
  await updateDependents(db, ends)
  return outcomes.map((outcome) => ends.of(outcome) ?? (locked.has(key(outcome)) ? 'locked' : 'refused'))
}

/** The same as `finishUnlocked`, but it then waits for the rows that somebody else had locked, one by one. */
export async function finishAttempts(db: Db, outcomes: readonly Outcome[]): Promise<Settled[]> {
  const settled = await finishUnlocked(db, outcomes)
  for (const [index, outcome] of outcomes.entries()) {
    if (settled[index] !== 'locked') continue
    const ends = await writeAll(db, [outcome], 'wait')
    await updateDependents(db, ends)
    settled[index] = ends.of(outcome) ?? 'refused'
  }
  return settled as Settled[]
}

/**
 * Writes the end of an attempt that a service outside reports, under the same fence. False where the attempt no longer
 * holds its job, or is to be stopped because it was canceled or its organization was deleted. In the last two cases the
 * worker writes the end, once its handler has ended.
 */
export async function finishReported(db: Db, outcome: Outcome, by: Actor): Promise<boolean> {
  const ends = new Ends()
  await write(db, outcome.kind, [outcome], ends, 'wait', by)
  await updateDependents(db, ends)
  return ends.of(outcome) !== undefined
}

/** Runs the most frequent statement over no jobs, so that a connection knows it before it is needed. */
export async function finishNothing(tx: Tx): Promise<void> {
  await writeOutcomes(tx, 'complete', [], 'skip', worker)
}

/**
 * It writes first what the attempts report. Then it writes the ends of those for which a cancel or a deletion had
 * decided before. Most attempts end as they report, and then nothing is left to ask.
 */
async function writeAll(db: Db, outcomes: readonly Outcome[], lock: Lock): Promise<Ends> {
  const ends = new Ends()
  for (const kind of Object.keys(OUTCOME_PLANS) as OutcomeKind[]) {
    const some = outcomes.filter((outcome) => outcome.kind === kind)
    if (some.length > 0) await write(db, kind, some, ends, lock, worker)
  }
  for (const as of Object.keys(DECIDED_PLANS) as (keyof typeof DECIDED_PLANS)[]) {
    const open = ends.without(outcomes)
    if (open.length === 0) continue
    const ended = await retryConflicts(() => writeDecided(db, as, open, lock, worker))
    ends.add(ended, as, DECIDED_PLANS[as])
  }
  return ends
}

async function write<Kind extends OutcomeKind>(
  db: Db,
  kind: Kind,
  outcomes: readonly OutcomeOf<Kind>[],
  ends: Ends,
  lock: Lock,
  by: Actor,
): Promise<void> {
  const ended = await retryConflicts(() => writeOutcomes(db, kind, outcomes, lock, by))
  ends.add(ended, 'written', OUTCOME_PLANS[kind])
}

/** The ends that were written, and the jobs among them that others wait for. */
class Ends {
  /** Jobs that completed. Jobs that wait for them may go on. */
  readonly completed: string[] = []
  /** Jobs that died or were canceled. Jobs that wait for them to complete die, too. */
  readonly dead: string[] = []
  private readonly settled = new Map<string, Settled>()

  add(ended: readonly Ended[], as: Settled, { dependents }: EndPlan): void {
    for (const { job_id, attempt, parent } of ended) {
      this.settled.set(key({ jobId: job_id, attempt }), as)
      if (parent && dependents !== null) this[dependents === 'go on' ? 'completed' : 'dead'].push(job_id)
    }
  }

  of(outcome: AttemptRef): Settled | undefined {
    return this.settled.get(key(outcome))
  }

  without<Ref extends AttemptRef>(outcomes: readonly Ref[]): Ref[] {
    return outcomes.filter((outcome) => !this.settled.has(key(outcome)))
  }
}

/** The job's id alone is not enough, because a late report of an earlier attempt may be in the same batch. */
const key = ({ jobId, attempt }: AttemptRef) => `${jobId} ${attempt}`
