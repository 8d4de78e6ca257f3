import { Prisma, type DbOrTx } from '@/server/db'
import type { AttemptOutcome, LogLevel } from '@/server/generated/prisma/enums'
import type { Actor, ErrorClass, JobStatus, Scope } from '../../domain/types'
import { toActor, type ActorColumns } from './actor'
import { decodeCursor, pageOf, type Page } from './cursor'
import { inScope } from './job-view'

// Reads what the page of one job shows besides the job: its history, attempts and log lines.

/** The form of a cursor of these lists: the number of the last row. */
const NUMBER = /^\d{1,18}$/

export interface HistoryItem {
  /** Null for the submission. */
  fromStatus: JobStatus | null
  toStatus: JobStatus
  at: Date
  actor: Actor
  message: string | null
  attempt: number
}

export interface AttemptView {
  attempt: number
  workerId: string | null
  readyAt: Date
  queuedAt: Date
  startedAt: Date
  /** Null while it runs, as `outcome` is. */
  endedAt: Date | null
  outcome: AttemptOutcome | null
  error: { message: string; class: ErrorClass | null; fingerprint: string | null; stack: string | null } | null
}

export interface LogLine {
  line: number
  attempt: number
  level: LogLevel
  message: string
  at: Date
}

interface DetailQuery {
  jobId: string
  cursor?: string
  limit: number
}

/**
 * The history of a job, with its amendments, oldest first. Here and below, the caller has checked that the reader may see
 * the job.
 */
export async function jobHistory(db: DbOrTx, { jobId, cursor, limit }: DetailQuery): Promise<Page<HistoryItem>> {
  const after = decodeCursor(cursor, NUMBER) ?? '0'
  const rows = await db.$queryRaw<(Omit<HistoryItem, 'actor'> & ActorColumns & { id: bigint })[]>`
    SELECT id, from_status AS "fromStatus", to_status AS "toStatus", at, message, attempt,
      actor_type AS "actorType", actor_id AS "actorId", actor_name AS "actorName"
    FROM execution_logs WHERE job_id = ${jobId}::uuid AND id > ${after}::bigint
    ORDER BY id LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => String(id),
    ({ id: _, actorType, actorId, actorName, ...item }) => ({
      ...item,
      actor: toActor({ actorType, actorId, actorName }),
    }),
  )
}

/** The attempts of a job, oldest first. */
export async function jobAttempts(db: DbOrTx, { jobId, cursor, limit }: DetailQuery): Promise<Page<AttemptView>> {
  const after = decodeCursor(cursor, NUMBER) ?? '0'
  const rows = await db.$queryRaw<
    (Omit<AttemptView, 'error'> & {
      message: string | null
      class: ErrorClass | null
      fingerprint: string | null
      stack: string | null
    })[]
  >`
    SELECT attempt, worker_id AS "workerId", ready_at AS "readyAt", queued_at AS "queuedAt", started_at AS "startedAt",
      ended_at AS "endedAt", outcome, error_message AS message, error_class AS class,
      error_fingerprint AS fingerprint, error_stack AS stack
    FROM job_attempts WHERE job_id = ${jobId}::uuid AND attempt > ${after}::bigint
    ORDER BY attempt LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ attempt }) => String(attempt),
    ({ message, class: kind, fingerprint, stack, ...item }) => ({
      ...item,
      error: message === null ? null : { message, class: kind, fingerprint, stack },
    }),
  )
}

/** The lines that a job's handler logged, oldest first. */
export async function jobLogs(
  db: DbOrTx,
  { jobId, cursor, limit, level, attempt }: DetailQuery & { level?: LogLevel; attempt?: number },
): Promise<Page<LogLine>> {
  const after = decodeCursor(cursor, NUMBER) ?? '0'
  const rows = await db.$queryRaw<LogLine[]>`
    SELECT line, attempt, level, message, at FROM job_logs
    WHERE job_id = ${jobId}::uuid AND line > ${after}::bigint
      ${level ? Prisma.sql`AND level = ${level}::"LogLevel"` : Prisma.empty}
      ${attempt ? Prisma.sql`AND attempt = ${attempt}` : Prisma.empty}
    ORDER BY line LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ line }) => String(line),
    (row) => row,
  )
}

/**
 * Where an artifact is stored. Null where it does not exist, is out of scope, or is withheld because its organization
 * is suspended. System admins, whose scope is everything, get it also then.
 */
export async function findArtifact(
  db: DbOrTx,
  { jobId, name }: { jobId: string; name: string },
  scope: Scope,
): Promise<{ name: string; contentType: string; size: number; storageKey: string } | null> {
  const [row] = await db.$queryRaw<{ name: string; contentType: string; size: bigint; storageKey: string }[]>`
    SELECT a.name, a.content_type AS "contentType", a.size, a.storage_key AS "storageKey"
    FROM artifacts a JOIN jobs j ON j.id = a.job_id JOIN organizations o ON o.id = j.organization_id
    WHERE a.job_id = ${jobId}::uuid AND a.name = ${name}
      AND ${inScope(Prisma.sql`j.organization_id`, scope)} AND (o.status = 'ACTIVE' OR ${'all' in scope})`
  return row ? { ...row, size: Number(row.size) } : null
}
