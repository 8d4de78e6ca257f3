import type { Tx } from '@/server/db'
import type { BulkFact, BulkKind, BulkView } from '../../domain/bulk'
import { MAX_BULK_AT_ONCE } from '../../domain/limits'
import type { AuditAction } from '../../domain/audit/actions'
import type { Json } from '../../domain/types'
import { writeAudit, type AuditEvent } from '../../store/administration/audit'
import type { BulkRow } from '../../store/bulk'
import { BULK_PART } from './bulk-part'

// The entries of the audit about bulk actions, which act on many jobs at once.

/** How the audit names each act, and the jobs that it was done to. */
const AUDIT: Record<BulkKind, { action: AuditAction; done: string }> = {
  CANCEL: { action: 'job.cancelMany', done: 'canceled' },
  RETRY: { action: 'job.retryMany', done: 'retried' },
  DELETE: { action: 'job.deleteMany', done: 'deleted' },
  BACKFILL: { action: 'schedule.backfill', done: 'submitted' },
}

/** Done within the call that asks for it. Then the audit has an entry for each part, which names the jobs. */
export const isSmall = ({ matched }: Pick<BulkView, 'matched'>): boolean => matched <= MAX_BULK_AT_ONCE

/** Writes down that a large bulk action begins. Returns the id of the entry. */
export const auditStart = (tx: Tx, bulk: BulkRow): Promise<string> =>
  writeAudit(tx, { ...ofBulk(bulk), action: AUDIT[bulk.action].action, after: { ...about(bulk) } })

/**
 * Writes down what a part has changed. Returns the id of the entry, or null where none is needed: the histories of
 * changed jobs tell what a large action did, and only for deleted jobs the audit has to.
 */
export async function auditPart(
  tx: Tx,
  bulk: BulkRow,
  { changed, facts }: { changed: readonly string[]; facts: readonly BulkFact[] },
): Promise<string | null> {
  if (changed.length === 0 || !(isSmall(bulk) || bulk.action === 'DELETE')) return null
  const { action, done } = AUDIT[bulk.action]
  const gone = new Set(bulk.action === 'DELETE' ? changed : [])
  return writeAudit(tx, {
    ...ofBulk(bulk),
    action,
    before:
      gone.size > 0 ? { jobs: facts.filter(({ jobId }) => gone.has(jobId)).map((fact) => ({ ...fact })) } : undefined,
    after: {
      ...about(bulk),
      ...(!isSmall(bulk) && { bulkId: bulk.id }),
      part: Math.floor(bulk.processed / BULK_PART) + 1,
      parts: Math.ceil(bulk.matched / BULK_PART),
      [done]: [...changed],
    },
  })
}

/** The audit's record of the end of a bulk action. */
export const endOf = (bulk: BulkView): Pick<AuditEvent, 'organizationId' | 'targetType' | 'targetId' | 'after'> => ({
  organizationId: bulk.organizationId,
  targetType: 'bulk',
  targetId: bulk.id,
  after: {
    action: bulk.action,
    matched: bulk.matched,
    processed: bulk.processed,
    changed: bulk.changed,
    skipped: { ...bulk.skipped },
  },
})

const ofBulk = ({ id, organizationId, requestedBy, address, reason }: BulkRow) => ({
  organizationId,
  actor: requestedBy,
  address,
  reason,
  targetType: 'bulk',
  targetId: id,
})

/** What it is about, and who asked for it where somebody else did it for them. */
const about = ({ filter, matched, request }: BulkRow): { [key: string]: Json } => ({
  ...(filter !== null && { filter }),
  matched,
  ...(request && { requestId: request.id, askedBy: { ...request.askedBy } }),
})
