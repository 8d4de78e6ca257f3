import { Prisma, type DbOrTx } from '@/server/db'
import { UNFINISHED_STATUSES } from '../../domain/state'
import type { JobPriority, JobStatus, Scope } from '../../domain/types'
import { waitingSince } from './filter-conditions'
import { inScope } from './job-view'
import { notMarkedYet, waitingAndDue } from '../due'
import { dueAt } from '../rank'

const { sql } = Prisma

/** Unfinished statuses of which there are few. PENDING is what is left. */
const FEW = UNFINISHED_STATUSES.filter((status) => status !== 'PENDING')

/**
 * How many jobs are in each status now. Waiting jobs and ended ones may be millions, so their numbers follow from the
 * sums that transitions keep (store/admission/usage.ts). The other unfinished jobs are counted in their index,
 * jobs_by_status_and_kind. `status <> 'COMPLETED'`, here and below, is the condition of this index. PostgreSQL does not
 * conclude it from a list of statuses.
 */
export async function countByStatus(db: DbOrTx, scope: Scope): Promise<Record<JobStatus, number>> {
  const mine = (column: string) => inScope(Prisma.raw(column), scope)
  const rows = await db.$queryRaw<{ status: JobStatus; count: number }[]>`
    WITH few AS (
      SELECT s.status, found.count FROM unnest(${FEW}::"JobStatus"[]) AS s(status)
      CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM jobs j
        WHERE j.status = s.status AND j.status <> 'COMPLETED' AND ${mine('j.organization_id')}) found)
    SELECT status, count FROM few
    UNION ALL
    SELECT e.status, e.count FROM (
      SELECT sum(unfinished)::int AS unfinished, sum(completed)::int AS completed, sum(canceled)::int AS canceled, sum(dead)::int AS dead FROM (
        SELECT unfinished, completed, canceled, dead FROM organization_usage u WHERE ${mine('u.organization_id')}
        UNION ALL SELECT delta, completed, canceled, dead FROM usage_deltas d WHERE ${mine('d.organization_id')}) added
    ) sums CROSS JOIN LATERAL (VALUES ('PENDING'::"JobStatus", unfinished - (SELECT sum(count)::int FROM few)),
      ('COMPLETED', completed), ('CANCELED', canceled), ('DEAD_LETTER', dead)) AS e(status, count)`
  return Object.fromEntries(rows.map(({ status, count }) => [status, Math.max(0, count ?? 0)])) as Record<
    JobStatus,
    number
  >
}

/** How many jobs of one type and priority could run now. */
export interface Waiting {
  jobType: string
  priority: JobPriority
  count: number
  /** Seconds since the oldest of them could have started. */
  oldest: number
}

/**
 * Jobs that could run now, whether or not they are in a queue, by job type and priority. The dispatcher's index holds
 * those that are in no queue with their due times, so only the index is read for them. Few jobs are in a queue. Few are
 * overdue, unless no worker is alive.
 */
export async function waitingNow(db: DbOrTx, scope: Scope): Promise<Waiting[]> {
  const mine = inScope(sql`j.organization_id`, scope)
  return db.$queryRaw<Waiting[]>`
    SELECT job_type AS "jobType", priority, sum(count)::int AS count,
      greatest(0, extract(epoch FROM clock_timestamp() - min(due)))::double precision AS oldest
    FROM (
      SELECT j.job_type, j.priority, count(*) AS count, ${dueAt(sql`min(j.rank_at)`, sql`j.priority`)} AS due
      FROM jobs j
      WHERE j.queue IN ('ISOLATED', 'INLINE') AND ${waitingAndDue} AND ${mine}
      GROUP BY j.job_type, j.priority
      UNION ALL
      SELECT j.job_type, j.priority, count(*), ${dueAt(sql`min(j.rank_at)`, sql`j.priority`)} FROM ${notMarkedYet}
      WHERE ${mine}
      GROUP BY j.job_type, j.priority
      UNION ALL
      SELECT j.job_type, j.priority, count(*), min(${waitingSince}) FROM jobs j
      WHERE j.status = 'QUEUED' AND ${mine} GROUP BY j.job_type, j.priority
    ) w
    GROUP BY job_type, priority`
}

/** Unfinished jobs that were submitted with one version of their type. */
export interface UnfinishedOfVersion {
  waiting: number
  running: number
}

/** Counting by version stops here, as `jobs.count` does: it keeps the answer fast. */
const MOST_UNFINISHED = 10_000

/**
 * The unfinished jobs of a type by the version that they were submitted with, or null where there are more than 10,000
 * of them. An index tells how many there are. Only where they are few enough, their rows are read for the version.
 */
export async function unfinishedByVersion(
  db: DbOrTx,
  jobType: string,
  scope: Scope,
): Promise<Map<number, UnfinishedOfVersion> | null> {
  const rows = await db.$queryRaw<{ version: number | null; waiting: number; running: number }[]>`
    WITH found AS MATERIALIZED (
      SELECT j.id FROM jobs j
      WHERE j.status = ANY(${[...UNFINISHED_STATUSES]}::"JobStatus"[]) AND j.status <> 'COMPLETED'
        AND j.job_type = ${jobType} AND ${inScope(sql`j.organization_id`, scope)}
      LIMIT ${MOST_UNFINISHED + 1}
    )
    SELECT j.job_type_version AS version, (count(*) FILTER (WHERE j.status <> 'RUNNING'))::int AS waiting,
      (count(*) FILTER (WHERE j.status = 'RUNNING'))::int AS running
    FROM found f CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.id = f.id OFFSET 0) j
    WHERE (SELECT count(*) FROM found) <= ${MOST_UNFINISHED}
    GROUP BY 1
    UNION ALL SELECT NULL, 0, 0 WHERE (SELECT count(*) FROM found) > ${MOST_UNFINISHED}`
  return rows.some(({ version }) => version === null)
    ? null
    : new Map(rows.map(({ version, ...counts }) => [version!, counts]))
}

/** The sum over all versions but the present one. */
export function unfinishedOfOlder(
  counts: ReadonlyMap<number, UnfinishedOfVersion>,
  present: number,
): UnfinishedOfVersion {
  const sum = { waiting: 0, running: 0 }
  for (const [version, { waiting, running }] of counts) {
    if (version === present) continue
    sum.waiting += waiting
    sum.running += running
  }
  return sum
}

/** How many jobs run, by job type: an index holds them, and they are never more than the slots of all workers. */
export async function runningByType(db: DbOrTx, scope: Scope): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ jobType: string; count: number }[]>`
    SELECT j.job_type AS "jobType", count(*)::int AS count FROM jobs j
    WHERE j.status = 'RUNNING' AND ${inScope(sql`j.organization_id`, scope)}
    GROUP BY j.job_type`
  return new Map(rows.map(({ jobType, count }) => [jobType, count]))
}
