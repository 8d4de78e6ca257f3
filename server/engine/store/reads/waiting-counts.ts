import { Prisma, statementName, type DbOrTx } from '@/server/db'
import type { JobPriority, QueueName, Scope } from '../../domain/types'
import { hasCome, isAhead, notMarkedYet, rankOfNow, waitingAndDue, waitingForLater } from '../due'
import { dueAt } from '../rank'
import { inScope } from './job-view'
import { countedUnder, type Apart } from './waiting-apart'
import { versionOf, type Stage } from './waiting-stages'

type Sql = Prisma.Sql
const { sql, join } = Prisma

/** Waiting jobs that have every reason in common. Of those that are DUE, one may be the next of its organization. */
export interface WaitingGroup {
  stage: Stage
  /** `THE_REST` where they are of several organizations. */
  organizationId: string
  /** One of the organizations. */
  sample: string
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

export interface Counted {
  scope: Scope
  apart: Apart | null
  /** Job types of which the version of a job matters. */
  versioned: readonly string[]
  jobType?: string
  stages: ReadonlySet<Stage>
}

/**
 * One group for each stage that is asked for, organization (or all that do not stand apart), type, queue, priority and,
 * where it matters, version. Work that is due or for later is counted from the indexes of it alone (store/due.ts), and
 * children from theirs. Of jobs in BullMQ the rows are read. Figures are in bench/README.md, the reasons in decision 0141.
 */
export async function countGroups(db: DbOrTx, given: Counted): Promise<WaitingGroup[]> {
  const { apart, stages } = given
  const later = stages.has('SCHEDULED') || stages.has('RETRY')
  const due = stages.has('DUE')
  const ctes = [...(due ? [counted(DUE, given)] : []), ...(later ? [counted(LATER, given)] : [])]
  const cameDue = sql`SELECT j.* FROM ${notMarkedYet}`
  // Two kinds of jobs stand in the other index than their stage says. Jobs whose time has come, and that nobody has
  // marked as due, stand among work for later. Jobs that are marked though they lie ahead stand among due work. Where
  // an index is counted for its own sake, it gives these too. Where it is not, they are read one by one.
  const parts = [
    ...(due ? [sql`SELECT * FROM ${DUE.counts}`] : []),
    ...(later ? [sql`SELECT * FROM ${LATER.counts}`] : due ? [oneByOne(cameDue, ofTime, given)] : []),
    ...(later && !due ? [oneByOne(aheadThoughMarked(given), ofTime, given)] : []),
    ...(stages.has('PARENTS')
      ? [oneByOne(sql`SELECT * FROM jobs j WHERE ${waitingForParents}`, sql`'PARENTS'`, given)]
      : []),
    ...(stages.has('QUEUED')
      ? [oneByOne(sql`SELECT * FROM jobs j WHERE j.status = 'QUEUED'`, sql`'QUEUED'`, given)]
      : []),
  ]
  return db.$queryRaw<WaitingGroup[]>`${statementName('waiting_groups')}
    ${ctes.length > 0 ? sql`WITH ${join(ctes)}` : Prisma.empty}
    SELECT stage, ${countedUnder(apart, sql`organization_id`, sql`job_type`)} AS "organizationId", (array_agg(organization_id))[1] AS sample,
      job_type AS "jobType", queue, priority, version, sum(count)::int AS count, min(first_due) AS "firstDue", max(last_due) AS "lastDue"
    FROM (${join(parts, ' UNION ALL ')}) found
    WHERE stage = ANY(${[...stages]}::text[])
    GROUP BY 1, 2, 4, 5, 6, 7`
}

/** One index of waiting jobs: what is in it, and the names of the CTEs that count it. */
interface Index {
  lanes: Sql
  counts: Sql
  holds: Sql
  /** Whether the job is planned, and not waiting for its retry. Null where the index does not hold the status. */
  planned: Sql | null
}
const planned = sql`(j.status = 'PENDING')`
const DUE: Index = { lanes: sql`due_lanes`, counts: sql`due_counts`, holds: waitingAndDue, planned: null }
const LATER: Index = { lanes: sql`later_lanes`, counts: sql`later_counts`, holds: waitingForLater, planned }

const timedStage = (come: Sql, isPlanned: Sql) =>
  sql`CASE WHEN ${come} THEN 'DUE' WHEN ${isPlanned} THEN 'SCHEDULED' ELSE 'RETRY' END`

const ofTime = timedStage(hasCome(sql`j.priority`), planned)

/**
 * CTEs that count a scope's part of one index by lane (queue, organization, job type, priority). Each entry of the
 * index is read once, and no row. Nearly always all of a lane has come, or all of it lies ahead. Only a lane of which
 * both is true is read again, and so is one whose versions decide something: they are in no index.
 */
function counted(index: Index, { scope, versioned, jobType }: Counted): Sql {
  const { lanes, counts, holds } = index
  const priority = sql`l.priority`
  const allCome = sql`l.last <= ${rankOfNow(priority)}`
  // What lies ahead is of two stages, so the status has to be known.
  const allAhead = index.planned ? sql`l.first > ${rankOfNow(priority)}` : sql`FALSE`
  const isClear = sql`((${allCome} OR ${allAhead}) AND l.job_type <> ALL(${[...versioned]}::text[]))`
  const bounds = (first: Sql, last: Sql) =>
    sql`${dueAt(first, priority)} AS first_due, ${dueAt(last, priority)} AS last_due`
  return sql`${lanes} AS MATERIALIZED (
    SELECT j.queue, j.organization_id, j.job_type, j.priority, ${index.planned ?? sql`NULL::boolean`} AS planned,
      count(*) AS count, min(j.rank_at) AS first, max(j.rank_at) AS last
    FROM jobs j WHERE j.queue IN ('ISOLATED', 'INLINE') AND ${mine(scope, jobType)} AND ${holds}
    GROUP BY 1, 2, 3, 4, 5),
  ${counts} AS (
    SELECT ${timedStage(allCome, sql`l.planned`)} AS stage, l.organization_id, l.job_type, l.queue, l.priority, 0 AS version, l.count,
      ${bounds(sql`l.first`, sql`l.last`)}
    FROM ${lanes} l WHERE ${isClear}
    UNION ALL
    SELECT found.stage, l.organization_id, l.job_type, l.queue, l.priority, found.version, found.count, ${bounds(sql`found.first`, sql`found.last`)}
    FROM ${lanes} l CROSS JOIN LATERAL (
      SELECT ${timedStage(hasCome(priority), planned)} AS stage, ${versionOf(versioned)} AS version, count(*) AS count, min(j.rank_at) AS first, max(j.rank_at) AS last
      FROM jobs j WHERE j.queue = l.queue AND j.organization_id = l.organization_id AND j.job_type = l.job_type AND j.priority = l.priority AND ${holds}
        ${index.planned ? sql`AND ${planned} = l.planned` : Prisma.empty}
      GROUP BY 1, 2) found
    WHERE NOT ${isClear})`
}

/** Counts jobs `j` of a query by their rows, or by an index that has all that is asked here. */
const oneByOne = (jobs: Sql, stage: Sql, { scope, versioned, jobType }: Counted): Sql => sql`
  SELECT ${stage} AS stage,
    j.organization_id, j.job_type, j.queue, j.priority, ${versionOf(versioned)} AS version, count(*) AS count,
    ${dueAt(sql`min(j.rank_at)`, sql`j.priority`)} AS first_due, ${dueAt(sql`max(j.rank_at)`, sql`j.priority`)} AS last_due
  FROM (${jobs}) j WHERE ${mine(scope, jobType)}
  GROUP BY 1, 2, 3, 4, 5, 6`

/**
 * Jobs that are marked as due but lie ahead. Hardly any do, so each entry of the index of due work is compared, but
 * only of these jobs the rows are read.
 */
const aheadThoughMarked = ({ scope, jobType }: Counted): Sql => sql`
  SELECT r.* FROM (SELECT j.id FROM jobs j
    WHERE j.queue IN ('ISOLATED', 'INLINE') AND ${mine(scope, jobType)} AND ${waitingAndDue} AND ${isAhead(sql`j.priority`)} OFFSET 0) a
  CROSS JOIN LATERAL (SELECT * FROM jobs j WHERE j.id = a.id OFFSET 0) r`

const mine = (scope: Scope, jobType: string | undefined): Sql =>
  sql`${inScope(sql`j.organization_id`, scope)} ${jobType === undefined ? Prisma.empty : sql`AND j.job_type = ${jobType}`}`

/** It must be the predicate of the index jobs_waiting_for_parents_by_kind, word for word. */
const waitingForParents = sql`j.status = 'PENDING' AND j.pending_parents > 0`
