import { Prisma, type DbOrTx } from '@/server/db'
import type { Actor, Json, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'
import { inScope } from '../reads/job-view'

/** A filter of the jobs page with its columns, kept under a name. */
export interface SavedView {
  id: string
  organizationId: string
  name: string
  /** The dashboard reads and writes it. The engine does not look into it. */
  query: { [member: string]: Json }
  /** Every member of the organization sees it. */
  shared: boolean
  createdBy: Actor
  createdAt: Date
}

const columns = Prisma.sql`v.id, v.organization_id AS "organizationId", v.name, v.query, v.shared, v.created_by AS "createdBy", v.created_at AS "createdAt"`
const viewsWithOrganizations = Prisma.sql`saved_views v JOIN organizations o ON o.id = v.organization_id`
/**
 * A person sees their own views and shared ones, inside the scope. Views of deleted organizations are seen only in the
 * scope of all organizations.
 */
const seenBy = (userId: string, scope: Scope) => Prisma.sql`(v.owner_id = ${userId}::uuid OR v.shared)
  AND ${inScope(Prisma.sql`v.organization_id`, scope)} AND (o.status <> 'DELETED' OR ${'all' in scope})`

/** A person's own views and the shared ones of a scope, newest first, page by page. */
export async function listSavedViews(
  db: DbOrTx,
  { userId, cursor, limit }: { userId: string; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<SavedView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<SavedView[]>`
    SELECT ${columns} FROM ${viewsWithOrganizations}
    WHERE ${seenBy(userId, scope)} AND ${before ? Prisma.sql`v.id < ${before}::uuid` : Prisma.sql`TRUE`}
    ORDER BY v.id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  )
}

/** Finds a view by its id. Null if there is none that this person may see. */
export async function findSavedView(
  db: DbOrTx,
  { viewId, userId }: { viewId: string; userId: string },
  scope: Scope,
): Promise<SavedView | null> {
  const [row] = await db.$queryRaw<SavedView[]>`
    SELECT ${columns} FROM ${viewsWithOrganizations} WHERE v.id = ${viewId}::uuid AND ${seenBy(userId, scope)}`
  return row ?? null
}
