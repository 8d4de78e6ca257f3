import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import type { Backfill, BulkFact, BulkKind, BulkStatus, BulkView, Skipped, SkipReason } from '../domain/bulk'
import { notVisible } from '../domain/errors'
import type { Actor, Json, Scope } from '../domain/types'
import { decodeCursor, pageOf, type Page } from './reads/cursor'
import { inScope } from './reads/job-view'
import { holdsRole } from './administration/permission'
import { actorColumns } from './transition'
import { UUID } from '../domain/uuid'

// Stores bulk actions, which act on many jobs at once: which jobs they are about, and how far they have come.

const { sql, raw } = Prisma

/** A row of a bulk action: what people see of it, and what is needed to carry it out. */
export interface BulkRow extends BulkView {
  /** True where the requester may change only jobs that they submitted. */
  ownOnly: boolean
  /** The address that the request came from. Null where it is not known. */
  address: string | null
  /** The job that the last part ended with. Null before the first part, and for a backfill. */
  position: string | null
}

interface Columns extends Omit<BulkRow, 'requestedBy'> {
  byType: string
  byId: string | null
  byName: string
}

const columns = sql`b.id, b.organization_id AS "organizationId", b.kind AS action, b.status, b.matched, b.processed, b.changed, b.skipped, b.filter, b.backfill, b.reason,
  b.requested_by_type AS "byType", b.requested_by_id AS "byId", b.requested_by_name AS "byName", b.created_at AS "createdAt", b.worked_at AS "workedAt", b.finished_at AS "finishedAt", b.audit_id AS "auditId",
  (SELECT jsonb_build_object('id', r.id, 'askedBy', r.asked_by) FROM requests r WHERE r.bulk_id = b.id) AS request,
  b.aborted_by AS "abortedBy", b.abort_reason AS "abortReason", b.own_only AS "ownOnly", b.address, b.position`

const toRow = ({ byType, byId, byName, ...row }: Columns): BulkRow => ({
  ...row,
  requestedBy: { type: byType.toLowerCase() as Actor['type'], id: byId, name: byName },
})

const toView = ({ ownOnly: _, address: __, position: ___, ...view }: BulkRow): BulkView => view

export interface NewBulk {
  id: string
  organizationId: string
  kind: BulkKind
  requestedBy: Actor
  address: string | null
  /** The role that the requester must still have at each part (`bulkPermission`). */
  role: string
  ownOnly: boolean
  filter: Json
  backfill?: Backfill
  reason: string | undefined
}

/**
 * Stores a bulk action with the jobs that the query `ids` gives now. One statement reads and stores them, so jobs that
 * come to match later are not among them. Returns the number of jobs.
 */
export async function insertBulk(tx: Tx, bulk: NewBulk, ids: Prisma.Sql): Promise<number> {
  await insertAction(tx, bulk, 0)
  const matched =
    await tx.$executeRaw`INSERT INTO bulk_items (bulk_id, job_id) SELECT ${bulk.id}::uuid, found.id FROM (${ids}) found`
  await tx.$executeRaw`UPDATE bulk_actions SET matched = ${matched} WHERE id = ${bulk.id}::uuid`
  return matched
}

/** Stores a bulk action alone. */
async function insertAction(tx: Tx, bulk: NewBulk, matched: number): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO bulk_actions (id, organization_id, kind, requested_by_type, requested_by_id, requested_by_name, address, role, own_only, filter, backfill, reason, matched, created_at, worked_at)
    VALUES (${bulk.id}::uuid, ${bulk.organizationId}::uuid, ${bulk.kind}::"BulkKind", ${actorColumns(bulk.requestedBy)}, ${bulk.address}, ${bulk.role}::"OrgRole", ${bulk.ownOnly},
      ${bulk.filter === null ? null : JSON.stringify(bulk.filter)}::jsonb, ${bulk.backfill ? JSON.stringify(bulk.backfill) : null}::jsonb, ${bulk.reason ?? null}, ${matched},
      clock_timestamp(), clock_timestamp())`
}

/**
 * Stores a backfill with its planned times. Its jobs do not exist yet: until their turn, ids stand for them that no job
 * has.
 */
export async function insertBackfill(tx: Tx, bulk: NewBulk, times: readonly Date[]): Promise<void> {
  await insertAction(tx, bulk, times.length)
  await tx.$executeRaw`
    INSERT INTO bulk_items (bulk_id, job_id, planned_at)
    SELECT ${bulk.id}::uuid, gen_random_uuid(), planned FROM unnest(${[...times]}::timestamptz[]) AS planned`
}

/** The planned times of a backfill that come next, oldest first. */
export function nextPlanned(tx: Tx, bulkId: string, limit: number): Promise<{ jobId: string; plannedAt: Date }[]> {
  return tx.$queryRaw`
    SELECT job_id AS "jobId", planned_at AS "plannedAt" FROM bulk_items
    WHERE bulk_id = ${bulkId}::uuid AND planned_at IS NOT NULL AND status IS NULL AND skipped IS NULL ORDER BY planned_at LIMIT ${limit}`
}

/** What became of one planned time of a backfill. `itemId` is the id that stood for its job. */
export interface Backfilled {
  itemId: string
  /** The job that was submitted, or that it has already. */
  jobId: string | null
  skipped: SkipReason | null
}

/** Stores what became of some planned times. */
export async function advanceBackfill(
  tx: Tx,
  bulk: BulkRow,
  { jobType, done }: { jobType: string; done: readonly Backfilled[] },
): Promise<BulkRow> {
  const items = done.map(({ itemId, jobId, skipped }) => ({
    itemId,
    jobId: jobId ?? itemId,
    skipped,
    status: skipped ? null : 'PENDING',
  }))
  await tx.$executeRaw`
    UPDATE bulk_items b SET job_id = s."jobId", job_type = ${jobType}, status = s.status, skipped = s.skipped
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS s("itemId" uuid, "jobId" uuid, skipped text, status "JobStatus")
    WHERE b.bulk_id = ${bulk.id}::uuid AND b.job_id = s."itemId"`
  const skipped = { ...bulk.skipped }
  for (const { skipped: reason } of done) if (reason) skipped[reason] = (skipped[reason] ?? 0) + 1
  const next = {
    ...bulk,
    processed: bulk.processed + done.length,
    changed: bulk.changed + done.filter((one) => one.skipped === null).length,
    skipped,
  }
  await tx.$executeRaw`
    UPDATE bulk_actions SET processed = ${next.processed}, changed = ${next.changed}, skipped = ${JSON.stringify(skipped)}::jsonb, worked_at = clock_timestamp()
    WHERE id = ${bulk.id}::uuid`
  return next
}

/** Removes a bulk action that turned out to be about no job. */
export async function dropBulk(tx: Tx, bulkId: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM bulk_actions WHERE id = ${bulkId}::uuid`
}

/** Notes which entry of the audit tells that the bulk action was started. */
export async function noteStart(tx: Tx, bulkId: string, auditId: string): Promise<void> {
  await tx.$executeRaw`UPDATE bulk_actions SET audit_id = ${auditId}::uuid WHERE id = ${bulkId}::uuid`
}

/** The bulk actions that are not over. The one that has waited longest comes first. */
export async function runningBulks(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<
    { id: string }[]
  >`SELECT id FROM bulk_actions WHERE status = 'RUNNING' ORDER BY worked_at`
  return rows.map(({ id }) => id)
}

/** Puts a bulk action behind all others that are not over. Passes over one that another transaction has locked. */
export async function letOthersFirst(db: Db, bulkId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE bulk_actions SET worked_at = clock_timestamp()
    WHERE id = (SELECT id FROM bulk_actions WHERE id = ${bulkId}::uuid AND status = 'RUNNING' FOR NO KEY UPDATE SKIP LOCKED)`
}

/**
 * One bulk action that is not over, locked until the transaction ends. Null where another transaction has it, or it is
 * over.
 */
export async function takeBulk(tx: Tx, bulkId: string): Promise<BulkRow | null> {
  const [row] = await tx.$queryRaw<Columns[]>`
    SELECT ${columns} FROM bulk_actions b WHERE b.id = ${bulkId}::uuid AND b.status = 'RUNNING' FOR NO KEY UPDATE SKIP LOCKED`
  return row ? toRow(row) : null
}

/** One bulk action in any state, locked. Null when there is none in this scope. */
export async function lockBulk(tx: Tx, bulkId: string, scope: Scope): Promise<BulkRow | null> {
  const [row] = await tx.$queryRaw<Columns[]>`
    SELECT ${columns} FROM bulk_actions b WHERE b.id = ${bulkId}::uuid AND ${inScope(sql`b.organization_id`, scope)} FOR NO KEY UPDATE`
  return row ? toRow(row) : null
}

/**
 * What decides whether a bulk action may go on: the state of its organization, and whether its requester still has the
 * right.
 */
export async function bulkPermission(tx: Tx, bulkId: string): Promise<{ organization: string; permitted: boolean }> {
  const [row] = await tx.$queryRaw<{ organization: string; permitted: boolean }[]>`
    SELECT o.status AS organization, (${holdsRole({
      type: sql`b.requested_by_type`,
      id: sql`b.requested_by_id`,
      organizationId: sql`b.organization_id`,
      role: sql`b.role`,
    })}) AS permitted
    FROM bulk_actions b JOIN organizations o ON o.id = b.organization_id WHERE b.id = ${bulkId}::uuid`
  if (!row) throw new Error(`the organization of bulk action ${bulkId} does not exist`)
  return row
}

/**
 * The jobs that come next. A cancel begins with the newest job, everything else with the oldest. `revived` is true
 * where the retry of another job of this action has brought the job back already.
 */
export function nextItems(
  tx: Tx,
  { id, action, position }: BulkRow,
  limit: number,
): Promise<{ jobId: string; revived: boolean }[]> {
  const [beyond, order] = action === 'CANCEL' ? [raw('<'), raw('DESC')] : [raw('>'), raw('ASC')]
  return tx.$queryRaw`
    SELECT job_id AS "jobId", revived FROM bulk_items
    WHERE bulk_id = ${id}::uuid ${position === null ? Prisma.empty : sql`AND job_id ${beyond} ${position}::uuid`}
    ORDER BY job_id ${order} LIMIT ${limit}`
}

/** Stores what happened to the jobs of a part, and where the next part begins. */
export async function advance(
  tx: Tx,
  bulk: BulkRow,
  part: {
    position: string
    facts: readonly BulkFact[]
    skipped: readonly Skipped[]
    changed: number
    revived: readonly string[]
    auditId: string | null
  },
): Promise<BulkRow> {
  const reasons = new Map(part.skipped.map(({ jobId, reason }) => [jobId, reason]))
  const items = part.facts.map((fact) => ({ ...fact, skipped: reasons.get(fact.jobId) ?? null }))
  await tx.$executeRaw`
    UPDATE bulk_items b SET job_type = s."jobType", status = s.status, skipped = s.skipped
    FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS s("jobId" uuid, "jobType" text, status "JobStatus", skipped text)
    WHERE b.bulk_id = ${bulk.id}::uuid AND b.job_id = s."jobId"`
  if (part.revived.length > 0) {
    await tx.$executeRaw`UPDATE bulk_items SET revived = true WHERE bulk_id = ${bulk.id}::uuid AND job_id = ANY(${[...part.revived]}::uuid[])`
  }
  const skipped = { ...bulk.skipped }
  for (const { reason } of part.skipped) skipped[reason] = (skipped[reason] ?? 0) + 1
  const next = {
    ...bulk,
    position: part.position,
    processed: bulk.processed + items.length,
    changed: bulk.changed + part.changed,
    skipped,
  }
  await tx.$executeRaw`
    UPDATE bulk_actions SET position = ${next.position}::uuid, processed = ${next.processed}, changed = ${next.changed},
      skipped = ${JSON.stringify(skipped)}::jsonb, worked_at = clock_timestamp(), audit_id = COALESCE(audit_id, ${part.auditId}::uuid)
    WHERE id = ${bulk.id}::uuid`
  return next
}

/** Ends a bulk action. `aborted` is given where some of its jobs have not been dealt with. */
export async function endBulk(tx: Tx, bulkId: string, aborted?: { by: Actor; reason: string | null }): Promise<void> {
  await tx.$executeRaw`
    UPDATE bulk_actions SET status = ${aborted ? 'ABORTED' : 'COMPLETED'}::"BulkStatus", finished_at = clock_timestamp(),
      aborted_by = ${aborted ? JSON.stringify(aborted.by) : null}::jsonb, abort_reason = ${aborted?.reason ?? null}
    WHERE id = ${bulkId}::uuid`
}

/**
 * One bulk action.
 *
 * @throws EngineError NOT_FOUND when it does not exist or is not in this scope. The caller is not told which
 */
export async function getBulk(db: DbOrTx, bulkId: string, scope: Scope): Promise<BulkView> {
  const [row] = await db.$queryRaw<Columns[]>`
    SELECT ${columns} FROM bulk_actions b JOIN organizations o ON o.id = b.organization_id
    WHERE b.id = ${bulkId}::uuid AND ${inScope(sql`b.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`
  if (!row) throw noSuchBulk(bulkId)
  return toView(toRow(row))
}

export const noSuchBulk = (bulkId: string) => notVisible('bulk action', bulkId)

/** Bulk actions of an organization, newest first, page by page. */
export async function listBulks(
  db: DbOrTx,
  {
    organizationId,
    status,
    cursor,
    limit,
  }: { organizationId: string; status?: readonly BulkStatus[]; cursor?: string; limit: number },
): Promise<Page<BulkView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<Columns[]>`
    SELECT ${columns} FROM bulk_actions b
    WHERE b.organization_id = ${organizationId}::uuid ${before ? sql`AND b.id < ${before}::uuid` : Prisma.empty}
      ${status?.length ? sql`AND b.status = ANY(${[...status]}::"BulkStatus"[])` : Prisma.empty}
    ORDER BY b.id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => toView(toRow(row)),
  )
}

/**
 * The jobs that a bulk action skipped, page by page, by their ids: these begin with the time, so the oldest come first.
 * Runs of a backfill come by their planned times, because their ids are random until they have a job. The caller has
 * checked that the reader may see the action.
 */
export async function skippedItems(
  db: DbOrTx,
  { bulkId, reason, cursor, limit }: { bulkId: string; reason?: SkipReason; cursor?: string; limit: number },
): Promise<Page<Skipped>> {
  const [bulk] = await db.$queryRaw<{ planned: boolean }[]>`
    SELECT kind = 'BACKFILL' AS planned FROM bulk_actions WHERE id = ${bulkId}::uuid`
  const planned = bulk?.planned ?? false
  const after = decodeCursor(cursor, planned ? MILLISECONDS : UUID)
  const beyond = planned
    ? sql`AND planned_at > to_timestamp(${Number(after)}::double precision / 1000)`
    : sql`AND job_id > ${after}::uuid`
  const rows = await db.$queryRaw<{ jobId: string; reason: SkipReason; plannedAt: Date | null }[]>`
    SELECT job_id AS "jobId", skipped AS reason, planned_at AS "plannedAt" FROM bulk_items
    WHERE bulk_id = ${bulkId}::uuid AND skipped IS NOT NULL ${after ? beyond : Prisma.empty}
      ${reason ? sql`AND skipped = ${reason}` : Prisma.empty}
    ORDER BY ${planned ? sql`planned_at` : sql`job_id`} LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ jobId, plannedAt }) => (planned ? String(plannedAt!.getTime()) : jobId),
    ({ plannedAt, ...row }) => (plannedAt ? { ...row, plannedAt } : row),
  )
}

/** A moment in a cursor. */
const MILLISECONDS = /^\d{1,14}$/

/** Days for which a bulk action is kept after its end. */
const KEPT_DAYS = 30
/** Items that one statement removes. */
const PRUNE = 2_000

/**
 * Removes old bulk actions piece by piece: first their items, and the action itself when none is left. Returns how many
 * actions were removed.
 */
export async function pruneBulks(db: Db): Promise<number> {
  const expired = sql`SELECT id FROM bulk_actions WHERE finished_at < statement_timestamp() - ${KEPT_DAYS} * interval '1 day'`
  await db.$executeRaw`
    DELETE FROM bulk_items i USING (SELECT bulk_id, job_id FROM bulk_items WHERE bulk_id IN (${expired}) LIMIT ${PRUNE}) old
    WHERE i.bulk_id = old.bulk_id AND i.job_id = old.job_id`
  return db.$executeRaw`
    DELETE FROM bulk_actions b WHERE b.id IN (${expired}) AND NOT EXISTS (SELECT 1 FROM bulk_items i WHERE i.bulk_id = b.id)`
}
