import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { notVisible } from '../domain/errors'
import { dueAt, type Missed, type Overlap } from '../domain/schedule/recurrence'
import type { Actor, JobPriority, Json, Scope } from '../domain/types'
import { inScope } from './reads/job-view'

// Reads and stores schedules and their runs.

const { sql } = Prisma

/** A schedule as it is kept. */
export interface ScheduleRow {
  id: string
  organizationId: string
  name: string
  jobType: string
  cron: string
  timeZone: string
  /** As everybody may read them. */
  parameters: Json
  /** As they are submitted. Null where that is the same. */
  unmasked: Json
  /** Null: the job type's. */
  priority: JobPriority | null
  missed: Missed
  overlap: Overlap
  jitterSeconds: number
  /** Between which times it runs. Null is no bound. */
  startAt: Date | null
  endAt: Date | null
  enabled: boolean
  /** The next planned time, before its jitter. Null where none comes. */
  nextRunAt: Date | null
  createdBy: Actor
  createdAt: Date
  updatedAt: Date
}

/** The columns of `ScheduleRow`. They read `s`, the schedule. */
export const scheduleColumns = sql`s.id, s.organization_id AS "organizationId", s.name, s.job_type AS "jobType", s.cron, s.time_zone AS "timeZone",
  s.parameters, s.unmasked, s.priority, s.missed, lower(s.overlap::text) AS overlap, s.jitter_seconds AS "jitterSeconds", s.start_at AS "startAt", s.end_at AS "endAt",
  s.enabled, s.next_run_at AS "nextRunAt", s.created_by AS "createdBy", s.created_at AS "createdAt", s.updated_at AS "updatedAt"`

/**
 * Condition: no run of the organization `o` is submitted, because it is not active, or it or the platform is paused.
 */
export const holdsSchedules = sql`(o.status <> 'ACTIVE' OR EXISTS (
  SELECT 1 FROM pauses p WHERE p.scope = 'PLATFORM' OR (p.scope = 'ORGANIZATION' AND p.target = o.id::text)))`

/** The refusal for a schedule that does not exist or belongs to others. */
export const noSchedule = (scheduleId: string) => notVisible('schedule', scheduleId)

/** One schedule, locked, with the database's time. Null where there is none. */
export async function lockSchedule(tx: Tx, scheduleId: string): Promise<{ schedule: ScheduleRow; now: Date } | null> {
  const [row] = await tx.$queryRaw<(ScheduleRow & { now: Date })[]>`
    SELECT ${scheduleColumns}, clock_timestamp() AS now FROM schedules s WHERE s.id = ${scheduleId}::uuid FOR NO KEY UPDATE`
  if (!row) return null
  const { now, ...schedule } = row
  return { schedule, now }
}

/** The organization of a schedule. Null where the schedule does not exist or is not in the scope. */
export async function scheduleOwner(db: DbOrTx, scheduleId: string, scope: Scope): Promise<string | null> {
  const [row] = await db.$queryRaw<{ organizationId: string }[]>`
    SELECT s.organization_id AS "organizationId" FROM schedules s JOIN organizations o ON o.id = s.organization_id
    WHERE s.id = ${scheduleId}::uuid AND ${inScope(sql`s.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`
  return row?.organizationId ?? null
}

/**
 * Writes the next planned time. While times have passed that are not decided yet, the schedule takes its turn behind
 * others.
 */
export async function moveOn(tx: Tx, schedule: ScheduleRow, next: Date | null): Promise<void> {
  const due = next && dueAt(schedule, next)
  await tx.$executeRaw`
    UPDATE schedules SET next_run_at = ${next}, due_at = GREATEST(${due}::timestamptz, CASE WHEN ${due}::timestamptz IS NULL THEN NULL ELSE clock_timestamp() END)
    WHERE id = ${schedule.id}::uuid`
}

/** What became of one planned time. */
export interface RunEntry {
  plannedAt: Date
  trigger: 'DUE' | 'NOW' | 'BACKFILL'
  jobId: string | null
  /** Why there is no job: OVERLAP, MISSED, or the reason of the refusal (domain/errors.ts). */
  skipped: string | null
  message?: string | null
  /** How many planned times it stands for besides its own. */
  missed?: number
}

/**
 * Writes what became of a planned time. An entry that has no job gives way to one that has. If it stood for other
 * missed times as well, it goes on standing for those that have no entry of their own yet.
 */
export async function writeRun(
  tx: Tx,
  schedule: Pick<ScheduleRow, 'id' | 'organizationId'>,
  run: RunEntry,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO schedule_runs AS r (schedule_id, planned_at, organization_id, trigger, decided_at, job_id, skipped, message, missed)
    VALUES (${schedule.id}::uuid, ${run.plannedAt}, ${schedule.organizationId}::uuid, ${run.trigger}::"RunTrigger", clock_timestamp(),
      ${run.jobId}::uuid, ${run.skipped}, ${run.message ?? null}, ${run.missed ?? 0})
    ON CONFLICT (schedule_id, planned_at) DO UPDATE
      SET trigger = EXCLUDED.trigger, decided_at = EXCLUDED.decided_at, job_id = EXCLUDED.job_id, skipped = EXCLUDED.skipped, message = EXCLUDED.message,
        missed = CASE WHEN r.missed = 0 THEN 0 ELSE GREATEST(0, r.missed - (
          SELECT count(*)::int FROM schedule_runs o
          WHERE o.schedule_id = r.schedule_id AND o.planned_at < r.planned_at AND o.decided_at > r.decided_at)) END
      WHERE r.job_id IS NULL AND EXCLUDED.job_id IS NOT NULL`
}

/** The job of a planned time, or null where none was submitted. */
export async function jobOfRun(tx: Tx, scheduleId: string, plannedAt: Date): Promise<string | null> {
  const [row] = await tx.$queryRaw<{ jobId: string | null }[]>`
    SELECT job_id AS "jobId" FROM schedule_runs WHERE schedule_id = ${scheduleId}::uuid AND planned_at = ${plannedAt}`
  return row?.jobId ?? null
}

/** How many of a schedule's latest runs with a job are looked through for unfinished jobs. */
const FORMER_RUNS = 200

/**
 * The unfinished jobs of former runs. Those of a backfill are left out: somebody asked for them all at once. The status
 * is compared as text, so that the jobs are looked up by their ids and not by an index on status (store/transition.ts).
 */
export async function unfinishedJobsOf(tx: Tx, scheduleId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT j.id FROM (
      SELECT r.job_id FROM schedule_runs r WHERE r.schedule_id = ${scheduleId}::uuid AND r.job_id IS NOT NULL AND r.trigger <> 'BACKFILL'
      ORDER BY r.planned_at DESC LIMIT ${FORMER_RUNS}) former
    JOIN jobs j ON j.id = former.job_id
    WHERE j.status::text NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')`
  return rows.map(({ id }) => id)
}
