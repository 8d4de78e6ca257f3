import type { DbOrTx, Tx } from '@/server/db'
import type { OrganizationStatus } from '@/server/generated/prisma/enums'
import { SLUG } from '../../domain/name-forms'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'

// Reads and stores organizations.

/** The error of every unfinished job of a deleted organization, and its fingerprint (rule 4.10). */
export const ORGANIZATION_NOT_FOUND = 'Organization not found'

/** An organization as system admins see it. */
export interface OrganizationView {
  id: string
  name: string
  slug: string
  status: OrganizationStatus
  /** The most jobs that may be QUEUED or RUNNING at once. Null is no limit. */
  maxConcurrent: number | null
  /** The most unfinished jobs. Null is no limit. */
  maxUnfinished: number | null
  /** IANA name. Days of reports begin and end in it. */
  timeZone: string
  createdAt: Date
  suspendedAt: Date | null
  suspendReason: string | null
  deletedAt: Date | null
}

/** Every organization, with deleted ones, by slug, page by page. For system admins. */
export async function pageOfOrganizations(
  db: DbOrTx,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<Page<OrganizationView>> {
  const after = decodeCursor(cursor, SLUG)
  const rows = await db.organization.findMany({
    where: after ? { slug: { gt: after } } : {},
    orderBy: { slug: 'asc' },
    take: limit + 1,
  })
  return pageOf(
    rows,
    limit,
    ({ slug }) => slug,
    (row) => row,
  )
}

/** One organization, also a deleted one. Null when it never existed. */
export function getOrganization(db: DbOrTx, organizationId: string): Promise<OrganizationView | null> {
  return db.organization.findUnique({ where: { id: organizationId } })
}

/**
 * Inserts an organization. Returns false where its short name is taken, also by one that was deleted. That does not
 * abort the caller's transaction.
 */
export async function insertOrganization(
  db: DbOrTx,
  {
    id,
    name,
    slug,
    maxConcurrent,
    maxUnfinished,
    timeZone,
  }: Pick<OrganizationView, 'id' | 'name' | 'slug' | 'maxConcurrent' | 'maxUnfinished' | 'timeZone'>,
): Promise<boolean> {
  const rows = await db.$executeRaw`
    INSERT INTO organizations (id, name, slug, max_concurrent, max_unfinished, time_zone, created_at)
    VALUES (${id}::uuid, ${name}, ${slug}, ${maxConcurrent}::int, ${maxUnfinished}::int, ${timeZone}, clock_timestamp())
    ON CONFLICT (slug) DO NOTHING`
  return rows === 1
}

/**
 * The names of all organizations that are not deleted. Until the transaction ends, nobody else reads them here, so that
 * two new organizations cannot both find a name free.
 */
export async function lockNames(tx: Tx): Promise<string[]> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('jobyard names of organizations', 0))::text AS locked`
  const rows = await tx.$queryRaw<{ name: string }[]>`SELECT name FROM organizations WHERE status <> 'DELETED'`
  return rows.map(({ name }) => name)
}

/**
 * One organization, locked against other changes. Null when it never existed. Submissions do not wait for this lock.
 */
export async function lockOrganization(db: DbOrTx, organizationId: string): Promise<OrganizationView | null> {
  const [row] = await db.$queryRaw<OrganizationView[]>`
    SELECT id, name, slug, status, max_concurrent AS "maxConcurrent", max_unfinished AS "maxUnfinished", time_zone AS "timeZone", created_at AS "createdAt",
      suspended_at AS "suspendedAt", suspend_reason AS "suspendReason", deleted_at AS "deletedAt"
    FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`
  return row ?? null
}
