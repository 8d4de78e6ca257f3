import { Prisma } from '@/server/db'

const { sql } = Prisma

// Pieces of the statements that end attempts. As in store/transition.ts, `j` is the job, `s` is the row that reports
// its end, and `m` is the job after it moved. The transition has to return what a piece reads of `m`.

/** Assignments: no worker has the job any more. */
export const released = sql`lease_until = NULL, worker_id = NULL, condemned = NULL`

/** Assignments: the job gets the error of the attempt. */
export const errorOfJob = sql`error_message = s.error_message, error_class = s.error_class, error_fingerprint = s.error_fingerprint`

/**
 * Assignments of a running job that ends because its organization was deleted. Its fingerprint is that of the jobs that
 * were waiting then, so that all of them are one cause.
 */
export const diedCondemned = sql`finished_at = clock_timestamp(), error_message = j.condemned, error_class = 'PERMANENT',
  error_fingerprint = j.condemned`

/**
 * Columns that `closeAttempts` reads besides the outcome: the attempt ended without an error, or with the error of `s`.
 */
export const noError = sql`NULL::text AS a_message, NULL::"ErrorClass" AS a_class, NULL::text AS a_fingerprint, NULL::text AS a_stack`
export const withError = sql`s.error_message AS a_message, s.error_class AS a_class, s.error_fingerprint AS a_fingerprint, s.error_stack AS a_stack`

/** CTE: writes the end into the row of the attempt. */
export const closeAttempts = sql`attempts AS (
  UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = m.outcome::"AttemptOutcome",
    error_message = m.a_message, error_class = m.a_class, error_fingerprint = m.a_fingerprint, error_stack = m.a_stack
  FROM moved m WHERE a.job_id = m.job_id AND a.attempt = m.attempt)`

/** CTE: the same for attempts that reported no error, because their worker was lost. */
export const closeLostAttempts = sql`attempts AS (
  UPDATE job_attempts a SET ended_at = clock_timestamp(), outcome = m.outcome::"AttemptOutcome"
  FROM moved m WHERE a.job_id = m.job_id AND a.attempt = m.attempt)`

/** CTE: stores what the handler returned. */
export const keepResults = sql`results AS (
  INSERT INTO job_results (job_id, result)
  SELECT s.job_id, COALESCE(s.result, 'null'::jsonb) FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt WHERE s.has_result
  ON CONFLICT (job_id) DO UPDATE SET result = EXCLUDED.result)`

/** CTE: stores the names of the files that the handler left. */
export const keepArtifacts = sql`files AS (
  INSERT INTO artifacts (id, job_id, attempt, name, content_type, size, storage_key)
  SELECT f.id, s.job_id, s.attempt, f.name, f.content_type, f.size, f.storage_key
  FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt
  CROSS JOIN jsonb_to_recordset(s.artifacts) AS f(id uuid, name text, content_type text, size bigint, storage_key text)
  WHERE s.artifacts IS NOT NULL)`

/** The answer: the jobs that ended, each with whether others wait for it. */
export const withDependents = sql`
  SELECT job_id, attempt, from_status, EXISTS (SELECT 1 FROM job_dependencies d WHERE d.parent_id = m.job_id) AS parent FROM moved m`
