import type { Tx } from '@/server/db'
import type { ActKind, BulkStatus } from '../../domain/bulk'
import { systemActor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { advance, advanceBackfill, endBulk, nextItems, bulkPermission, type BulkRow } from '../../store/bulk'
import { auditPart, endOf, isSmall } from './bulk-audit'
import { backfillPart } from '../schedules/backfill-part'
import { BULK_PART, doPart } from './bulk-part'

// Does one part of an action on very many jobs, so that no transaction lasts long.

const actor = systemActor('maintenance')

export interface PartState {
  changed: number
  /** `later` means that a limit lets it do no more at the moment. */
  state: 'more' | 'later' | Exclude<BulkStatus, 'RUNNING'>
}

/**
 * Does the next part of a bulk action whose row the caller has locked, or ends it. The right is asked for before each
 * part. A requester who has lost it does not get the rest done.
 */
export async function carryOn(tx: Tx, bulk: BulkRow): Promise<PartState> {
  const stop = await whyStop(tx, bulk)
  if (stop !== null) return end(tx, bulk, 0, stop)
  return bulk.action === 'BACKFILL' ? nextRuns(tx, bulk) : nextPart(tx, bulk, bulk.action)
}

async function whyStop(tx: Tx, bulk: BulkRow): Promise<string | null> {
  const { organization, permitted } = await bulkPermission(tx, bulk.id)
  if (organization === 'DELETED') return 'The organization was deleted'
  if (organization === 'SUSPENDED' && (bulk.action === 'RETRY' || bulk.action === 'BACKFILL'))
    return 'The organization was suspended'
  return permitted ? null : `${bulk.requestedBy.name} may no longer do this`
}

async function nextRuns(tx: Tx, bulk: BulkRow): Promise<PartState> {
  const part = await backfillPart(tx, bulk)
  if (!part) return end(tx, bulk, 0, 'The schedule was deleted')
  const next = await advanceBackfill(tx, bulk, part)
  const changed = next.changed - bulk.changed
  if (next.processed >= bulk.matched) return end(tx, next, changed)
  return { changed, state: part.limited ? 'later' : 'more' }
}

async function nextPart(tx: Tx, bulk: BulkRow, kind: ActKind): Promise<PartState> {
  const { organizationId, requestedBy } = bulk
  const items = await nextItems(tx, bulk, BULK_PART)
  const last = items.at(-1)
  if (!last) return end(tx, bulk, 0)
  const onlyOf = bulk.ownOnly ? requestedBy : undefined
  const reason = bulk.reason ?? undefined
  const done = await doPart(
    tx,
    { kind, organizationId, actor: requestedBy, reason, onlyOf, actId: bulk.id },
    items.filter(({ revived }) => !revived).map(({ jobId }) => jobId),
  )
  // The retry of a parent in an earlier part has brought these back already. Nothing is left to do, and they count as
  // changed.
  const early = items.filter(({ revived }) => revived).map(({ jobId }) => ({ jobId, jobType: null, status: null }))
  const changed = done.changed.length + early.length
  const next = await advance(tx, bulk, {
    position: last.jobId,
    facts: [...done.facts, ...early],
    skipped: done.skipped,
    changed,
    revived: done.revived,
    auditId: await auditPart(tx, bulk, done),
  })
  return next.processed >= bulk.matched || items.length < BULK_PART
    ? end(tx, next, changed)
    : { changed, state: 'more' }
}

async function end(tx: Tx, bulk: BulkRow, changed: number, stop?: string): Promise<PartState> {
  await endBulk(tx, bulk.id, stop === undefined ? undefined : { by: actor, reason: stop })
  // A small action that went through needs no entry about its end, because the entries of its parts tell everything. A
  // backfill has an entry about its start, and the schedule's history tells what became of each run.
  if (stop !== undefined || !isSmall(bulk)) {
    await writeAudit(tx, {
      ...endOf(bulk),
      action: stop === undefined ? 'bulk.complete' : 'bulk.abort',
      actor,
      address: null,
      reason: stop,
    })
  }
  return { changed, state: stop === undefined ? 'COMPLETED' : 'ABORTED' }
}
