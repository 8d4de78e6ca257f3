import { Prisma, type DbOrTx } from '@/server/db'
import { notVisible } from '../../domain/errors'
import { FINAL_STATUSES } from '../../domain/state'
import type { ErrorClass, JobPriority, JobStatus, QueueName, Scope } from '../../domain/types'
import type { WaitingFacts } from '../../domain/waiting-facts'
import { overWaiting } from '../due'
import { takesItsTurn } from '../holds'
import { isOpen } from '../open-parents'
import { dueAt, priorityHeadStart } from '../rank'
import { inScope } from './job-view'
import { missingHandlers, surroundingsOf, type Waiter } from './waiting-facts'

const { sql } = Prisma

/** How many parents are named. The others are only counted. */
const NAMED_PARENTS = 20
/** Counting the jobs that rank before this one stops here, because a larger number tells nobody more. */
const COUNT_CAP = 10_000

interface JobRow {
  id: string
  status: JobStatus
  organization_id: string
  job_type: string
  job_type_version: number
  queue: QueueName
  priority: JobPriority
  /** Text, because a Date would lose PostgreSQL's microseconds. */
  rank_at: string
  due_at: Date
  queued_at: Date | null
  failures: number
  max_retries: number
  pending_parents: number
  error_message: string | null
  error_class: ErrorClass | null
}

const isWaiting = ({ status }: JobRow) =>
  status !== 'RUNNING' && !(FINAL_STATUSES as readonly JobStatus[]).includes(status)

/**
 * Everything that may hold this job back, as the dispatcher sees it. Null for a job that runs or has ended.
 *
 * @throws EngineError NOT_FOUND when there is no such job in this scope
 */
export async function waitingFacts(db: DbOrTx, jobId: string, scope: Scope): Promise<WaitingFacts | null> {
  const [row] = await readWaiting(db, [jobId], scope)
  if (!row) throw notVisible('job', jobId)
  if (!isWaiting(row)) return null
  const namedParents = row.pending_parents > 0 ? (await openParents(db, [row.id], NAMED_PARENTS)).get(row.id) : []
  const waiter = { ...toWaiter(row), namedParents }
  const { factsOf } = await surroundingsOf(db, [waiter], await missingHandlers(db))
  return factsOf(waiter, await rankedBefore(db, row))
}

/** Those of the given jobs that wait, without their parents' names. */
export async function readWaiters(
  db: DbOrTx,
  jobIds: readonly string[],
  scope: Scope,
): Promise<(Waiter & { id: string })[]> {
  return (await readWaiting(db, jobIds, scope)).filter(isWaiting).map(toWaiter)
}

const readWaiting = (db: DbOrTx, jobIds: readonly string[], scope: Scope): Promise<JobRow[]> => db.$queryRaw`
  SELECT j.id, j.status, j.organization_id, j.job_type, j.job_type_version, j.queue, j.priority, j.rank_at::text AS rank_at,
    ${dueAt(sql`j.rank_at`, sql`j.priority`)} AS due_at, j.queued_at, j.failures, j.max_retries, j.pending_parents, j.error_message, j.error_class
  FROM jobs j JOIN organizations o ON o.id = j.organization_id
  WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND ${inScope(sql`j.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`

const toWaiter = (row: JobRow): Waiter & { id: string } => ({
  id: row.id,
  organizationId: row.organization_id,
  jobType: row.job_type,
  version: row.job_type_version,
  queue: row.queue,
  status: row.status,
  dueAt: row.due_at,
  parents: row.pending_parents,
  queuedAt: row.queued_at,
  failures: row.failures,
  maxRetries: row.max_retries,
  error: row.error_message === null ? null : { message: row.error_message, class: row.error_class ?? 'PERMANENT' },
})

type Parents = WaitingFacts['parents']['named']

/** For each of these jobs, the first of its parents that are open. */
export async function openParents(db: DbOrTx, jobIds: readonly string[], most: number): Promise<Map<string, Parents>> {
  const rows = await db.$queryRaw<{ child: string; parents: Parents }[]>`
    SELECT c.id AS child, (
      SELECT COALESCE(jsonb_agg(jsonb_build_object('jobId', p.id, 'jobType', p.job_type, 'status', p.status,
        'on', CASE WHEN p.on_ended THEN 'ended' ELSE 'completed' END)), '[]') FROM (
        SELECT p.id, p.job_type, p.status, d.on_ended FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id
        WHERE d.job_id = c.id AND ${isOpen} ORDER BY p.id LIMIT ${most}) p) AS parents
    FROM unnest(${[...jobIds]}::uuid[]) AS c(id)`
  return new Map(rows.map(({ child, parents }) => [child, parents]))
}

/**
 * Jobs of the organization in the same queue and worker pool that are due and rank before this one, also those that no
 * dispatcher has marked as due yet. They are counted lane by lane, as the dispatcher walks them (store/lanes.ts). Job types that
 * are held back as a whole are left out.
 */
async function rankedBefore(db: DbOrTx, row: JobRow): Promise<WaitingFacts['before']> {
  const [found] = await db.$queryRaw<{ jobs: number }[]>`
    SELECT count(*)::int AS jobs FROM (
      SELECT 1 FROM job_types t CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)
      CROSS JOIN LATERAL (
        ${overWaiting(
          (waitingHere) => sql`(SELECT 1 FROM jobs j
          WHERE ${waitingHere}
            AND j.queue = ${row.queue}::"JobQueue" AND j.organization_id = ${row.organization_id}::uuid
            AND j.job_type = t.name AND j.priority = p.priority
            AND (j.rank_at, j.id) < (${row.rank_at}::timestamptz, ${row.id}::uuid)
            AND j.rank_at <= statement_timestamp() - ${priorityHeadStart(sql`p.priority`)}
          LIMIT ${COUNT_CAP + 1})`,
        )}) ranked
      WHERE t.pool = (SELECT pool FROM job_types WHERE name = ${row.job_type}) AND ${takesItsTurn({ organizationId: sql`${row.organization_id}::uuid`, jobType: sql`t.name` })}
      LIMIT ${COUNT_CAP + 1}) counted`
  const jobs = found!.jobs
  return { jobs: Math.min(jobs, COUNT_CAP), capped: jobs > COUNT_CAP }
}
