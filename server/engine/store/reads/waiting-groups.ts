import { Prisma, statementName, type DbOrTx } from '@/server/db'
import type { JobPriority, JobStatus, QueueName, Scope } from '../../domain/types'
import { isBusy, waitingReasons, type WaitingReason } from '../../domain/waiting-reasons'
import { hasCome, isAhead, overWaiting, waitingAndDue, waitingForLater } from '../due'
import { takesItsTurn } from '../holds'
import { dueAt } from '../rank'
import { inScope } from './job-view'
import { missingHandlers, surroundingsOf, type MissingHandlers, type Surroundings } from './waiting-facts'
import { versionOf, type Stage } from './waiting-stages'

type Sql = Prisma.Sql
const { sql } = Prisma

/** Waiting jobs that have every reason in common, except that one of those that are DUE may be the next of all. */
export interface WaitingGroup {
  stage: Stage
  organizationId: string
  jobType: string
  queue: QueueName
  priority: JobPriority
  /** 0 where the version decides nothing. */
  version: number
  count: number
  /** When the first and the last of them could start, or could have started. */
  firstDue: Date
  lastDue: Date
}

/** Jobs of a group that wait for the same reason. */
export interface ReasonedGroup extends WaitingGroup {
  reason: WaitingReason
  /** Set where it is about one job alone: the next of its organization. */
  only: string | null
}

export interface WaitingWork {
  groups: ReasonedGroup[]
  surroundings: Surroundings
  missing: MissingHandlers
}

/**
 * Every waiting job of a scope, counted in groups, each under the first reason of `jobs.explain`. The counts come from
 * one statement, so they add up.
 */
export async function waitingWork(db: DbOrTx, scope: Scope, jobType?: string): Promise<WaitingWork> {
  const missing = await missingHandlers(db)
  const groups = await countGroups(db, scope, missing, jobType)
  const surroundings = await surroundingsOf(db, groups.map(toWaiter), missing)
  const first = await firstInLine(db, groups, surroundings)
  return { groups: groups.flatMap((group) => reasonsOf(group, surroundings, first)), surroundings, missing }
}

const STATUS: Record<Stage, JobStatus> = {
  QUEUED: 'QUEUED',
  PARENTS: 'PENDING',
  SCHEDULED: 'PENDING',
  RETRY: 'FAILED',
  DUE: 'PENDING',
}
const toWaiter = (group: WaitingGroup) => ({
  ...group,
  status: STATUS[group.stage],
  dueAt: group.firstDue,
  parents: group.stage === 'PARENTS' ? 1 : 0,
})

const UNCOUNTED = { jobs: null, capped: false }

function reasonsOf(
  group: WaitingGroup,
  { factsOf, poolOf }: Surroundings,
  first: ReadonlyMap<string, FirstInLine>,
): ReasonedGroup[] {
  const waiter = toWaiter(group)
  const behind = { ...group, reason: waitingReasons(factsOf(waiter, UNCOUNTED))[0]!, only: null }
  if (behind.reason.code !== 'BEHIND') return [behind]
  const next = first.get(lineOf({ ...group, pool: poolOf(group.jobType) }))
  const isThere = next?.jobType === group.jobType && next.priority === group.priority
  if (!isThere || (group.version !== 0 && next.version !== group.version)) return [behind]
  const reason = waitingReasons(factsOf(waiter, { jobs: 0, capped: false }))[0]!
  return [
    ...(group.count > 1 ? [{ ...behind, count: group.count - 1 }] : []),
    { ...group, count: 1, reason, only: next.id },
  ]
}

/**
 * One group for each stage, organization, type, queue, priority and, where it matters, version. What is due is counted
 * from the dispatcher’s index alone. What is for later has such an index, too (store/due.ts).
 * Of jobs that wait for parents and those in BullMQ the rows are read.
 */
async function countGroups(
  db: DbOrTx,
  scope: Scope,
  missing: MissingHandlers,
  jobType: string | undefined,
): Promise<WaitingGroup[]> {
  const ofType = jobType === undefined ? sql`TRUE` : sql`j.job_type = ${jobType}`
  const versioned = [...missing.keys()]
  const version = versionOf(versioned)
  const rows = await db.$queryRaw<WaitingGroup[]>`${statementName('waiting_groups')}
    WITH ${counted(DUE, scope, ofType)}, ${counted(LATER, scope, ofType)}
    SELECT stage, organization_id AS "organizationId", job_type AS "jobType", queue, priority, version, sum(count)::int AS count,
      min(first_due) AS "firstDue", max(last_due) AS "lastDue"
    FROM (
      ${dueJobs(DUE, versioned)}
      UNION ALL ${dueJobs(LATER, versioned)}
      UNION ALL ${aheadInDue(version)}
      UNION ALL ${laterJobs(versioned)}
      UNION ALL
      SELECT CASE WHEN j.status = 'QUEUED' THEN 'QUEUED' ELSE 'PARENTS' END AS stage, j.organization_id, j.job_type, j.queue, j.priority, ${version} AS version,
        count(*) AS count, ${dueAt(sql`min(j.rank_at)`, sql`j.priority`)} AS first_due, ${dueAt(sql`max(j.rank_at)`, sql`j.priority`)} AS last_due
      FROM jobs j
      WHERE (j.status = 'QUEUED' OR (j.status = 'PENDING' AND j.pending_parents > 0))
        AND ${inScope(sql`j.organization_id`, scope)} AND ${ofType}
      GROUP BY 1, 2, 3, 4, 5, 6
    ) found
    GROUP BY 1, 2, 3, 4, 5, 6`
  return rows
}

/** One index of waiting jobs: what is in it, and the name of the CTE that counts it. */
interface Index {
  counts: Sql
  holds: Sql
  /** What it says of a job beside its lane and rank. */
  planned: Sql
}
const DUE: Index = { counts: sql`in_due`, holds: waitingAndDue, planned: sql`NULL::boolean` }
const LATER: Index = { counts: sql`in_later`, holds: waitingForLater, planned: sql`j.status = 'PENDING'` }

/**
 * A CTE that counts a scope's part of one index by lane (queue, organization, job type, priority): the jobs whose time
 * has come, and those whose time lies ahead. Each entry of the index is read once, and no row.
 */
const counted = ({ counts, holds, planned }: Index, scope: Scope, ofType: Sql): Sql => {
  const come = hasCome(sql`j.priority`)
  const ahead = isAhead(sql`j.priority`)
  return sql`${counts} AS MATERIALIZED (
    SELECT j.queue, j.organization_id, j.job_type, j.priority, ${planned} AS planned,
      count(*) FILTER (WHERE ${come}) AS come, min(j.rank_at) FILTER (WHERE ${come}) AS come_first, max(j.rank_at) FILTER (WHERE ${come}) AS come_last,
      count(*) FILTER (WHERE ${ahead}) AS ahead, min(j.rank_at) FILTER (WHERE ${ahead}) AS ahead_first, max(j.rank_at) FILTER (WHERE ${ahead}) AS ahead_last
    FROM jobs j WHERE j.queue IN ('ISOLATED', 'INLINE') AND ${inScope(sql`j.organization_id`, scope)} AND ${holds} AND ${ofType}
    GROUP BY 1, 2, 3, 4, 5)`
}

/** The part of an index that a lane `l` is. */
const ofLane = ({ holds }: Index) =>
  sql`j.queue = l.queue AND j.organization_id = l.organization_id AND j.job_type = l.job_type AND j.priority = l.priority AND ${holds}`

/** Where the version decides something, it is read from the rows of the jobs: it is in no index. */
const byVersion = (index: Index, stage: Sql, lanes: Sql, which: Sql, version = sql`j.job_type_version`): Sql => sql`
  SELECT found.stage, l.organization_id, l.job_type, l.queue, l.priority, found.version, found.count,
    ${dueAt(sql`found.first`, sql`l.priority`)} AS first_due, ${dueAt(sql`found.last`, sql`l.priority`)} AS last_due
  FROM (SELECT DISTINCT organization_id, job_type, queue, priority FROM ${index.counts} WHERE ${lanes}) l CROSS JOIN LATERAL (
    SELECT ${stage} AS stage, ${version} AS version, count(*) AS count, min(j.rank_at) AS first, max(j.rank_at) AS last
    FROM jobs j WHERE ${ofLane(index)} AND ${which} GROUP BY 1, 2) found`

const scheduledOrRetry = (planned: Sql) => sql`CASE WHEN ${planned} THEN 'SCHEDULED' ELSE 'RETRY' END`

function dueJobs(index: Index, versioned: readonly string[]): Sql {
  const types = sql`${[...versioned]}::text[]`
  return sql`
    SELECT 'DUE' AS stage, organization_id, job_type, queue, priority, 0 AS version, come AS count,
      ${dueAt(sql`come_first`, sql`priority`)} AS first_due, ${dueAt(sql`come_last`, sql`priority`)} AS last_due
    FROM ${index.counts} WHERE come > 0 AND job_type <> ALL(${types})
    UNION ALL ${byVersion(index, sql`'DUE'`, sql`come > 0 AND job_type = ANY(${types})`, hasCome(sql`l.priority`))}`
}

function laterJobs(versioned: readonly string[]): Sql {
  const types = sql`${[...versioned]}::text[]`
  return sql`
    SELECT ${scheduledOrRetry(sql`planned`)}, organization_id, job_type, queue, priority, 0, ahead,
      ${dueAt(sql`ahead_first`, sql`priority`)}, ${dueAt(sql`ahead_last`, sql`priority`)}
    FROM ${LATER.counts} WHERE ahead > 0 AND job_type <> ALL(${types})
    UNION ALL ${byVersion(LATER, scheduledOrRetry(LATER.planned), sql`ahead > 0 AND job_type = ANY(${types})`, isAhead(sql`l.priority`))}`
}

/** Jobs that are marked as due although their time lies ahead: hardly any. Their rows are read, as this index has no status. */
const aheadInDue = (version: Sql): Sql =>
  byVersion(DUE, scheduledOrRetry(LATER.planned), sql`ahead > 0`, isAhead(sql`l.priority`), version)

/** The job of an organization, queue and pool that ranks first among those that are due and take their turn. */
export interface FirstInLine {
  id: string
  jobType: string
  priority: JobPriority
  version: number
}
/** Jobs of an organization in one queue and worker pool start one after the other. */
export interface Line {
  organizationId: string
  queue: QueueName
  pool: string
}
export const lineOf = ({ organizationId, queue, pool }: Line) => `${organizationId} ${queue} ${pool}`

/**
 * The job that is the next, for each line in which jobs wait for their turn. None where the queue is
 * busy: there the next one waits for the same reason as the others.
 */
async function firstInLine(
  db: DbOrTx,
  groups: readonly WaitingGroup[],
  { loadOf, poolOf, factsOf }: Surroundings,
): Promise<Map<string, FirstInLine>> {
  const lines = groups
    .map((group) => ({ ...group, pool: poolOf(group.jobType) }))
    .filter(
      (group) =>
        group.stage === 'DUE' &&
        !isBusy({ load: loadOf(group.queue, group.pool) }) &&
        waitingReasons(factsOf(toWaiter(group), UNCOUNTED))[0]!.code === 'BEHIND',
    )
  return readFirstInLine(db, lines)
}

export async function readFirstInLine(db: DbOrTx, lines: readonly Line[]): Promise<Map<string, FirstInLine>> {
  const asked = [...new Map(lines.map((line) => [lineOf(line), line])).values()]
  if (asked.length === 0) return new Map()
  const kind = { organizationId: sql`l.organization_id`, jobType: sql`t.name` }
  const rows = await db.$queryRaw<(FirstInLine & Line)[]>`
    SELECT l.organization_id AS "organizationId", l.queue, l.pool, head.id, head.job_type AS "jobType", head.priority, head.job_type_version AS version
    FROM unnest(${asked.map(({ organizationId }) => organizationId)}::uuid[], ${asked.map(({ queue }) => queue)}::"JobQueue"[], ${asked.map(({ pool }) => pool)}::text[]) AS l(organization_id, queue, pool)
    CROSS JOIN LATERAL (
      SELECT j.* FROM job_types t CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority) CROSS JOIN LATERAL (
        ${overWaiting(
          (waitingHere) => sql`(SELECT j.id, j.job_type, j.priority, j.job_type_version, j.rank_at FROM jobs j
            WHERE j.queue = l.queue AND j.organization_id = l.organization_id AND j.job_type = t.name AND j.priority = p.priority
              AND ${waitingHere} AND ${hasCome(sql`p.priority`)}
            ORDER BY j.rank_at, j.id LIMIT 1)`,
        )}) j
      WHERE t.pool = l.pool AND ${takesItsTurn(kind)}
      ORDER BY j.rank_at, j.id LIMIT 1) head`
  return new Map(rows.map((row) => [lineOf(row), row]))
}
