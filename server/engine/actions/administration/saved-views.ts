import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { invalid } from '../../domain/job-options'
import { MAX_SAVED_VIEW_BYTES, MAX_SAVED_VIEWS } from '../../domain/limits'
import { requireName } from '../../domain/names'
import type { Actor, Scope } from '../../domain/types'
import { writeAudit } from '../../store/administration/audit'
import { findSavedView, type SavedView } from '../../store/administration/saved-views'
import { inTransaction } from '../../store/transaction'

/** Characters of a view's name. */
export const MAX_VIEW_NAME = 80
/** In which organizations the person may see views was checked by the caller. */
const EVERYWHERE: Scope = { all: true }

export interface NewSavedView {
  name: string
  query: SavedView['query']
  /** Default: for its maker alone. */
  shared?: boolean
}

/**
 * Keeps a view for the person who asks, at most 100 in each organization.
 * @throws EngineError NOT_PERMITTED for a key; INVALID_INPUT for a name that they use already, one that cannot be kept, or one
 * view too many.
 */
export async function createSavedView(
  db: DbOrTx,
  { organizationId, view, actor }: { organizationId: string; view: NewSavedView; actor: Actor },
): Promise<SavedView> {
  const ownerId = personOf(actor)
  const name = requireName(view.name, 'name', MAX_VIEW_NAME)
  requireSmall(view.query, 'query')
  return inTransaction(db, async (tx) => {
    await lockOwner(tx, ownerId)
    const [{ count, taken }] = await tx.$queryRaw<[{ count: number; taken: boolean }]>`
      SELECT count(*)::int AS count, COALESCE(bool_or(name = ${name}), FALSE) AS taken FROM saved_views
      WHERE organization_id = ${organizationId}::uuid AND owner_id = ${ownerId}::uuid`
    if (taken) throw nameTaken('name', name)
    if (count >= MAX_SAVED_VIEWS)
      throw invalid('name', `You keep ${count} views here, the most there can be. Delete one that you no longer need.`)
    const id = uuidv7()
    await tx.$executeRaw`
      INSERT INTO saved_views (id, organization_id, owner_id, name, query, shared, created_by, created_at)
      VALUES (${id}::uuid, ${organizationId}::uuid, ${ownerId}::uuid, ${name}, ${JSON.stringify(view.query)}::json, ${view.shared ?? false},
        ${JSON.stringify(actor)}::jsonb, clock_timestamp())`
    return (await findSavedView(tx, { viewId: id, userId: ownerId }, EVERYWHERE))!
  })
}

/**
 * Changes a view; what is left out stays.
 * @throws EngineError NOT_FOUND for one that the actor does not see; NOT_PERMITTED for somebody else's; INVALID_INPUT as
 * `createSavedView`, naming `changes.…`.
 */
export async function updateSavedView(
  db: DbOrTx,
  { viewId, changes, actor }: { viewId: string; changes: Partial<NewSavedView>; actor: Actor },
): Promise<SavedView> {
  const ownerId = personOf(actor)
  const name = changes.name === undefined ? undefined : requireName(changes.name, 'changes.name', MAX_VIEW_NAME)
  if (changes.query) requireSmall(changes.query, 'changes.query')
  return inTransaction(db, async (tx) => {
    await lockOwner(tx, ownerId)
    const before = await requireSeen(tx, viewId, ownerId)
    if (before.createdBy.id !== ownerId)
      throw new EngineError(
        'NOT_PERMITTED',
        `Only ${before.createdBy.name} may change this view. Save it under a name of your own.`,
      )
    const { organizationId } = before
    const others = await tx.$queryRaw<unknown[]>`
      SELECT 1 AS found FROM saved_views
      WHERE organization_id = ${organizationId}::uuid AND owner_id = ${ownerId}::uuid AND name = ${name ?? null} AND id <> ${viewId}::uuid`
    if (others.length > 0) throw nameTaken('changes.name', name!)
    const query = changes.query === undefined ? null : JSON.stringify(changes.query)
    await tx.$executeRaw`
      UPDATE saved_views SET name = COALESCE(${name ?? null}, name), query = COALESCE(${query}::json, query), shared = COALESCE(${changes.shared ?? null}::boolean, shared)
      WHERE id = ${viewId}::uuid`
    return requireSeen(tx, viewId, ownerId)
  })
}

/**
 * Deletes a view. One that somebody else shares is deleted on behalf of the organization, and the audit keeps it: the
 * caller has checked that the actor may do that.
 * @throws EngineError NOT_FOUND for one that the actor does not see
 */
export async function deleteSavedView(
  db: DbOrTx,
  { viewId, reason, actor, address }: { viewId: string; reason?: string | null; actor: Actor; address: string | null },
): Promise<void> {
  const userId = personOf(actor)
  return inTransaction(db, async (tx) => {
    const before = await requireSeen(tx, viewId, userId)
    const gone = await tx.$executeRaw`DELETE FROM saved_views WHERE id = ${viewId}::uuid`
    if (gone === 0 || before.createdBy.id === userId) return
    const { organizationId, name, query, createdBy } = before
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: 'savedView.delete',
      targetType: 'savedView',
      targetId: viewId,
      before: { name, query, createdBy: { ...createdBy } },
    })
  })
}

/** What somebody who leaves kept for themselves goes with them; what they shared stays. */
export async function forgetSavedViews(
  tx: Tx,
  { organizationId, userId }: { organizationId: string; userId: string | null },
): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM saved_views WHERE organization_id = ${organizationId}::uuid AND owner_id = ${userId}::uuid AND NOT shared`
}

/** @throws EngineError NOT_PERMITTED for whoever is no person */
function personOf({ type, id }: Actor): string {
  if (type === 'user' && id !== null) return id
  throw new EngineError('NOT_PERMITTED', 'Saved views belong to people; an API key has none. Sign in at the dashboard.')
}

/** One person's changes go one after another, so that neither the number nor the names get past their limit. */
async function lockOwner(tx: Tx, ownerId: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`saved views of ${ownerId}`}, 0))::text AS locked`
}

async function requireSeen(tx: Tx, viewId: string, userId: string): Promise<SavedView> {
  const found = await findSavedView(tx, { viewId, userId }, EVERYWHERE)
  if (found) return found
  throw noView(viewId)
}

export const noView = (viewId: string) =>
  new EngineError('NOT_FOUND', `There is no saved view ${viewId} that you may see.`)

const nameTaken = (path: string, name: string) =>
  invalid(path, `You have a view "${name}" already. Change that one, or choose another name.`)

function requireSmall(query: SavedView['query'], path: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(query))
  if (bytes > MAX_SAVED_VIEW_BYTES)
    throw invalid(path, `It takes ${bytes} bytes; at most ${MAX_SAVED_VIEW_BYTES} fit. Name fewer jobs or values.`)
}
