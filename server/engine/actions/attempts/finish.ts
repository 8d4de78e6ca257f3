import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { wordsOf } from '../../domain/search-words'
import { systemActor, type Actor, type ErrorClass, type Json } from '../../domain/types'
import { freeHashes, keepHashesForWindow } from '../../store/admission/dedupe'
import { rankAt } from '../../store/rank'
import { keepErrorWords, keepMessageWords } from '../../store/reads/search'
import { retryConflicts } from '../../store/transaction'
import { transition, type Moved, type Transition } from '../../store/transition'
import { settleDependents } from '../jobs/dependents'

/** How a handler failed, as kept with the attempt and the job. */
export interface AttemptError {
  message: string
  class: ErrorClass
  fingerprint: string
  stack: string | null
}

export interface FinishedArtifact {
  id: string
  name: string
  contentType: string
  size: number
  storageKey: string
}

/** The end of one attempt, as its worker reports it. */
export type Outcome = { jobId: string; attempt: number } & (
  | { kind: 'complete'; result: Json; hasResult: boolean; dedupeWindowSeconds: number; artifacts: FinishedArtifact[] }
  | { kind: 'fail' | 'timeOut'; error: AttemptError; retryInSeconds: number }
  | { kind: 'dead'; timedOut: boolean; error: AttemptError }
  | { kind: 'handBack'; message: string }
)

/**
 * What became of a report. `canceled`: a cancel that was asked before won; `condemned`: its organization
 * was deleted meanwhile; `refused`: this attempt no longer holds the job, nothing was written.
 */
export type Settled = 'written' | 'canceled' | 'condemned' | 'refused'

const actor = systemActor('worker')

/**
 * Writes the ends of attempts, as many a statement as there are of a kind, and answers for each.
 * A cancel that was asked before always wins: the attempt then ends CANCELED whatever it reports.
 * What follows for jobs that wait for these is done as well. Rows that somebody holds delay no other:
 * they are answered `locked`, to be reported again.
 */
export async function finishUnlocked(db: Db, outcomes: readonly Outcome[]): Promise<(Settled | 'locked')[]> {
  const ends = await settleAll(db, outcomes, 'skip')
  const open = outcomes.filter((outcome) => !ends.settled.has(key(outcome)))
  const locked = new Set(open.length > 0 ? await stillHeld(db, open) : [])
  await settleDependents(db, ends)
  return outcomes.map((outcome) => ends.settled.get(key(outcome)) ?? (locked.has(key(outcome)) ? 'locked' : 'refused'))
}

/** `finishUnlocked`, which then waits for the rows that somebody held, one by one. */
export async function finishAttempts(db: Db, outcomes: readonly Outcome[]): Promise<Settled[]> {
  const settled = await finishUnlocked(db, outcomes)
  for (const [index, outcome] of outcomes.entries()) {
    if (settled[index] !== 'locked') continue
    const ends = await settleAll(db, [outcome], 'wait')
    await settleDependents(db, ends)
    settled[index] = ends.settled.get(key(outcome)) ?? 'refused'
  }
  return settled as Settled[]
}

/**
 * The end of an attempt as a service outside reports it, under the same fence. False where the attempt no
 * longer holds its job, or is to be stopped (canceled, organization deleted): how that ends is written by
 * the worker, whose handler has ended by then.
 */
export async function finishReported(db: Db, outcome: Outcome, by: Actor): Promise<boolean> {
  const ends: Ends = { settled: new Map(), completed: [], dead: [] }
  await settle(db, outcome.kind, [outcome], ends, 'wait', by)
  await settleDependents(db, ends)
  return ends.settled.size > 0
}

/** Which ends are written, and which of the jobs others wait for. */
interface Ends {
  settled: Map<string, Settled>
  completed: string[]
  dead: string[]
}

async function settleAll(db: Db, outcomes: readonly Outcome[], lock: 'skip' | 'wait'): Promise<Ends> {
  const ends: Ends = { settled: new Map(), completed: [], dead: [] }
  for (const kind of ['complete', 'fail', 'timeOut', 'dead', 'handBack'] as const) {
    const some = outcomes.filter((outcome) => outcome.kind === kind)
    if (some.length > 0) await settle(db, kind, some, ends, lock)
  }
  for (const settleRest of [settleCanceled, settleCondemned]) {
    const open = outcomes.filter((outcome) => !ends.settled.has(key(outcome)))
    if (open.length > 0) await settleRest(db, open, ends, lock)
  }
  return ends
}

/** Those that still run in this attempt: their rows were locked. */
async function stillHeld(db: Db, outcomes: readonly Outcome[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string; attempt: number }[]>`
    SELECT j.id, j.attempt FROM jsonb_to_recordset(${attemptRows(outcomes)}::jsonb) AS s(job_id uuid, attempt int)
    JOIN jobs j ON j.id = s.job_id AND j.attempt = s.attempt AND j.status = 'RUNNING'`
  return rows.map(({ id, attempt }) => key({ jobId: id, attempt }))
}

const attemptRows = (outcomes: readonly Outcome[]) =>
  JSON.stringify(outcomes.map(({ jobId, attempt }) => ({ job_id: jobId, attempt })))

type Kind = Outcome['kind']
const key = ({ jobId, attempt }: { jobId: string; attempt: number }) => `${jobId} ${attempt}`
const holds = Prisma.sql`j.attempt = s.attempt`
const released = Prisma.sql`lease_until = NULL, worker_id = NULL, condemned = NULL`

/** Answers also whether others wait for the job. */
const withChildren = Prisma.sql`
  SELECT job_id, attempt, from_status, EXISTS (SELECT 1 FROM job_dependencies d WHERE d.parent_id = m.job_id) AS parent FROM moved m`
type Ended = Moved & { parent?: boolean }

/** For a connection that is to know the most frequent statement before it is needed. */
export async function finishNothing(tx: Tx): Promise<void> {
  await writeEnds(tx, 'complete', [], 'skip')
}

async function settle(
  db: Db,
  kind: Kind,
  outcomes: readonly Outcome[],
  ends: Ends,
  lock: 'skip' | 'wait',
  by: Actor = actor,
) {
  const moved = await retryConflicts(() => writeEnds(db, kind, outcomes, lock, by))
  mark(outcomes, moved, ends, 'written', kind === 'complete' ? ends.completed : ends.dead)
}

function writeEnds(
  db: DbOrTx,
  kind: Kind,
  outcomes: readonly Outcome[],
  lock: 'skip' | 'wait',
  by: Actor = actor,
): Promise<Ended[]> {
  return transition<Ended>(db, {
    ...plans[kind](JSON.stringify(outcomes.map(toRow))),
    name: `${kind}_${lock}`,
    asJson: true,
    from: ['RUNNING'],
    fence: Prisma.sql`${holds} AND j.cancel_requested_at IS NULL AND j.condemned IS NULL`,
    lock,
    actor: by,
    ...(kind === 'complete' || kind === 'dead' ? { select: withChildren } : {}),
  })
}

async function settleCanceled(db: Db, outcomes: readonly Outcome[], ends: Ends, lock: 'skip' | 'wait') {
  const moved = await retryConflicts(() =>
    transition<Ended>(db, {
      name: `cancel_running_${lock}`,
      from: ['RUNNING'],
      to: 'CANCELED',
      source: Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${attemptRows(outcomes)}::jsonb) AS s(job_id uuid, attempt int)`,
      fence: Prisma.sql`${holds} AND j.cancel_requested_at IS NOT NULL`,
      lock,
      set: Prisma.sql`canceled_at = clock_timestamp(), finished_at = clock_timestamp(), ${released}`,
      actor,
      message: Prisma.sql`j.cancel_reason`,
      returning: Prisma.sql`j.job_type, j.dedupe_hash, 'CANCELED'::text AS outcome, ${noError}`,
      also: [closeAttempts, freeHashes],
      select: withChildren,
    }),
  )
  mark(outcomes, moved, ends, 'canceled', ends.dead)
}

/** Its organization was deleted while it ran: however it ends, it ends there. */
async function settleCondemned(db: Db, outcomes: readonly Outcome[], ends: Ends, lock: 'skip' | 'wait') {
  const moved = await retryConflicts(() =>
    transition<Ended>(db, {
      name: `condemn_${lock}`,
      from: ['RUNNING'],
      to: 'DEAD_LETTER',
      source: Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${attemptRows(outcomes)}::jsonb) AS s(job_id uuid, attempt int)`,
      fence: Prisma.sql`${holds} AND j.condemned IS NOT NULL AND j.cancel_requested_at IS NULL`,
      lock,
      set: Prisma.sql`${diedCondemned}, ${released}`,
      actor,
      message: Prisma.sql`j.error_message`,
      returning: Prisma.sql`j.job_type, j.dedupe_hash, 'CANCELED'::text AS outcome, ${noError}`,
      also: [closeAttempts, freeHashes, keepMessageWords],
      select: withChildren,
    }),
  )
  mark(outcomes, moved, ends, 'condemned', ends.dead)
}

/** Assignments of a running job that ends because it was condemned. */
export const diedCondemned = Prisma.sql`finished_at = clock_timestamp(), error_message = j.condemned, error_class = 'PERMANENT',
  error_fingerprint = 'condemned'`

function mark(outcomes: readonly Outcome[], moved: readonly Ended[], ends: Ends, as: Settled, parents: string[]): void {
  // Not by job alone: a late report of an earlier attempt may be in the same batch.
  const keys = new Set(moved.map((row) => key({ jobId: row.job_id, attempt: row.attempt })))
  for (const outcome of outcomes) if (keys.has(key(outcome))) ends.settled.set(key(outcome), as)
  for (const row of moved) if (row.parent) parents.push(row.job_id)
}

const noError = Prisma.sql`NULL::text AS a_message, NULL::"ErrorClass" AS a_class, NULL::text AS a_fingerprint, NULL::text AS a_stack`
const withError = Prisma.sql`s.error_message AS a_message, s.error_class AS a_class, s.error_fingerprint AS a_fingerprint, s.error_stack AS a_stack`
const errorOfJob = Prisma.sql`error_message = s.error_message, error_class = s.error_class, error_fingerprint = s.error_fingerprint`

const closeAttempts = Prisma.sql`attempts AS (
  UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = m.outcome::"AttemptOutcome",
    error_message = m.a_message, error_class = m.a_class, error_fingerprint = m.a_fingerprint, error_stack = m.a_stack
  FROM moved m WHERE a.job_id = m.job_id AND a.attempt = m.attempt)`

const keepResults = Prisma.sql`results AS (
  INSERT INTO job_results (job_id, result)
  SELECT s.job_id, COALESCE(s.result, 'null'::jsonb) FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt WHERE s.has_result
  ON CONFLICT (job_id) DO UPDATE SET result = EXCLUDED.result)`

const keepArtifacts = Prisma.sql`files AS (
  INSERT INTO artifacts (id, job_id, attempt, name, content_type, size, storage_key)
  SELECT f.id, s.job_id, s.attempt, f.name, f.content_type, f.size, f.storage_key
  FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt
  CROSS JOIN jsonb_to_recordset(s.artifacts) AS f(id uuid, name text, content_type text, size bigint, storage_key text)
  WHERE s.artifacts IS NOT NULL)`

type Plan = Pick<Transition, 'to' | 'source' | 'set' | 'message' | 'returning' | 'also'>

const failedRows = (rows: string) => Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(
  job_id uuid, attempt int, error_message text, error_class "ErrorClass", error_fingerprint text, error_stack text,
  error_words text, retry_in float8, outcome text)`

const failed =
  (to: 'FAILED' | 'TIMED_OUT') =>
  (rows: string): Plan => ({
    to,
    source: failedRows(rows),
    set: Prisma.sql`failures = j.failures + 1, next_retry_at = ${retryAt},
    rank_at = ${rankAt(retryAt, Prisma.sql`j.priority`)}, ${errorOfJob}, ${released}`,
    message: Prisma.sql`s.error_message`,
    returning: Prisma.sql`s.outcome, ${withError}`,
    also: [closeAttempts, keepErrorWords],
  })

/** When the retry is due. */
const retryAt = Prisma.sql`clock_timestamp() + s.retry_in * interval '1 second'`

const plans: Record<Kind, (rows: string) => Plan> = {
  complete: (rows) => ({
    to: 'COMPLETED',
    source: Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(
      job_id uuid, attempt int, result jsonb, has_result boolean, dedupe_window int, artifacts jsonb)`,
    set: Prisma.sql`progress = 100, finished_at = clock_timestamp(), ${released}`,
    returning: Prisma.sql`j.job_type, j.dedupe_hash, s.dedupe_window, 'COMPLETED'::text AS outcome, ${noError}`,
    also: [closeAttempts, keepHashesForWindow, keepResults, keepArtifacts],
  }),
  fail: failed('FAILED'),
  timeOut: failed('TIMED_OUT'),
  dead: (rows) => ({
    to: 'DEAD_LETTER',
    source: failedRows(rows),
    set: Prisma.sql`failures = j.failures + 1, finished_at = clock_timestamp(), ${errorOfJob}, ${released}`,
    message: Prisma.sql`s.error_message`,
    returning: Prisma.sql`j.job_type, j.dedupe_hash, s.outcome, ${withError}`,
    also: [closeAttempts, freeHashes, keepErrorWords],
  }),
  handBack: (rows) => ({
    to: 'PENDING',
    source: Prisma.sql`SELECT s.* FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int, message text)`,
    set: Prisma.sql`queued_at = NULL, progress = 0, progress_message = NULL, ${released}`,
    message: Prisma.sql`s.message`,
    returning: Prisma.sql`'HANDED_BACK'::text AS outcome, ${noError}`,
    also: [closeAttempts],
  }),
}

function toRow(outcome: Outcome): Record<string, unknown> {
  const row = { job_id: outcome.jobId, attempt: outcome.attempt }
  switch (outcome.kind) {
    case 'complete':
      return {
        ...row,
        result: outcome.result,
        has_result: outcome.hasResult,
        dedupe_window: outcome.dedupeWindowSeconds,
        artifacts:
          outcome.artifacts.length === 0
            ? null
            : outcome.artifacts.map((a) => ({ ...a, content_type: a.contentType, storage_key: a.storageKey })),
      }
    case 'handBack':
      return { ...row, message: outcome.message }
    default:
      return {
        ...row,
        error_message: outcome.error.message,
        error_class: outcome.error.class,
        error_fingerprint: outcome.error.fingerprint,
        error_stack: outcome.error.stack,
        error_words: wordsOf([outcome.error.message]).join(' '),
        retry_in: outcome.kind === 'dead' ? null : outcome.retryInSeconds,
        outcome: outcome.kind === 'timeOut' || (outcome.kind === 'dead' && outcome.timedOut) ? 'TIMED_OUT' : 'FAILED',
      }
  }
}

/** CTE shared with the rescue of lost attempts. */
export const closeLostAttempts = Prisma.sql`attempts AS (
  UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = m.outcome::"AttemptOutcome"
  FROM moved m WHERE a.job_id = m.job_id AND a.attempt = m.attempt)`
