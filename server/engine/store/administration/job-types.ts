import { Prisma, type DbOrTx } from '@/server/db'
import type { JobType } from '@/server/generated/prisma/client'
import { DELIVERY_TYPE } from '../../domain/alerts/message'
import { EngineError } from '../../domain/errors'
import type { JobTypeConfig } from '../../domain/job-type-config'
import { JOB_TYPE_NAME } from '../../domain/name-forms'
import { DEFAULT_POOL } from '../../domain/pools'
import type { Actor, Json, QueueName } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'

// Reads and stores job types and their versions.

/** A job type as the API shows it (rule 5, "Job type on the wire"). */
export type JobTypeView = JobTypeConfig & { version: number }

/** One version of a job type. Jobs that were submitted with it follow it. */
export interface JobTypeVersionView {
  version: number
  config: JobTypeView
  createdAt: Date
  createdBy: Actor
}

/** Job types by name, page by page. Without `internal`, those whose jobs only Jobyard itself submits are left out. */
export async function listJobTypes(
  db: DbOrTx,
  { cursor, limit, internal = false }: { cursor?: string; limit: number; internal?: boolean },
): Promise<Page<JobTypeView>> {
  const after = decodeCursor(cursor, JOB_TYPE_NAME)
  const rows = await db.jobType.findMany({
    where: { name: { ...(after && { gt: after }), ...(!internal && { not: DELIVERY_TYPE }) } },
    orderBy: { name: 'asc' },
    take: limit + 1,
  })
  return pageOf(rows, limit, ({ name }) => name, toJobTypeView)
}

/** One job type, or null. */
export async function getJobType(db: DbOrTx, name: string): Promise<JobTypeView | null> {
  const row = await db.jobType.findUnique({ where: { name } })
  return row && toJobTypeView(row)
}

/**
 * Versions of a job type, newest first, page by page. `present` is the version that new jobs get.
 * @throws EngineError NOT_FOUND
 */
export async function listJobTypeVersions(
  db: DbOrTx,
  { name, cursor, limit }: { name: string; cursor?: string; limit: number },
): Promise<Page<JobTypeVersionView> & { present: number }> {
  const before = decodeCursor(cursor, /^\d{1,9}$/)
  const type = await getJobType(db, name)
  if (!type) throw new EngineError('NOT_FOUND', `There is no job type ${name}. jobTypes.list names those that exist.`)
  const rows = await db.jobTypeVersion.findMany({
    where: { jobType: name, ...(before && { version: { lt: Number(before) } }) },
    orderBy: { version: 'desc' },
    take: limit + 1,
  })
  const page = pageOf(
    rows,
    limit,
    ({ version }) => String(version),
    ({ version, config, createdAt, createdBy }) => ({
      version,
      config: withLaterFields(config as unknown as JobTypeView),
      createdAt,
      createdBy: createdBy as unknown as Actor,
    }),
  )
  return { ...page, present: type.version }
}

/** One version of a job type, or null. */
export async function getJobTypeVersion(db: DbOrTx, name: string, version: number): Promise<JobTypeView | null> {
  const row = await db.jobTypeVersion.findUnique({ where: { jobType_version: { jobType: name, version } } })
  return row && withLaterFields(row.config as unknown as JobTypeView)
}

/** One job type, locked against other changes of it, or null. Submissions do not wait for this lock. */
export async function lockJobType(db: DbOrTx, name: string): Promise<JobTypeView | null> {
  await db.$queryRaw`SELECT 1 AS locked FROM job_types WHERE name = ${name} FOR NO KEY UPDATE`
  return getJobType(db, name)
}

/** Inserts a job type. Returns false where the name is taken, which does not abort the caller's transaction. */
export async function insertJobType(db: DbOrTx, type: JobTypeView, queue: QueueName): Promise<boolean> {
  const { count } = await db.jobType.createMany({ data: [{ ...toColumns(type), queue }], skipDuplicates: true })
  return count === 1
}

/** Stores the settings of a job type. With an undefined `queue`, its queue stays. */
export async function updateJobType(db: DbOrTx, type: JobTypeView, queue: QueueName | undefined): Promise<void> {
  await db.jobType.update({ where: { name: type.name }, data: { ...toColumns(type), queue, updatedAt: new Date() } })
}

/** Stores the present settings of a job type under its version, for the jobs that are submitted with it. */
export async function insertVersion(db: DbOrTx, type: JobTypeView, actor: Actor): Promise<void> {
  await db.$executeRaw`
    INSERT INTO job_type_versions (job_type, version, config, handler, created_at, created_by)
    VALUES (${type.name}, ${type.version}, ${JSON.stringify(type)}::json, ${type.handler}, clock_timestamp(), ${JSON.stringify(actor)}::jsonb)`
}

/**
 * The handlers that a job type may name, with the queue that each needs. These are the handlers of this installation's
 * workers, and, for the time before any worker has started, those that job types name already.
 */
export function knownHandlers(db: DbOrTx): Promise<{ key: string; queue: QueueName }[]> {
  return db.$queryRaw`
    SELECT DISTINCT ON (key) key, queue
    FROM (SELECT key, queue, 1 AS source FROM handlers UNION ALL SELECT handler, queue, 2 FROM job_types) known
    ORDER BY key, source`
}

/** A version that was saved before titles and pools existed has none. */
const withLaterFields = (config: JobTypeView): JobTypeView => ({
  ...config,
  title: config.title ?? null,
  pool: config.pool ?? DEFAULT_POOL,
})

function toColumns({ rateLimit, concurrency, parameterSchema, ...same }: JobTypeView) {
  return {
    ...same,
    parameterSchema: parameterSchema as Prisma.InputJsonValue,
    rateLimitCount: rateLimit?.count ?? null,
    rateLimitWindowSeconds: rateLimit?.windowSeconds ?? null,
    concurrencyGlobal: concurrency.global,
    concurrencyPerOrganization: concurrency.perOrganization,
  }
}

function toJobTypeView(row: JobType): JobTypeView {
  const { rateLimitCount: count, rateLimitWindowSeconds: windowSeconds } = row
  return {
    name: row.name,
    displayName: row.displayName,
    description: row.description,
    title: row.title,
    handler: row.handler,
    pool: row.pool,
    parameterSchema: row.parameterSchema as Json,
    enabled: row.enabled,
    requiredRole: row.requiredRole,
    timeoutSeconds: row.timeoutSeconds,
    priority: row.priority,
    maxRetries: row.maxRetries,
    backoffBaseSeconds: row.backoffBaseSeconds,
    backoffCapSeconds: row.backoffCapSeconds,
    dedupeWindowSeconds: row.dedupeWindowSeconds,
    // A count of 0 is a limit that admits nothing. Only null means no limit.
    rateLimit: count === null || windowSeconds === null ? null : { count, windowSeconds },
    concurrency: { global: row.concurrencyGlobal, perOrganization: row.concurrencyPerOrganization },
    retentionDays: row.retentionDays,
    version: row.version,
  }
}
