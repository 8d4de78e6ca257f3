import { Prisma, type Db, type Tx } from '@/server/db'
import type { Actor } from '../domain/types'

// Remembers what people did about a cause of dead letters, and what became of the jobs.

const { sql } = Prisma

/** Of an act, what becomes of so many jobs of each cause is remembered. That is enough to tell whether the act helped. */
export const FOLLOWED = 200

/** A dead letter, and the cause that it died of. */
export interface DeadJob {
  jobId: string
  organizationId: string
  jobType: string
  fingerprint: string
}

/** Returns the jobs that are dead letters, as they are before something is done about them. */
export function deadOf(tx: Tx, jobIds: readonly string[]): Promise<DeadJob[]> {
  return tx.$queryRaw<DeadJob[]>`
    SELECT j.id AS "jobId", j.organization_id AS "organizationId", j.job_type AS "jobType", j.error_fingerprint AS fingerprint
    FROM jobs j WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND j.status = 'DEAD_LETTER'`
}

/**
 * Writes down, for each cause, what was last done about its dead letters. Of one decision that is carried out in
 * parts (`actId`) the jobs add up; an earlier decision about the same cause is forgotten, with its jobs.
 */
export async function noteAct(
  tx: Tx,
  { actId, kind, actor, reason }: { actId: string; kind: 'RETRY' | 'DELETE'; actor: Actor; reason?: string },
  dead: readonly DeadJob[],
): Promise<void> {
  if (dead.length === 0) return
  const rows = sql`jsonb_to_recordset(${JSON.stringify(dead)}::jsonb) AS d("jobId" uuid, "organizationId" uuid, "jobType" text, fingerprint text)`
  // In key order, so that of two acts about the same causes one waits for the other, and there is no deadlock.
  await tx.$executeRaw`
    INSERT INTO cause_acts AS a (organization_id, job_type, error_fingerprint, act_id, kind, acted_by, reason, jobs, at)
    SELECT d."organizationId", d."jobType", d.fingerprint, ${actId}::uuid, ${kind}::"BulkKind", ${JSON.stringify(actor)}::jsonb,
      ${reason ?? null}::text, count(*)::int, clock_timestamp()
    FROM ${rows} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (organization_id, job_type, error_fingerprint) DO UPDATE SET act_id = EXCLUDED.act_id, kind = EXCLUDED.kind,
      acted_by = EXCLUDED.acted_by, reason = EXCLUDED.reason, at = EXCLUDED.at,
      jobs = EXCLUDED.jobs + CASE WHEN a.act_id = EXCLUDED.act_id THEN a.jobs ELSE 0 END`
  const followed = sql`f.organization_id = d."organizationId" AND f.job_type = d."jobType" AND f.error_fingerprint = d.fingerprint`
  await tx.$executeRaw`DELETE FROM cause_act_jobs f USING ${rows} WHERE ${followed} AND f.act_id <> ${actId}::uuid`
  if (kind === 'DELETE') return
  await tx.$executeRaw`
    INSERT INTO cause_act_jobs (organization_id, job_type, error_fingerprint, job_id, act_id)
    SELECT "organizationId", "jobType", fingerprint, "jobId", ${actId}::uuid FROM (
      SELECT d.*, row_number() OVER (PARTITION BY "organizationId", "jobType", fingerprint ORDER BY "jobId") AS place FROM ${rows}) d
    WHERE place + (SELECT count(*) FROM cause_act_jobs f WHERE ${followed}) <= ${FOLLOWED}::int
    ON CONFLICT DO NOTHING`
}

/** Days for which an act is kept. Most jobs are kept for as long. */
const KEPT_DAYS = 30
/** Causes that one run forgets. */
const PRUNE = 500

/**
 * Forgets what was done long ago. It also forgets that a cause was ignored, once the condition for that has ended. So
 * the cause stays in the lists, even when the dead letters that ended the condition are gone.
 */
export async function pruneCauses(db: Db): Promise<void> {
  // An act that is renewed at this moment, in a transaction that a caller may keep open, is neither waited for nor
  // forgotten.
  await db.$executeRaw`
    DELETE FROM cause_acts a USING (
      SELECT organization_id, job_type, error_fingerprint FROM cause_acts
      WHERE at < statement_timestamp() - ${KEPT_DAYS} * interval '1 day' ORDER BY at LIMIT ${PRUNE} FOR UPDATE SKIP LOCKED) old
    WHERE a.organization_id = old.organization_id AND a.job_type = old.job_type AND a.error_fingerprint = old.error_fingerprint`
  await db.$executeRaw`DELETE FROM ignored_causes i WHERE NOT ${stillIgnored}`
}

/**
 * Condition: the cause of row `i` of ignored_causes is still ignored. It no longer is when `until` has passed, or when
 * more than `per_hour` jobs have died of it within one hour since it was ignored.
 */
export const stillIgnored = sql`(
  (i.until IS NULL OR i.until > clock_timestamp())
  AND (i.per_hour IS NULL OR NOT EXISTS (
    SELECT 1 FROM (
      SELECT j.finished_at - lag(j.finished_at, i.per_hour) OVER (ORDER BY j.finished_at) AS apart FROM jobs j
      WHERE j.status = 'DEAD_LETTER' AND j.organization_id = i.organization_id AND j.job_type = i.job_type
        AND j.error_fingerprint = i.error_fingerprint AND j.finished_at >= i.ignored_at) w
    WHERE w.apart <= interval '1 hour')))`
