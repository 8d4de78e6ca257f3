import { Prisma, type DbOrTx } from '@/server/db'
import type { KeyRole, OrgRole } from '@/server/generated/prisma/enums'
import { rolesAbove } from '../../domain/org-roles'
import { WAITING_STATUSES } from '../../domain/state'
import type { Actor } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'
import { UUID } from '../../domain/uuid'

// Stores API keys, and finds their jobs.

/** An API key as administrators see it: everything except the key itself. */
export interface ApiKeyView {
  id: string
  /** Null for a key of the platform. */
  organizationId: string | null
  name: string
  role: KeyRole
  /** The first characters of the key. */
  prefix: string
  callsPerSecond: number
  createdAt: Date
  /** Null where the seed made the key. */
  createdBy: Actor | null
  expiresAt: Date | null
  /** The last use, to the minute. */
  lastUsedAt: Date | null
  /** Whole days since the last use, or since it was made where it was never used. */
  unusedForDays: number
  revokedAt: Date | null
  revokedBy: Actor | null
}

const columns = Prisma.sql`id, organization_id AS "organizationId", name, role, prefix, calls_per_second AS "callsPerSecond", created_at AS "createdAt",
  created_by AS "createdBy", expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt", revoked_by AS "revokedBy",
  greatest(0, floor(extract(epoch FROM clock_timestamp() - COALESCE(last_used_at, created_at)) / 86400))::int AS "unusedForDays"`

/** Condition: the keys of an organization, or the keys of the platform for null. */
const owner = (organizationId: string | null) =>
  organizationId === null ? Prisma.sql`organization_id IS NULL` : Prisma.sql`organization_id = ${organizationId}::uuid`

/** The keys of an organization or of the platform, with revoked and expired ones, newest first, page by page. */
export async function listApiKeys(
  db: DbOrTx,
  { organizationId, cursor, limit }: { organizationId: string | null; cursor?: string; limit: number },
): Promise<Page<ApiKeyView>> {
  const before = decodeCursor(cursor, UUID)
  const rows = await db.$queryRaw<ApiKeyView[]>`
    SELECT ${columns} FROM api_keys
    WHERE ${owner(organizationId)} AND ${before ? Prisma.sql`id < ${before}::uuid` : Prisma.sql`TRUE`}
    ORDER BY id DESC LIMIT ${limit + 1}`
  return pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  )
}

/** One of these keys, or null. It is locked against other changes. */
export async function lockApiKey(
  db: DbOrTx,
  organizationId: string | null,
  apiKeyId: string,
): Promise<ApiKeyView | null> {
  const [row] = await db.$queryRaw<ApiKeyView[]>`
    SELECT ${columns} FROM api_keys WHERE id = ${apiKeyId}::uuid AND ${owner(organizationId)} FOR NO KEY UPDATE`
  return row ?? null
}

/**
 * The usable keys of an organization that a user made, directly or by way of another key, because older installations
 * let keys make keys.
 * @param above only keys with a higher role than this. Null: keys of every role of an organization
 */
export function liveKeysMadeBy(
  db: DbOrTx,
  { organizationId, userId, above }: { organizationId: string; userId: string; above: OrgRole | null },
): Promise<ApiKeyView[]> {
  return db.$queryRaw<ApiKeyView[]>`
    WITH RECURSIVE made (made_id) AS (
      SELECT id FROM api_keys WHERE organization_id = ${organizationId}::uuid AND created_by ->> 'type' = 'user' AND created_by ->> 'id' = ${userId}
      UNION
      SELECT k.id FROM api_keys k JOIN made m ON k.created_by ->> 'id' = m.made_id::text
      WHERE k.organization_id = ${organizationId}::uuid AND k.created_by ->> 'type' = 'key'
    )
    SELECT ${columns} FROM api_keys JOIN made ON made_id = id
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp()) AND role = ANY(${rolesAbove(above)}::"KeyRole"[])
    ORDER BY id`
}

/** Inserts a key. Where its expiry is not in the future by the database's clock, nothing is inserted. */
export async function insertApiKey(
  db: DbOrTx,
  key: Pick<ApiKeyView, 'id' | 'organizationId' | 'name' | 'role' | 'prefix' | 'callsPerSecond' | 'expiresAt'> & {
    hash: Buffer
    createdBy: Actor
  },
): Promise<ApiKeyView | null> {
  const [row] = await db.$queryRaw<ApiKeyView[]>`
    INSERT INTO api_keys (id, organization_id, name, role, prefix, hash, calls_per_second, expires_at, created_by, created_at)
    SELECT ${key.id}::uuid, ${key.organizationId}::uuid, ${key.name}, ${key.role}::"KeyRole", ${key.prefix}, ${new Uint8Array(key.hash)},
      ${key.callsPerSecond}, ${key.expiresAt}, ${JSON.stringify(key.createdBy)}::jsonb, clock_timestamp()
    WHERE ${key.expiresAt}::timestamptz IS NULL OR ${key.expiresAt}::timestamptz > clock_timestamp()
    RETURNING ${columns}`
  return row ?? null
}

/**
 * Jobs that a key submitted and that wait, or also run with `running`, newest first, at most `limit`. It reads all
 * waiting jobs of the key's organization, of which the quota allows only so many. For a key of the platform it reads
 * those of all organizations.
 *
 * `status <> 'COMPLETED'` changes nothing in the answer. It is the condition of the index jobs_by_status_and_kind,
 * which PostgreSQL does not conclude from a list of statuses.
 */
export async function jobsOfKey(
  db: DbOrTx,
  { id, organizationId }: Pick<ApiKeyView, 'id' | 'organizationId'>,
  { limit, running = false }: { limit: number; running?: boolean },
): Promise<string[]> {
  const statuses = running ? [...WAITING_STATUSES, 'RUNNING'] : [...WAITING_STATUSES]
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT j.id FROM jobs j
    WHERE j.status = ANY(${statuses}::"JobStatus"[]) AND j.status <> 'COMPLETED'
      AND ${organizationId === null ? Prisma.sql`TRUE` : Prisma.sql`j.organization_id = ${organizationId}::uuid`}
      AND j.submitted_by_type = 'KEY' AND j.submitted_by_id = ${id}::uuid
    ORDER BY j.id DESC LIMIT ${limit}`
  return rows.map((row) => row.id)
}
