import { Prisma, type DbOrTx } from '@/server/db'
import type { LogLevel } from '@/server/generated/prisma/enums'
import { holdsOf, type HoldAct, type JobHold } from '../../domain/job-holds'
import { CLOCK_SKEW_MS, idAt } from '../../domain/id-time'
import { toActor, type ActorColumns } from './actor'

const { sql } = Prisma

/** Log lines of about the same moment, with their number and their most severe level. */
export interface LogMoment {
  at: Date
  count: number
  level: LogLevel
}

/**
 * The time of an attempt is cut into so many pieces, and the lines of each piece are one moment of the timeline. More
 * would lie too close together on a screen.
 */
const PIECES = 100
/** The most acts on one target that are read from the life of a job. */
const MOST_ACTS = 200

/**
 * What a job's timeline shows beside its attempts and transitions: the pauses and open circuits that held its kind back
 * while it lived, and when its handler wrote log lines. The caller's right to read the job was checked before.
 */
export async function jobTimeline(db: DbOrTx, jobId: string): Promise<{ holds: JobHold[]; logs: LogMoment[] }> {
  const [acts, logs] = await Promise.all([actsOn(db, jobId), logMoments(db, jobId)])
  return { holds: acts ? holdsOf(acts.acts, acts) : [], logs }
}

/**
 * The pauses, suspensions and circuits of a job's kind: the last act on each before the job, those during it, and the
 * first one after it that ends what still held its kind when the job ended.
 */
async function actsOn(db: DbOrTx, jobId: string) {
  const [job] = await db.$queryRaw<{ organizationId: string; jobType: string; from: Date; to: Date | null }[]>`
    SELECT organization_id AS "organizationId", job_type AS "jobType", created_at AS "from", finished_at AS "to"
    FROM jobs WHERE id = ${jobId}::uuid`
  if (!job) return null
  // The id begins with the time, so that the index is read within the time alone.
  const begin = sql`${idAt(job.from.getTime() - CLOCK_SKEW_MS)}::uuid`
  const end = job.to && sql`${idAt(job.to.getTime() + CLOCK_SKEW_MS)}::uuid`
  const ofTarget = sql`e.target_id = t.id AND e.target_type = t.type AND e.action = ANY(t.actions)
    AND (t.type <> 'circuit' OR e.organization_id = ${job.organizationId}::uuid)`
  const columns = sql`e.id, e.at, e.action, e.target_type AS "targetType", e.reason,
    e.actor_type AS "actorType", e.actor_id AS "actorId", e.actor_name AS "actorName"`
  const rows = await db.$queryRaw<(Omit<HoldAct, 'by'> & ActorColumns)[]>`
    SELECT a.* FROM (VALUES ('platform', 'platform', ${PAUSES}::text[]), ('jobType', ${job.jobType}, ${PAUSES}::text[]),
      ('circuit', ${job.jobType}, ${CIRCUITS}::text[]), ('organization', ${job.organizationId}, ${PAUSES}::text[]),
      ('organization', ${job.organizationId}, ${SUSPENSIONS}::text[])) AS t(type, id, actions)
    CROSS JOIN LATERAL (
      (SELECT ${columns} FROM audit_events e WHERE ${ofTarget} AND e.id < ${begin} ORDER BY e.id DESC LIMIT 1)
      UNION ALL
      (SELECT ${columns} FROM audit_events e WHERE ${ofTarget} AND e.id >= ${begin} ${end ? sql`AND e.id < ${end}` : Prisma.empty} ORDER BY e.id LIMIT ${MOST_ACTS})
      ${end ? sql`UNION ALL (SELECT ${columns} FROM audit_events e WHERE ${ofTarget} AND e.id >= ${end} AND e.action = ANY(${ENDS}::text[]) ORDER BY e.id LIMIT 1)` : Prisma.empty}
    ) a
    ORDER BY a.id`
  return { ...job, acts: rows.map((row) => ({ ...row, by: toActor(row) })) }
}

// An organization may be paused and suspended at once. Each has its own last act before the job.
const PAUSES = ['control.pause', 'control.resume']
const SUSPENSIONS = ['organization.suspend', 'organization.resume']
const CIRCUITS = ['circuit.open', 'circuit.close']
const ENDS = ['control.resume', 'organization.resume', 'circuit.close']

/** An attempt counts as at least a millisecond long, because nothing can be divided by zero. */
const logMoments = (db: DbOrTx, jobId: string) =>
  db.$queryRaw<LogMoment[]>`
    SELECT min(l.at) AS at, count(*)::int AS count, max(l.level) AS level
    FROM job_logs l JOIN job_attempts a ON a.job_id = l.job_id AND a.attempt = l.attempt
    WHERE l.job_id = ${jobId}::uuid
    GROUP BY l.attempt, floor(${PIECES}::int * extract(epoch FROM l.at - a.started_at)
      / greatest(0.001, extract(epoch FROM COALESCE(a.ended_at, clock_timestamp()) - a.started_at)))
    ORDER BY 1`
