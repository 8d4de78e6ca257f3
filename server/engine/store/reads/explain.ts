import { Prisma, type DbOrTx } from '@/server/db'
import { notVisible } from '../../domain/errors'
import { FINAL_STATUSES } from '../../domain/state'
import type { ErrorClass, JobPriority, JobStatus, QueueName, Scope } from '../../domain/types'
import type { WaitingFacts } from '../../domain/waiting-reasons'
import { getCircuit } from '../administration/circuits'
import { waitingAndDue } from '../due'
import { takesItsTurn } from '../holds'
import { slotsAndKept } from '../kept-slots'
import { queueLoads, workersOf } from '../live-workers'
import { inScope } from './job-view'
import { pausesOver } from '../administration/pauses'
import { dueAt, priorityHeadStart } from '../rank'

const { sql } = Prisma

/** How many parents are named. The others are only counted. */
const NAMED_PARENTS = 20
/** Counting the jobs that rank before this one stops here, because a larger number tells nobody more. */
const COUNT_CAP = 10_000

interface JobRow {
  now: Date
  id: string
  status: JobStatus
  organization_id: string
  job_type: string
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
  organization_status: WaitingFacts['organization']['status']
  suspended_at: Date | null
  suspend_reason: string | null
  max_concurrent: number | null
  enabled: boolean
  concurrency_global: number | null
  concurrency_per_organization: number | null
  /** Null where a worker has the handler of the job's version, or no worker has ever started. */
  missing_handler: string | null
}

/**
 * Everything that may hold this job back, as the dispatcher sees it. Null for a job that runs or has ended.
 *
 * @throws EngineError NOT_FOUND when there is no such job in this scope
 */
export async function waitingFacts(db: DbOrTx, jobId: string, scope: Scope): Promise<WaitingFacts | null> {
  const [row] = await db.$queryRaw<JobRow[]>`
    SELECT clock_timestamp() AS now, j.id, j.status, j.organization_id, j.job_type, j.queue, j.priority, j.rank_at::text AS rank_at,
      ${dueAt(sql`j.rank_at`, sql`j.priority`)} AS due_at, j.queued_at, j.failures, j.max_retries, j.pending_parents, j.error_message, j.error_class,
      o.status AS organization_status, o.suspended_at, o.suspend_reason, o.max_concurrent,
      t.enabled, t.concurrency_global, t.concurrency_per_organization,
      CASE WHEN EXISTS (SELECT 1 FROM handlers) AND NOT EXISTS (SELECT 1 FROM handlers h WHERE h.key = COALESCE(v.config->>'handler', t.handler))
        THEN COALESCE(v.config->>'handler', t.handler) END AS missing_handler
    FROM jobs j JOIN organizations o ON o.id = j.organization_id JOIN job_types t ON t.name = j.job_type
    JOIN job_type_versions v ON v.job_type = j.job_type AND v.version = j.job_type_version
    WHERE j.id = ${jobId}::uuid AND ${inScope(sql`j.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`
  if (!row) throw notVisible('job', jobId)
  if (row.status === 'RUNNING' || (FINAL_STATUSES as readonly JobStatus[]).includes(row.status)) return null

  const kind = { organizationId: row.organization_id, jobType: row.job_type }
  const circuit = await getCircuit(db, kind)
  return {
    now: row.now,
    job: {
      id: row.id,
      status: row.status,
      ...kind,
      queue: row.queue,
      dueAt: row.due_at,
      queuedAt: row.queued_at,
      failures: row.failures,
      maxRetries: row.max_retries,
      error: row.error_message === null ? null : { message: row.error_message, class: row.error_class ?? 'PERMANENT' },
    },
    organization: { status: row.organization_status, suspendedAt: row.suspended_at, suspendReason: row.suspend_reason },
    typeEnabled: row.enabled,
    pauses: await pausesOver(db, kind),
    parents: { count: row.pending_parents, named: row.pending_parents > 0 ? await openParents(db, row.id) : [] },
    circuit: circuit && circuit.state !== 'CLOSED' ? { ...circuit, state: circuit.state } : null,
    limits: await limitsOver(db, row),
    missingHandler: row.missing_handler,
    workers: await workersOf(db, row.queue),
    load: (await queueLoads(db))[row.queue],
    kept: await keptOf(db, row),
    before: await rankedBefore(db, row),
  }
}

function openParents(db: DbOrTx, jobId: string): Promise<{ jobId: string; jobType: string; status: JobStatus }[]> {
  return db.$queryRaw`
    SELECT p.id AS "jobId", p.job_type AS "jobType", p.status FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id
    WHERE d.job_id = ${jobId}::uuid AND p.status <> 'COMPLETED' ORDER BY p.id LIMIT ${NAMED_PARENTS}`
}

/**
 * The limits that are set, each with the QUEUED and RUNNING jobs that count against it. There are never many of these.
 */
async function limitsOver(db: DbOrTx, row: JobRow): Promise<WaitingFacts['limits']> {
  const { max_concurrent, concurrency_global, concurrency_per_organization } = row
  if (max_concurrent === null && concurrency_global === null && concurrency_per_organization === null) return []
  const [busy] = await db.$queryRaw<{ organization: number; type: number; pair: number }[]>`
    SELECT count(*) FILTER (WHERE organization_id = ${row.organization_id}::uuid)::int AS organization,
      count(*) FILTER (WHERE job_type = ${row.job_type})::int AS type,
      count(*) FILTER (WHERE organization_id = ${row.organization_id}::uuid AND job_type = ${row.job_type})::int AS pair
    FROM jobs WHERE status IN ('QUEUED', 'RUNNING')`
  return [
    ...(max_concurrent === null
      ? []
      : [{ of: 'organization' as const, limit: max_concurrent, inUse: busy!.organization }]),
    ...(concurrency_global === null ? [] : [{ of: 'jobType' as const, limit: concurrency_global, inUse: busy!.type }]),
    ...(concurrency_per_organization === null
      ? []
      : [{ of: 'jobTypeInOrganization' as const, limit: concurrency_per_organization, inUse: busy!.pair }]),
  ]
}

async function keptOf(db: DbOrTx, { queue, organization_id }: JobRow): Promise<WaitingFacts['kept']> {
  const [row] = await db.$queryRaw<WaitingFacts['kept'][]>`
    SELECT kept AS slots, (SELECT count(*)::int FROM jobs WHERE status IN ('QUEUED', 'RUNNING') AND queue = ${queue}::"JobQueue"
      AND organization_id = ${organization_id}::uuid) AS "underWay" FROM (${slotsAndKept(queue)}) k`
  return row!
}

/**
 * Jobs of the organization that are due and rank before this one. They are counted lane by lane as in store/lanes.ts.
 * Job types that are held back as a whole are left out.
 */
async function rankedBefore(db: DbOrTx, row: JobRow): Promise<WaitingFacts['before']> {
  const [found] = await db.$queryRaw<{ jobs: number }[]>`
    SELECT count(*)::int AS jobs FROM (
      SELECT 1 FROM job_types t CROSS JOIN unnest(enum_range(NULL::"JobPriority")) AS p(priority)
      CROSS JOIN LATERAL (
        SELECT 1 FROM jobs j
        WHERE ${waitingAndDue}
          AND j.queue = ${row.queue}::"JobQueue" AND j.organization_id = ${row.organization_id}::uuid
          AND j.job_type = t.name AND j.priority = p.priority
          AND (j.rank_at, j.id) < (${row.rank_at}::timestamptz, ${row.id}::uuid)
          AND j.rank_at <= statement_timestamp() - ${priorityHeadStart(sql`p.priority`)}
        LIMIT ${COUNT_CAP + 1}) ranked
      WHERE ${takesItsTurn({ organizationId: sql`${row.organization_id}::uuid`, jobType: sql`t.name` })}
      LIMIT ${COUNT_CAP + 1}) counted`
  const jobs = found!.jobs
  return { jobs: Math.min(jobs, COUNT_CAP), capped: jobs > COUNT_CAP }
}
