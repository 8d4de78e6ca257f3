import { Prisma, statementName, type Db } from '@/server/db'
import { retryConflicts } from '../../store/transaction'
import { CHANNELS, notify } from '../../store/signals'
import { joinJobs, lockJobs } from '../../store/by-id'

// Stores what running handlers report: their progress and their log lines.

/** How many log lines of a job are kept. */
const MAX_LOG_LINES = 10_000

export interface ProgressReport {
  jobId: string
  attempt: number
  organizationId: string
  progress: number
  message: string | null
}

export interface LogReport {
  jobId: string
  attempt: number
  level: 'INFO' | 'WARN' | 'ERROR'
  message: string
  /** By the worker's clock. The lines of one attempt are ordered by their number, not by time. */
  at: Date
}

/**
 * Writes the latest progress of many attempts in one statement and shows it to viewers. A report of
 * an attempt that no longer holds its job changes nothing. A job whose row another transaction holds is left
 * out, so that one long transaction does not hold up the others' progress.
 *
 * @returns the reports that were left out and are still to be written
 */
export async function reportProgress(db: Db, reports: readonly ProgressReport[]): Promise<ProgressReport[]> {
  const rows = JSON.stringify(
    reports.map(({ jobId, attempt, progress, message }) => ({ job_id: jobId, attempt, progress, message })),
  )
  // `held` are the attempts that still hold their job. Those of them that are not written have a locked row.
  const held = await retryConflicts(() =>
    db.$queryRaw<{ id: string; at: Date | null }[]>(Prisma.sql`${statementName('progress')}
      WITH held AS MATERIALIZED (
        SELECT j.id, s.attempt, s.progress, s.message
        FROM jsonb_to_recordset(${rows}::jsonb) AS s(job_id uuid, attempt int, progress int, message text) ${joinJobs(Prisma.sql`s.job_id`)}
        WHERE j.status = 'RUNNING' AND j.attempt = s.attempt
      ),
      locked AS MATERIALIZED (
        SELECT s.job_id AS id, s.progress, s.message FROM (SELECT id AS job_id, attempt, progress, message FROM held ORDER BY id) s
        ${lockJobs(['RUNNING'], Prisma.sql`j.attempt = s.attempt`, 'skip')}
      ),
      -- The ids once more as an array, so that a plan for a nearly empty table does not read all jobs.
      written AS (
        UPDATE jobs j SET progress = l.progress, progress_message = l.message, progress_at = clock_timestamp() FROM locked l WHERE j.id = l.id AND j.id = ANY(ARRAY(SELECT id FROM locked))
        RETURNING j.id, clock_timestamp() AS at
      )
      SELECT h.id, w.at FROM held h LEFT JOIN written w ON w.id = h.id`),
  )
  const at = new Map(held.flatMap((row) => (row.at ? [[row.id, row.at.toISOString()]] : [])))
  const shown = reports.flatMap(({ organizationId, jobId, attempt, progress, message }) => {
    const when = at.get(jobId)
    if (!when) return []
    return [
      JSON.stringify([organizationId, jobId, attempt, progress, message?.slice(0, SHOWN_CHARACTERS) ?? null, when]),
    ]
  })
  for (const some of inPayloads(shown)) await notify(db, CHANNELS.events, `{"progress":[${some.join(',')}]}`)
  const left = new Set(held.filter((row) => !row.at).map((row) => row.id))
  return reports.filter((report) => left.has(report.jobId))
}

/** So many characters of a message are shown while it is the latest. JSON needs up to six bytes for one of them. */
const SHOWN_CHARACTERS = 300
/** PostgreSQL accepts less than 8,000 bytes in one payload. */
const MOST_BYTES = 7_900

/** Puts as many reports into each payload as it has room for. One report always fits. */
function inPayloads(reports: readonly string[]): string[][] {
  const payloads: string[][] = []
  let bytes = Infinity
  for (const report of reports) {
    const own = Buffer.byteLength(report) + 1
    bytes += own
    if (bytes > MOST_BYTES) {
      payloads.push([])
      bytes = own + Buffer.byteLength('{"progress":[]}')
    }
    payloads.at(-1)!.push(report)
  }
  return payloads
}

/**
 * Appends log lines. Their numbers follow those that the job has. Beyond 10,000 lines of a job they are dropped. A worker
 * makes one call after the other: two at once would give lines of one job the same numbers, and some would be dropped.
 */
export async function appendLogs(db: Db, lines: readonly LogReport[]): Promise<void> {
  const rows = JSON.stringify(
    lines.map((line) => ({
      job_id: line.jobId,
      attempt: line.attempt,
      level: line.level,
      message: line.message,
      at: line.at,
    })),
  )
  await retryConflicts(() =>
    db.$executeRaw(Prisma.sql`${statementName('logs')}
      WITH source AS (
        SELECT s.* FROM ROWS FROM (jsonb_to_recordset(${rows}::jsonb) AS (job_id uuid, attempt int, level text, message text, at timestamptz))
          WITH ORDINALITY AS s(job_id, attempt, level, message, at, n)
      ),
      held AS (
        SELECT DISTINCT j.id, j.attempt, COALESCE((SELECT max(l.line) FROM job_logs l WHERE l.job_id = j.id), 0) AS line
        FROM source s ${joinJobs(Prisma.sql`s.job_id`)} WHERE j.status = 'RUNNING' AND j.attempt = s.attempt
      ),
      numbered AS (
        SELECT s.*, h.line + row_number() OVER (PARTITION BY s.job_id ORDER BY s.n) AS line
        FROM source s JOIN held h ON h.id = s.job_id AND h.attempt = s.attempt
      )
      INSERT INTO job_logs (job_id, line, attempt, level, message, at)
      SELECT job_id, line, attempt, level::"LogLevel", message, at FROM numbered WHERE line <= ${MAX_LOG_LINES}
      ON CONFLICT DO NOTHING`),
  )
}
