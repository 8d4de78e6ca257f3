import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { notVisible } from '../domain/errors'
import type { RequestKind, RequestStatus, RequestView } from '../domain/request'
import type { Actor, Json, Scope } from '../domain/types'
import { UUID } from '../domain/uuid'
import { decodeCursor, pageOf, type Page } from './reads/cursor'
import { inScope } from './reads/job-view'

// Stores requests, with which a member asks an admin for something.

const { sql } = Prisma

/** The status of request `r`. One that is past its time counts as expired before the leader has written that down. */
const status = sql`CASE WHEN r.status = 'OPEN' AND r.expires_at <= clock_timestamp() THEN 'EXPIRED'::"RequestStatus" ELSE r.status END`
const columns = sql`r.id, r.organization_id AS "organizationId", r.kind, ${status} AS status, r.filter, r.matched, r.job_type AS "jobType", r.change, r.reason,
  r.asked_by AS "askedBy", r.created_at AS "createdAt", r.expires_at AS "expiresAt", r.ended_by AS "endedBy",
  CASE WHEN r.status = 'OPEN' AND r.expires_at <= clock_timestamp() THEN r.expires_at ELSE r.ended_at END AS "endedAt",
  r.end_reason AS "endReason", r.bulk_id AS "bulkId"`

export interface NewRequest {
  id: string
  organizationId: string
  kind: RequestView['kind']
  filter: Json
  jobType: string | null
  change: Json
  reason: string
  askedBy: Actor
  /** Days after which it expires. */
  days: number
}

/** Stores a request. With `ids`, it is about the jobs that this query gives now. Returns how many these are. */
export async function insertRequest(tx: Tx, request: NewRequest, ids: Prisma.Sql | null): Promise<number | null> {
  await tx.$executeRaw`
    INSERT INTO requests (id, organization_id, kind, filter, matched, job_type, change, reason, asked_by, asked_by_id, created_at, expires_at)
    VALUES (${request.id}::uuid, ${request.organizationId}::uuid, ${request.kind}::"RequestKind",
      ${request.filter === null ? null : JSON.stringify(request.filter)}::jsonb, ${ids ? 0 : null}::int, ${request.jobType},
      ${request.change === null ? null : JSON.stringify(request.change)}::jsonb, ${request.reason},
      ${JSON.stringify(request.askedBy)}::jsonb, ${request.askedBy.id}::uuid, statement_timestamp(), statement_timestamp() + ${request.days * 24} * interval '1 hour')`
  if (!ids) return null
  const matched = await tx.$executeRaw`
    INSERT INTO request_items (request_id, job_id) SELECT ${request.id}::uuid, found.id FROM (${ids}) found`
  await tx.$executeRaw`UPDATE requests SET matched = ${matched} WHERE id = ${request.id}::uuid`
  return matched
}

/** Which requests a caller may see: everybody's in some organizations, and in others only their own. */
export interface VisibleRequests {
  everybodysIn: Scope
  ownIn?: { scope: Scope; askedById: string }
}

/** In a list of all organizations, those that were deleted are left out: nobody can do there what was asked. */
function isVisible({ everybodysIn, ownIn }: VisibleRequests): Prisma.Sql {
  if ('all' in everybodysIn)
    return sql`NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = r.organization_id AND o.status = 'DELETED')`
  const all = inScope(sql`r.organization_id`, everybodysIn)
  if (!ownIn) return all
  return sql`(${all} OR (${inScope(sql`r.organization_id`, ownIn.scope)} AND r.asked_by_id = ${ownIn.askedById}::uuid))`
}
const ofKinds = (kinds: readonly RequestKind[] | undefined) =>
  kinds ? sql`AND r.kind = ANY(${[...kinds]}::"RequestKind"[])` : Prisma.empty

/** How many open requests of these kinds a caller sees. Without kinds, of all kinds. */
export async function countOpenRequests(
  db: DbOrTx,
  { visible, kinds }: { visible: VisibleRequests; kinds?: readonly RequestKind[] },
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM requests r
    WHERE r.status = 'OPEN' AND r.expires_at > clock_timestamp() AND ${isVisible(visible)} ${ofKinds(kinds)}`
  return row!.count
}

/** The requests that a caller sees, newest first, page by page. Without kinds, of all kinds. */
export async function listRequests(
  db: DbOrTx,
  {
    visible,
    kinds,
    statuses,
    cursor,
    limit,
  }: {
    visible: VisibleRequests
    kinds?: readonly RequestKind[]
    statuses?: readonly RequestStatus[]
    cursor?: string
    limit: number
  },
): Promise<Page<RequestView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<RequestView[]>`
    SELECT ${columns} FROM requests r
    WHERE ${isVisible(visible)} ${before ? sql`AND r.id < ${before}::uuid` : Prisma.empty} ${ofKinds(kinds)}
      ${statuses?.length ? sql`AND ${status} = ANY(${[...statuses]}::"RequestStatus"[])` : Prisma.empty}
    ORDER BY r.id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  )
}

/**
 * One request.
 *
 * @throws EngineError NOT_FOUND when it does not exist or is not in this scope. The caller is not told which
 */
export async function getRequest(db: DbOrTx, requestId: string, scope: Scope): Promise<RequestView> {
  const [row] = await db.$queryRaw<RequestView[]>`
    SELECT ${columns} FROM requests r JOIN organizations o ON o.id = r.organization_id
    WHERE r.id = ${requestId}::uuid AND ${inScope(sql`r.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`
  if (!row) throw notVisible('request', requestId)
  return row
}

/** The job that a request about one job names, or null where it is no longer there. */
export async function jobOfRequest(db: DbOrTx, requestId: string): Promise<string | null> {
  const [row] = await db.$queryRaw<{ id: string }[]>`
    SELECT j.id FROM request_items i JOIN jobs j ON j.id = i.job_id WHERE i.request_id = ${requestId}::uuid LIMIT 1`
  return row?.id ?? null
}

/** One request in any state, locked until the transaction ends. */
export async function lockRequest(tx: Tx, requestId: string, scope: Scope): Promise<RequestView> {
  await tx.$queryRaw`SELECT id FROM requests WHERE id = ${requestId}::uuid FOR NO KEY UPDATE`
  return getRequest(tx, requestId, scope)
}

/** Ends an open request. Its list of jobs goes: a bulk action that carries it out has taken it over by then. */
export async function endRequest(
  tx: Tx,
  requestId: string,
  end: { status: RequestStatus; by: Actor; reason: string | null },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE requests SET status = ${end.status}::"RequestStatus", ended_at = clock_timestamp(),
      ended_by = ${JSON.stringify(end.by)}::jsonb, end_reason = ${end.reason}
    WHERE id = ${requestId}::uuid`
  await tx.$executeRaw`DELETE FROM request_items WHERE request_id = ${requestId}::uuid`
}

/** Says which bulk action carries a request out. */
export async function linkBulk(tx: Tx, requestId: string, bulkId: string): Promise<void> {
  await tx.$executeRaw`UPDATE requests SET bulk_id = ${bulkId}::uuid WHERE id = ${requestId}::uuid`
}

/** Days for which a request is kept after its end, as bulk actions are. */
const KEPT_DAYS = 30
/** Rows that one statement changes or removes. */
const BATCH = 2_000

/** Ends requests that nobody decided in time, and removes old ones, piece by piece. */
export async function sweepRequests(db: Db): Promise<void> {
  await db.$executeRaw`
    UPDATE requests SET status = 'EXPIRED', ended_at = expires_at WHERE id IN (
      SELECT id FROM requests WHERE status = 'OPEN' AND expires_at <= statement_timestamp() LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`
  await db.$executeRaw`
    DELETE FROM request_items i USING (
      SELECT request_id, job_id FROM request_items WHERE request_id IN (SELECT id FROM requests WHERE status <> 'OPEN') LIMIT ${BATCH}) old
    WHERE i.request_id = old.request_id AND i.job_id = old.job_id`
  await db.$executeRaw`
    DELETE FROM requests r WHERE r.id IN (
        SELECT id FROM requests WHERE ended_at < statement_timestamp() - ${KEPT_DAYS} * interval '1 day' LIMIT ${BATCH})
      AND NOT EXISTS (SELECT 1 FROM request_items i WHERE i.request_id = r.id)`
}
