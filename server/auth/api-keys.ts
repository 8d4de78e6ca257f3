import { timingSafeEqual } from 'node:crypto'
import type { Db } from '@/server/db'
import { gathered, keysOfPrefixes, noteKeyUse } from '@/server/engine'
import { apiKeyPrefix, hashApiKey, isApiKey } from '@/server/engine/domain/api-key'
import type { Principal } from './principal'

// Finds the caller behind an API key.

/** Keys of calls that arrive together are read in one statement. */
const keysOfPrefix = gathered(keysOfPrefixes)

/** The caller behind a key, or null when the key is unknown, expired or revoked. */
export async function principalOfKey(db: Db, key: string): Promise<Principal | null> {
  if (!isApiKey(key)) return null
  const keys = await keysOfPrefix(db, apiKeyPrefix(key))
  // The secret part is compared here, in constant time.
  const hash = hashApiKey(key)
  const found = keys.find((each) => timingSafeEqual(each.hash, hash))
  if (!found) return null
  noteUse(db, found.id)
  const { id, name, role, organization, callsPerSecond } = found
  // A key has either an organization or the role SYSTEM_ADMIN (a check of the table), which the types cannot say.
  const member = organization !== null && role !== 'SYSTEM_ADMIN' && organization.status !== 'DELETED'
  return {
    type: 'key',
    id,
    name,
    email: null,
    systemAdmin: organization === null && role === 'SYSTEM_ADMIN',
    memberships: member ? [{ ...organization, role }] : [],
    via: 'bearer',
    callsPerSecond,
  }
}

const NOTE_EVERY_MS = 60_000
/** When the use of each key was last noted, in milliseconds since 1970. Forgetting it costs one more note. */
const useNotedAt = new Map<string, number>()

/**
 * Records the last use, at most once a minute for each key, because a busy key must not update its row all the time.
 */
function noteUse(db: Db, keyId: string): void {
  const now = Date.now()
  if (now - (useNotedAt.get(keyId) ?? 0) < NOTE_EVERY_MS) return
  if (useNotedAt.size > 10_000) useNotedAt.clear()
  useNotedAt.set(keyId, now)
  // Nobody waits for this, and a failure of it does not concern the call.
  noteKeyUse(db, keyId).catch(() => useNotedAt.delete(keyId))
}
