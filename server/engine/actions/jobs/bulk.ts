import { v7 as uuidv7 } from 'uuid'
import { Prisma, type DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { AuditAction } from '../../domain/audit/actions'
import type { BulkFact, BulkKind, BulkResult, BulkView, Selection, Skipped } from '../../domain/bulk'
import { EngineError, notVisible } from '../../domain/errors'
import { MAX_BULK, MAX_BULK_AT_ONCE } from '../../domain/limits'
import type { Actor, Json, Scope } from '../../domain/types'
import { writeAudit, type AuditEvent } from '../../store/administration/audit'
import { endBulk, getBulk, insertBulk, lockBulk, noSuchBulk } from '../../store/bulk'
import { matchingIds } from '../../store/reads/filter'
import { inTransaction } from '../../store/transaction'
import { BULK_PART, doPart, type Act } from './bulk-part'

/** One decision about many jobs of an organization. */
export interface BulkRequest {
  kind: BulkKind
  organizationId: string
  selection: Selection
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
 * transaction. For more jobs, the action is stored with the caller's transaction, and the leader carries it out after
 * the commit (`runBulks`). The answer then has `bulkId`, and names as skipped only jobs that do not exist.
 *
 * @throws EngineError NOT_FOUND or ORGANIZATION_SUSPENDED (retries), INVALID_INPUT when more than a million jobs match
 */
export async function startBulk(db: DbOrTx, request: BulkRequest): Promise<BulkResult> {
  const { organizationId, selection } = request
  await requireActive(db, request)
  const ids = idsOf(request, MAX_BULK + 1)
  const few = await db.$queryRaw<{ id: string }[]>(Prisma.sql`${idsOf(request, MAX_BULK_AT_ONCE + 1)}`)
  const skipped = 'jobIds' in selection ? await notThere(db, organizationId, selection.jobIds) : []
  if (few.length <= MAX_BULK_AT_ONCE) {
    const done = await doAtOnce(
      db,
      request,
      few.map(({ id }) => id),
    )
    return { ...done, skipped: [...skipped, ...done.skipped] }
  }

  const id = uuidv7()
  const matched = await inTransaction(db, async (tx) => {
    const filter = filterOf(selection)
    const { kind, role, ownOnly = false, actor, address, reason } = request
    const count = await insertBulk(
      tx,
      { id, organizationId, kind, requestedBy: actor, address, role, ownOnly, filter, reason },
      ids,
    )
    if (count > MAX_BULK) throw tooMany()
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: AUDIT[kind].action,
      targetType: 'bulk',
      targetId: id,
      after: { ...(filter !== null && { filter }), matched: count },
    })
    return count
  })
  return { matched, changed: 0, skipped, bulkId: id }
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

/** The audit's record of the end of a bulk action. */
export function endOf({
  id,
  organizationId,
  action,
  matched,
  processed,
  changed,
  skipped,
}: BulkView): Pick<AuditEvent, 'organizationId' | 'targetType' | 'targetId' | 'after'> {
  return {
    organizationId,
    targetType: 'bulk',
    targetId: id,
    after: { action, matched, processed, changed, skipped: { ...skipped } },
  }
}

/** How the audit names each act, and the jobs that it was done to. */
const AUDIT: Record<BulkKind, { action: AuditAction; done: string }> = {
  CANCEL: { action: 'job.cancelMany', done: 'canceled' },
  RETRY: { action: 'job.retryMany', done: 'retried' },
  DELETE: { action: 'job.deleteMany', done: 'deleted' },
}

async function requireActive(db: DbOrTx, { organizationId, kind }: BulkRequest): Promise<void> {
  const organization = await db.organization.findUnique({ where: { id: organizationId }, select: { status: true } })
  if (!organization || organization.status === 'DELETED') throw notVisible('organization', organizationId)
  if (kind === 'RETRY' && organization.status === 'SUSPENDED') {
    throw new EngineError(
      'ORGANIZATION_SUSPENDED',
      'This organization is suspended: nothing can be retried until it is resumed.',
    )
  }
}

/** A query for the jobs that are meant and there, at most `limit`. */
export function idsOf(
  { organizationId, selection }: Pick<BulkRequest, 'organizationId' | 'selection'>,
  limit: number,
): Prisma.Sql {
  if ('jobIds' in selection) {
    return Prisma.sql`
      SELECT j.id FROM jobs j WHERE j.id = ANY(${[...selection.jobIds]}::uuid[]) AND j.organization_id = ${organizationId}::uuid LIMIT ${limit}`
  }
  const matching = matchingIds(
    { ...selection.filter, organizationId },
    { organizationIds: [organizationId] },
    { limit, ordered: false },
  )
  return matching ?? Prisma.sql`SELECT NULL::uuid AS id WHERE FALSE`
}

export async function notThere(db: DbOrTx, organizationId: string, jobIds: readonly string[]): Promise<Skipped[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT asked.id FROM unnest(${[...new Set(jobIds)]}::uuid[]) WITH ORDINALITY AS asked(id, place)
    WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = asked.id AND j.organization_id = ${organizationId}::uuid) ORDER BY place`
  return rows.map(({ id }) => ({ jobId: id, reason: 'NOT_FOUND' }))
}

async function doAtOnce(db: DbOrTx, request: BulkRequest, ids: string[]): Promise<BulkResult> {
  const { kind, organizationId, actor, address, reason, ownOnly } = request
  const onlyOf = ownOnly ? actor : undefined
  const act: Act = { kind, organizationId, actor, reason, onlyOf, actId: uuidv7() }
  const filter = filterOf(request.selection)
  ids.sort()
  // The newest jobs are canceled first. A parent that is canceled in an earlier part would send its children to
  // DEAD_LETTER before their turn.
  if (kind === 'CANCEL') ids.reverse()
  const result: BulkResult = { matched: ids.length, changed: 0, skipped: [] }
  const revived = new Set<string>()
  for (let at = 0; at < ids.length; at += BULK_PART) {
    const turn = ids.slice(at, at + BULK_PART)
    const open = turn.filter((id) => !revived.has(id))
    const part = await inTransaction(db, async (tx) => {
      const done = await doPart(tx, act, open)
      if (done.changed.length === 0) return done
      const of = { part: at / BULK_PART + 1, parts: Math.ceil(ids.length / BULK_PART) }
      await auditPart(tx, { organizationId, actor, address, reason }, kind, done, {
        ...(filter !== null && { filter }),
        matched: ids.length,
        ...of,
      })
      return done
    })
    for (const id of part.revived) revived.add(id)
    result.changed += part.changed.length + turn.length - open.length
    result.skipped.push(...part.skipped)
  }
  return result
}

/** Writes one audit event for a part. For deleted jobs it also keeps what is recorded nowhere else. */
export async function auditPart(
  tx: DbOrTx,
  who: Pick<AuditEvent, 'organizationId' | 'actor' | 'address' | 'reason'> & { organizationId: string },
  kind: BulkKind,
  { changed, facts }: { changed: readonly string[]; facts: readonly BulkFact[] },
  after: { [key: string]: Json },
): Promise<void> {
  const { action, done } = AUDIT[kind]
  const gone = new Set(kind === 'DELETE' ? changed : [])
  await writeAudit(tx, {
    ...who,
    action,
    targetType: 'organization',
    targetId: who.organizationId,
    before:
      gone.size > 0 ? { jobs: facts.filter(({ jobId }) => gone.has(jobId)).map((fact) => ({ ...fact })) } : undefined,
    after: { ...after, [done]: [...changed] },
  })
}

const filterOf = (selection: Selection): Json =>
  'filter' in selection ? (JSON.parse(JSON.stringify(selection.filter)) as Json) : null

function tooMany(): EngineError {
  const most = MAX_BULK.toLocaleString('en')
  return new EngineError(
    'INVALID_INPUT',
    `More than ${most} jobs match. Make the filter narrower, for instance by status or time, and repeat.`,
    {
      fields: [{ path: 'filter', message: `must match at most ${most} jobs` }],
    },
  )
}
