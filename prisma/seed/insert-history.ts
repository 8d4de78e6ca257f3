import { Prisma, type Tx } from '@/server/db'
import { indexJobs, type IndexCursor } from '@/server/engine'
import { isDueAt, rankAt } from '@/server/engine/store/rank'
import { queueOf } from '@/worker/catalog/catalog'
import type { Life } from './life'
import type { PastWorker } from './history'

/**
 * How many jobs one statement inserts: so many that the time of round trips does not matter, and so few that they fit
 * into one parameter.
 */
const BATCH = 2000
const QUEUE = queueOf('sample.work')

/** Writes lives as rows, with a few statements for each batch. */
export async function insertHistory(tx: Tx, lives: readonly Life[], workers: readonly PastWorker[], now: number) {
  await tx.worker.createMany({
    data: workers.map(({ id, host, startedAt }) => {
      // They stopped a minute ago, so nobody takes them for workers that are alive.
      const stoppedAt = new Date(now - 60_000)
      return {
        id,
        host,
        pid: 1,
        isolatedSlots: 4,
        inlineSlots: 100,
        startedAt: new Date(startedAt),
        lastSeenAt: stoppedAt,
        stoppedAt,
      }
    }),
  })
  for (let from = 0; from < lives.length; from += BATCH) {
    const batch = lives.slice(from, from + BATCH)
    await insertJobs(tx, batch)
    await insertAttempts(tx, batch)
    await insertTransitions(tx, batch)
    await insertLogs(tx, batch)
  }
  let before: IndexCursor = null
  do ({ before } = await indexJobs(tx, before))
  while (before !== null)
}

const rows = (lives: readonly Life[], make: (life: Life) => object[]) => JSON.stringify(lives.flatMap(make))
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

async function insertJobs(tx: Tx, lives: readonly Life[]) {
  const given = rows(lives, ({ job }) => [
    {
      ...job,
      ...Object.fromEntries(
        (
          [
            'run_at',
            'next_retry_at',
            'cancel_requested_at',
            'canceled_at',
            'created_at',
            'queued_at',
            'started_at',
            'finished_at',
          ] as const
        ).map((column) => [column, iso(job[column])]),
      ),
      submitted_by_type: job.submitted_by.type.toUpperCase(),
      submitted_by_id: job.submitted_by.id,
      submitted_by_name: job.submitted_by.name,
      error_message: job.error?.message,
      error_class: job.error?.class,
      error_fingerprint: job.error?.fingerprint,
      has_result: job.result !== undefined,
    },
  ])
  // dedupe_hash stays null, as with dedupe: false. So rows of the past need no claim.
  await tx.$executeRaw`
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${given}::jsonb) AS g(
        id uuid, organization_id uuid, job_type text, status "JobStatus", priority "JobPriority",
        submitted_by_type "ActorType", submitted_by_id uuid, submitted_by_name text, dispatch int, attempt int,
        failures int, lost int, max_retries int, timeout_seconds int, run_at timestamptz, next_retry_at timestamptz,
        progress smallint, progress_message text, error_message text, error_class "ErrorClass", error_fingerprint text,
        cancel_requested_at timestamptz, canceled_by jsonb, cancel_reason text, canceled_at timestamptz,
        created_at timestamptz, queued_at timestamptz, started_at timestamptz, finished_at timestamptz,
        parameters jsonb, result jsonb, has_result boolean)
    ), new_jobs AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, priority, submitted_by_type,
        submitted_by_id, submitted_by_name, dispatch, attempt, failures, lost, max_retries, timeout_seconds, run_at,
        next_retry_at, rank_at, is_due, progress, progress_message, error_message, error_class, error_fingerprint,
        cancel_requested_at, canceled_by, cancel_reason, canceled_at, created_at, queued_at, started_at, finished_at)
      SELECT id, organization_id, job_type, 1, ${QUEUE}::"JobQueue", status, priority, submitted_by_type,
        submitted_by_id, submitted_by_name, dispatch, attempt, failures, lost, max_retries, timeout_seconds, run_at,
        next_retry_at,
        ${rankAt(Prisma.sql`COALESCE(next_retry_at, run_at)`, Prisma.sql`priority`)},
        ${isDueAt(Prisma.sql`COALESCE(next_retry_at, run_at)`)},
        progress, progress_message, error_message, error_class, error_fingerprint,
        cancel_requested_at, canceled_by, cancel_reason, canceled_at, created_at, queued_at, started_at, finished_at
      FROM given RETURNING id
    ), usage AS (
      INSERT INTO usage_deltas (organization_id, delta, completed, canceled, dead)
      SELECT organization_id, count(*) FILTER (WHERE status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')),
        count(*) FILTER (WHERE status = 'COMPLETED'), count(*) FILTER (WHERE status = 'CANCELED'), count(*) FILTER (WHERE status = 'DEAD_LETTER')
      FROM given GROUP BY organization_id
    ), new_inputs AS (
      INSERT INTO job_inputs (job_id, organization_id, job_type, priority, submitted_by_id, parameters, created_at)
      SELECT id, organization_id, job_type, priority, submitted_by_id, parameters, created_at FROM given
    )
    INSERT INTO job_results (job_id, result) SELECT id, result FROM given WHERE has_result`
}

async function insertAttempts(tx: Tx, lives: readonly Life[]) {
  const given = rows(lives, ({ job, attempts }) =>
    attempts.map((attempt) => ({
      ...attempt,
      job_id: job.id,
      organization_id: job.organization_id,
      job_type: job.job_type,
      ready_at: iso(attempt.ready_at),
      queued_at: iso(attempt.queued_at),
      started_at: iso(attempt.started_at),
      ended_at: iso(attempt.ended_at),
      error_message: attempt.error?.message,
      error_class: attempt.error?.class,
      error_fingerprint: attempt.error?.fingerprint,
      error_stack: attempt.error?.stack,
    })),
  )
  await tx.$executeRaw`
    INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, worker_id, ready_at, queued_at, started_at,
      ended_at, outcome, error_message, error_class, error_fingerprint, error_stack, seeded)
    SELECT *, true FROM jsonb_to_recordset(${given}::jsonb) AS g(
      job_id uuid, attempt int, organization_id uuid, job_type text, worker_id uuid, ready_at timestamptz,
      queued_at timestamptz, started_at timestamptz, ended_at timestamptz, outcome "AttemptOutcome",
      error_message text, error_class "ErrorClass", error_fingerprint text, error_stack text)`
}

async function insertTransitions(tx: Tx, lives: readonly Life[]) {
  const given = rows(lives, ({ job, transitions }) =>
    transitions.map((step, sequence) => ({
      ...step,
      at: iso(step.at),
      sequence,
      job_id: job.id,
      organization_id: job.organization_id,
      actor_type: step.actor.type.toUpperCase(),
      actor_id: step.actor.id,
      actor_name: step.actor.name,
    })),
  )
  // Rows are inserted in the order of time, so that their ids rise with it.
  await tx.$executeRaw`
    INSERT INTO execution_logs (job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name, message, at)
    SELECT job_id, organization_id, from_status, to_status, attempt, actor_type, actor_id, actor_name, message, at
    FROM jsonb_to_recordset(${given}::jsonb) AS g(
      job_id uuid, organization_id uuid, from_status "JobStatus", to_status "JobStatus", attempt int,
      actor_type "ActorType", actor_id uuid, actor_name text, message text, at timestamptz, sequence int)
    ORDER BY at, job_id, sequence`
}

async function insertLogs(tx: Tx, lives: readonly Life[]) {
  const given = rows(lives, ({ job, logs }) =>
    logs.map((line, index) => ({ ...line, at: iso(line.at), job_id: job.id, line: index + 1 })),
  )
  await tx.$executeRaw`
    INSERT INTO job_logs (job_id, line, attempt, level, message, at)
    SELECT * FROM jsonb_to_recordset(${given}::jsonb) AS g(
      job_id uuid, line int, attempt int, level "LogLevel", message text, at timestamptz)`
}
