import { Prisma, type Tx } from '@/server/db'
import type { Actor, JobPriority, Json } from '../domain/types'
import { asVector } from './reads/search'
import { dueAt, isDueAt, rankAt } from './rank'
import { WAKE_AHEAD_MS } from './signals'
import { HISTORY_XID, actorColumns } from './transition'

/** The changes of a job that waits. An undefined field stays as it is. */
export interface Amendment {
  jobId: string
  priority?: JobPriority
  /** When the job may run or, where it waits for its retry, when the retry starts. */
  due?: Date
  maxRetries?: number
  timeoutSeconds?: number
  /**
   * The parameters as they are, and as everybody may read them. Where nothing is sensitive, `masked` must be the same
   * object as `real`. Then only one of them is stored. The title and the search words follow from them.
   */
  parameters?: { real: Json; masked: Json; title: string; words: string }
  dedupeHash?: Buffer
}

/**
 * Changes a job that waits, and writes the amendment into its history: a row that has the same status on both sides.
 * The caller holds the job's row in a status that allows the change. Rank, run time and retry time all follow from one
 * due time, so they agree.
 *
 * @returns whether the job may run now or within WAKE_AHEAD_MS, apart from what holds it back. Dispatchers have to be
 *   woken.
 */
export async function amend(
  tx: Tx,
  { jobId, priority, due, maxRetries, timeoutSeconds, parameters, dedupeHash }: Amendment,
  { actor, message }: { actor: Actor; message: string },
): Promise<boolean> {
  const givenDue = Prisma.sql`${due ?? null}::timestamptz`
  // Where only the priority changes, the due time is computed from the rank. It is not read from run_at: when an
  // attempt fails or a person retries the job, the job gets a new due time, and run_at keeps the old one.
  const newDue = Prisma.sql`COALESCE(${givenDue}, ${dueAt(Prisma.sql`j.rank_at`, Prisma.sql`j.priority`)})`
  const newPriority = Prisma.sql`COALESCE(${priority ?? null}::"JobPriority", j.priority)`
  const changesParameters = parameters !== undefined
  const masked = JSON.stringify(parameters?.masked ?? null)
  const unmasked = parameters && parameters.real !== parameters.masked ? JSON.stringify(parameters.real) : null
  const [row] = await tx.$queryRaw<{ eligible: boolean }[]>`
    WITH amended AS (
      UPDATE jobs j SET
        priority = ${newPriority},
        run_at = CASE WHEN j.status = 'PENDING' THEN COALESCE(${givenDue}, j.run_at) ELSE j.run_at END,
        -- A PENDING job has a run time. A FAILED or TIMED_OUT job has the time of its retry instead.
        next_retry_at = CASE WHEN j.status = 'PENDING' THEN NULL ELSE COALESCE(${givenDue}, j.next_retry_at) END,
        rank_at = ${rankAt(newDue, newPriority)},
        is_due = ${isDueAt(newDue)},
        max_retries = COALESCE(${maxRetries ?? null}::int, j.max_retries),
        timeout_seconds = COALESCE(${timeoutSeconds ?? null}::int, j.timeout_seconds),
        dedupe_hash = COALESCE(${dedupeHash ?? null}::bytea, j.dedupe_hash),
        ${HISTORY_XID}
      WHERE j.id = ${jobId}::uuid
      RETURNING j.*
    ),
    inputs AS (
      UPDATE job_inputs i SET
        priority = COALESCE(${priority ?? null}::"JobPriority", i.priority),
        parameters = CASE WHEN ${changesParameters} THEN ${masked}::jsonb ELSE i.parameters END,
        unmasked = CASE WHEN ${changesParameters} THEN ${unmasked}::jsonb ELSE i.unmasked END
      WHERE i.job_id = ${jobId}::uuid AND ${changesParameters || priority !== undefined}
    ),
    search_words AS (
      -- A job of an earlier version may have no row here yet.
      INSERT INTO job_search AS f (job_id, organization_id, title, words)
      SELECT id, organization_id, ${parameters?.title ?? ''}, ${asVector(Prisma.sql`${parameters?.words ?? ''}`)} FROM amended WHERE ${changesParameters}
      -- The column cut is the version of the cutter of words. The new words have the present one, the default of the column.
      ON CONFLICT (job_id) DO UPDATE SET title = EXCLUDED.title, words = EXCLUDED.words, cut = EXCLUDED.cut
    ),
    history AS (
      INSERT INTO execution_logs (xid, job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name, message)
      SELECT history_xid, id, organization_id, status, status, attempt, ${actorColumns(actor)}, ${message} FROM amended
    )
    SELECT pending_parents = 0 AND ${dueAt(Prisma.sql`rank_at`, Prisma.sql`priority`)} <= clock_timestamp() + ${WAKE_AHEAD_MS} * interval '1 millisecond' AS eligible FROM amended`
  return row?.eligible ?? false
}
