import { timingSafeEqual } from 'node:crypto'
import { statementName, type Db } from '@/server/db'
import { gathered } from '@/server/engine'
import { apiKeyPrefix, hashApiKey, isApiKey } from '@/server/engine/domain/api-key'
import type { KeyRole, OrganizationStatus } from '@/server/generated/prisma/enums'
import type { Principal } from './principal'

interface Row {
  id: string
  prefix: string
  hash: Uint8Array
  name: string
  role: KeyRole
  calls_per_second: number
  organization_id: string | null
  organization_name: string
  slug: string
  status: OrganizationStatus
}

/** Keys that are good now, by what a key shows of itself. */
const rowsOfPrefix = gathered(async (db, prefixes: string[]) => {
  const rows = await db.$queryRaw<Row[]>`${statementName('keys_of_prefixes')}
    SELECT k.id, k.prefix, k.hash, k.name, k.role, k.calls_per_second, k.organization_id, o.name AS organization_name, o.slug, o.status
    FROM api_keys k LEFT JOIN organizations o ON o.id = k.organization_id
    WHERE k.prefix = ANY(${[...new Set(prefixes)]}::text[]) AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())`
  return prefixes.map((prefix) => rows.filter((row) => row.prefix === prefix))
})

/** The caller behind a key, or null when the key is unknown, expired or revoked. */
export async function principalOfKey(db: Db, key: string): Promise<Principal | null> {
  if (!isApiKey(key)) return null
  const rows = await rowsOfPrefix(db, apiKeyPrefix(key))
  // The secret part is compared here, in constant time.
  const hash = hashApiKey(key)
  const row = rows.find((each) => timingSafeEqual(each.hash, hash))
  if (!row) return null
  noteUse(db, row.id)
  const { organization_id: id, organization_name: name, slug, status, role } = row
  const member = id !== null && role !== 'SYSTEM_ADMIN' && status !== 'DELETED'
  return {
    type: 'key',
    id: row.id,
    name: row.name,
    email: null,
    systemAdmin: id === null && role === 'SYSTEM_ADMIN',
    memberships: member ? [{ id, name, slug, status, role }] : [],
    via: 'bearer',
    callsPerSecond: row.calls_per_second,
  }
}

const NOTE_EVERY_MS = 60_000
const noted = new Map<string, number>()

/** Writes the last use, at most once a minute for each key; a busy key must not update its row all the time. */
function noteUse(db: Db, keyId: string): void {
  const now = Date.now()
  if (now - (noted.get(keyId) ?? 0) < NOTE_EVERY_MS) return
  if (noted.size > 10_000) noted.clear()
  noted.set(keyId, now)
  // Nobody waits for it, and a failure says nothing about the call itself.
  db.$executeRaw`
    UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE id = ${keyId}::uuid AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')`.catch(
    () => noted.delete(keyId),
  )
}
