import type { Db, Tx } from '@/server/db'
import type { BulkStatus } from '../../domain/bulk'
import { systemActor } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { advance, endBulk, nextItems, runningBulks, standing, takeBulk, type BulkRow } from '../../store/bulk'
import { withoutWaiting } from '../../store/transaction'
import { auditPart, endOf } from './bulk'
import { BULK_PART, doPart } from './bulk-part'

const actor = systemActor('maintenance')

/** What one run over the bulk actions has done. */
export interface BulkRun {
  /** How many jobs were changed. */
  changed: number
  /** The actions that ended. */
  ended: { id: string; status: BulkStatus }[]
}

/**
 * Goes on with the bulk actions that are not over, in turns. Each part of 200 jobs is a transaction of its own. Jobs,
 * outcomes, counts and place are committed together, so that after a crash the next run goes on where the last part
 * ended. Where several processes run this at once, one of them takes each part.
 *
 * @param forMs milliseconds. The part in which they are over is the last
 */
export async function runBulks(db: Db, { forMs }: { forMs: number }): Promise<BulkRun> {
  const until = performance.now() + forMs
  const run: BulkRun = { changed: 0, ended: [] }
  let open = await runningBulks(db)
  while (open.length > 0) {
    const left: string[] = []
    for (const id of open) {
      const part = await doNextPart(db, id)
      run.changed += part.changed
      if (part.state === 'more') left.push(id)
      if (part.state === 'COMPLETED' || part.state === 'ABORTED') run.ended.push({ id, status: part.state })
      if (performance.now() >= until) return run
    }
    open = left
  }
  return run
}

/**
 * `held` means that another leader has the action, or that somebody has had one of its jobs locked for long. The next
 * run tries again.
 */
type PartState = { changed: number; state: 'more' | 'held' | BulkStatus }

async function doNextPart(db: Db, bulkId: string): Promise<PartState> {
  const part = await withoutWaiting(db, async (tx): Promise<PartState> => {
    const bulk = await takeBulk(tx, bulkId)
    if (!bulk) return { changed: 0, state: 'held' }
    const stop = await whyStop(tx, bulk)
    return stop === null ? carryOn(tx, bulk) : end(tx, bulk, 0, stop)
  })
  return part ?? { changed: 0, state: 'held' }
}

/** The right is asked for before each part. A requester who has lost it does not get the rest done. */
async function whyStop(tx: Tx, bulk: BulkRow): Promise<string | null> {
  const { organization, permitted } = await standing(tx, bulk.id)
  if (organization === 'DELETED') return 'The organization was deleted'
  if (organization === 'SUSPENDED' && bulk.action === 'RETRY') return 'The organization was suspended'
  return permitted ? null : `${bulk.requestedBy.name} may no longer do this`
}

async function carryOn(tx: Tx, bulk: BulkRow): Promise<PartState> {
  const { organizationId, action: kind, requestedBy, address } = bulk
  const reason = bulk.reason ?? undefined
  const items = await nextItems(tx, bulk, BULK_PART)
  const last = items.at(-1)
  if (!last) return end(tx, bulk, 0)
  const onlyOf = bulk.ownOnly ? requestedBy : undefined
  const act = { kind, organizationId, actor: requestedBy, reason, onlyOf, actId: bulk.id }
  const done = await doPart(
    tx,
    act,
    items.filter(({ revived }) => !revived).map(({ jobId }) => jobId),
  )
  const early = items.filter(({ revived }) => revived).map(({ jobId }) => ({ jobId, jobType: null, status: null }))
  const changed = done.changed.length + early.length
  const next = await advance(tx, bulk, {
    position: last.jobId,
    facts: [...done.facts, ...early],
    skipped: done.skipped,
    changed,
    revived: done.revived,
  })
  // The histories of changed jobs record what happened. For deleted jobs only the audit can.
  if (kind === 'DELETE' && done.changed.length > 0) {
    await auditPart(tx, { organizationId, actor: requestedBy, address, reason }, kind, done, {
      bulkId: bulk.id,
      matched: bulk.matched,
    })
  }
  return items.length < BULK_PART ? end(tx, next, changed) : { changed, state: 'more' }
}

async function end(tx: Tx, bulk: BulkRow, changed: number, stop?: string): Promise<PartState> {
  await endBulk(tx, bulk.id, stop === undefined ? undefined : { by: actor, reason: stop })
  await writeAudit(tx, {
    ...endOf(bulk),
    action: stop === undefined ? 'bulk.complete' : 'bulk.abort',
    actor,
    address: null,
    reason: stop,
  })
  return { changed, state: stop === undefined ? 'COMPLETED' : 'ABORTED' }
}
