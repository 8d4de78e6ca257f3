import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { ActKind, BulkResult, BulkView, Selection } from '../../domain/bulk'
import { EngineError, notVisible } from '../../domain/errors'
import { MAX_BULK, MAX_BULK_AT_ONCE } from '../../domain/limits'
import type { Actor, Json, Scope } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { dropBulk, endBulk, getBulk, insertBulk, lockBulk, noSuchBulk, noteStart, skippedItems } from '../../store/bulk'
import { inTransaction } from '../../store/transaction'
import { auditStart, endOf } from './bulk-audit'
import { carryOn } from './bulk-carry-on'
import { filterOf, idsOf, notThere, refuseTooMany } from './bulk-selection'

// Bulk actions: cancels, retries or deletes many jobs at once.

/** For reading what this call itself has begun. */
const EVERYWHERE: Scope = { all: true }

/** One decision about many jobs of an organization. */
export interface BulkRequest {
  kind: ActKind
  organizationId: string
  selection: Selection
  /** The filter that first chose the jobs, where the selection itself does not say it. */
  chosenBy?: Json
  /** The role that the requester needs. It must have it for as long as the action lasts. */
  role: OrgRole
  /** True where the requester may act only on jobs that it submitted itself. */
  ownOnly?: boolean
  actor: Actor
  address: string | null
  reason?: string
}

/**
 * Cancels, retries or deletes many jobs, named or all that match a filter. Which jobs these are is decided once, at the
 * beginning. Jobs that come to match later are not touched. Jobs that can no longer be changed when their turn comes
 * are skipped and named.
 *
 * Up to 500 jobs are done at once: in transactions of 200 jobs, each with its AuditEvent, or all in the caller's
 * transaction. For more jobs the leader carries the action out after the commit (`runBulks`). The answer then has
 * `bulkId`, and names as skipped only jobs that do not exist. Small and large actions are both kept, and `receiptId` is
 * the id under which they are found.
 *
 * @throws EngineError NOT_FOUND or ORGANIZATION_SUSPENDED (retries), INVALID_INPUT when more than a million jobs match
 */
export async function startBulk(db: DbOrTx, request: BulkRequest): Promise<BulkResult> {
  const skipped = await notThere(db, request)
  const begun = await inTransaction(db, async (tx) => {
    const bulk = await beginBulk(tx, request)
    if (bulk) await announceBulk(tx, bulk)
    return bulk
  })
  if (!begun) return { matched: 0, changed: 0, skipped }
  const { id, matched } = begun
  if (matched > MAX_BULK_AT_ONCE) return { matched, changed: 0, skipped, bulkId: id, receiptId: id }
  const done = await finishAtOnce(db, id)
  return { ...done, skipped: [...skipped, ...done.skipped] }
}

/**
 * Stores a bulk action with the jobs that it is about. Nothing is done to them yet. Null where there is no such job:
 * then nothing is stored.
 *
 * @throws EngineError as `startBulk`
 */
export async function beginBulk(tx: Tx, request: BulkRequest): Promise<{ id: string; matched: number } | null> {
  const { kind, organizationId, selection, role, ownOnly = false, actor, address, reason } = request
  await requireActive(tx, request)
  const id = uuidv7()
  const idsUpTo = await idsOf(tx, request)
  const filter = request.chosenBy ?? filterOf(selection)
  const matched = await insertBulk(
    tx,
    { id, organizationId, kind, requestedBy: actor, address, role, ownOnly, filter, reason },
    // One more than is allowed, so that too many are noticed.
    idsUpTo(MAX_BULK + 1),
  )
  refuseTooMany(matched)
  if (matched === 0) {
    await dropBulk(tx, id)
    return null
  }
  return { id, matched }
}

/** A large action gets its entry in the audit when it begins; a small one gets one for each part. */
export async function announceBulk(tx: Tx, { id, matched }: { id: string; matched: number }): Promise<void> {
  if (matched <= MAX_BULK_AT_ONCE) return
  const bulk = await lockBulk(tx, id, EVERYWHERE)
  if (bulk) await noteStart(tx, id, await auditStart(tx, bulk))
}

/**
 * Carries a small bulk action out to its end, or until a limit lets in no more runs of a backfill. Then the leader goes on
 * with it, as it does where this process dies. The two may share its parts.
 */
export async function finishAtOnce(db: DbOrTx, bulkId: string): Promise<BulkResult> {
  for (let more = true; more;) {
    more = await inTransaction(db, async (tx) => {
      const bulk = await lockBulk(tx, bulkId, EVERYWHERE)
      return bulk?.status === 'RUNNING' && (await carryOn(tx, bulk)).state === 'more'
    })
  }
  const { matched, changed, status } = await getBulk(db, bulkId, EVERYWHERE)
  const { items } = await skippedItems(db, { bulkId, limit: MAX_BULK_AT_ONCE })
  return { matched, changed, skipped: items, receiptId: bulkId, ...(status === 'RUNNING' && { bulkId }) }
}

/**
 * Ends a bulk action early. What it has done stays done.
 *
 * @throws EngineError NOT_FOUND, or ILLEGAL_TRANSITION when it is over
 */
export async function abortBulk(
  db: DbOrTx,
  { bulkId, actor, address, reason }: { bulkId: string; actor: Actor; address: string | null; reason?: string },
  scope: Scope,
): Promise<BulkView> {
  return inTransaction(db, async (tx) => {
    const bulk = await lockBulk(tx, bulkId, scope)
    if (!bulk) throw noSuchBulk(bulkId)
    if (bulk.status !== 'RUNNING') {
      throw new EngineError(
        'ILLEGAL_TRANSITION',
        `This bulk action is ${bulk.status}: there is nothing left to abort.`,
        { from: bulk.status, to: 'ABORTED' },
      )
    }
    await endBulk(tx, bulkId, { by: actor, reason: reason ?? null })
    await writeAudit(tx, { ...endOf(bulk), action: 'bulk.abort', actor, address, reason })
    return getBulk(tx, bulkId, scope)
  })
}

async function requireActive(tx: Tx, { organizationId, kind }: BulkRequest): Promise<void> {
  const organization = await tx.organization.findUnique({ where: { id: organizationId }, select: { status: true } })
  if (!organization || organization.status === 'DELETED') throw notVisible('organization', organizationId)
  if (kind === 'RETRY' && organization.status === 'SUSPENDED') {
    throw new EngineError(
      'ORGANIZATION_SUSPENDED',
      'This organization is suspended: nothing can be retried until it is resumed.',
    )
  }
}
