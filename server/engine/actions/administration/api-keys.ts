import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import type { KeyRole } from '@/server/generated/prisma/enums'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '../../domain/api-key'
import { EngineError, notVisible } from '../../domain/errors'
import { requireName } from '../../domain/names'
import type { Actor } from '../../domain/types'
import { insertApiKey, jobsOfKey, lockApiKey, type ApiKeyView } from '../../store/administration/api-keys'
import { writeAudit } from '../../store/administration/audit'
import { requireGrant } from '../../store/administration/grants'
import { inTransaction } from '../../store/transaction'
import { BATCH, settleJobs, type Disposal } from './revoked-keys'

/** Calls a second of a key that says nothing else: plenty for a service, and no load by accident. */
const DEFAULT_CALLS_PER_SECOND = 100
/** As far as waiting jobs are counted for the question what becomes of them. */
const COUNTED = 10_000

interface By {
  actor: Actor
  address: string | null
  reason?: string | null
}

/**
 * Makes an API key of an organization, or of the platform (`organizationId` null, role SYSTEM_ADMIN).
 * `key` is the key itself: it is in this answer and nowhere else. The actor must be ADMIN there, or a system
 * admin, and still be it when this commits; a key of an organization makes none.
 *
 * @throws EngineError NOT_FOUND for an organization that is not there; NOT_PERMITTED; INVALID_INPUT for a role
 * that does not go with it, a name that cannot be one, or an expiry that is past.
 */
export async function createApiKey(
  db: DbOrTx,
  {
    organizationId,
    name: given,
    role,
    callsPerSecond = DEFAULT_CALLS_PER_SECOND,
    expiresAt = null,
    actor,
    address,
    reason,
  }: By & {
    organizationId: string | null
    name: string
    role: KeyRole
    callsPerSecond?: number
    expiresAt?: Date | null
  },
): Promise<{ apiKey: ApiKeyView; key: string }> {
  if ((organizationId === null) !== (role === 'SYSTEM_ADMIN')) {
    throw refused(
      'role',
      organizationId === null
        ? 'must be SYSTEM_ADMIN for a key of the platform'
        : 'must be VIEWER, OPERATOR or ADMIN for a key of an organization',
    )
  }
  const name = requireName(given, 'name')
  return inTransaction(db, async (tx) => {
    if (organizationId !== null) await requirePresent(tx, organizationId)
    await requireGrant(tx, organizationId, actor)
    const key = generateApiKey()
    const made = await insertApiKey(tx, {
      id: uuidv7(),
      organizationId,
      name,
      role,
      callsPerSecond,
      expiresAt,
      prefix: apiKeyPrefix(key),
      hash: hashApiKey(key),
      createdBy: actor,
    })
    if (!made) throw refused('expiresAt', 'must be in the future')
    const { prefix } = made
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: 'apiKey.create',
      targetType: 'apiKey',
      targetId: made.id,
      after: { name, role, prefix, callsPerSecond, expiresAt: expiresAt?.toISOString() ?? null },
    })
    return { apiKey: made, key }
  })
}

/**
 * Revokes an API key: from this commit on it opens nothing, and open streams of it end within seconds.
 * Its waiting jobs are canceled, or pass to whoever revokes: the first 500 with this commit, the others
 * within seconds after it (`sweepRevokedKeys`), whatever becomes of this process. What runs goes on; a
 * retry of it, canceled keys' jobs that were missed, and what is submitted at this very moment end in
 * DEAD_LETTER "submitter no longer permitted" at their start. One that is revoked stays as it is.
 *
 * @returns the key, and how many of its jobs waited (counted up to 10,000).
 * @throws EngineError NOT_FOUND; INVALID_INPUT when jobs wait and nobody said what becomes of them.
 */
export async function revokeApiKey(
  db: DbOrTx,
  {
    organizationId,
    apiKeyId,
    waitingJobs,
    actor,
    address,
    reason,
  }: By & {
    organizationId: string | null
    apiKeyId: string
    waitingJobs?: Disposal
  },
): Promise<{ apiKey: ApiKeyView; jobs: number }> {
  return inTransaction(db, async (tx) => {
    const before = await lockApiKey(tx, organizationId, apiKeyId)
    if (!before) throw notVisible('API key', apiKeyId)
    if (before.revokedAt) return { apiKey: before, jobs: 0 }
    const waiting = await jobsOfKey(tx, before, { limit: COUNTED })
    if (waiting.length > 0 && !waitingJobs)
      throw refused(
        'waitingJobs',
        `must be "cancel" or "transfer" (to you): ${countText(waiting.length)} of this key wait`,
      )
    if (waitingJobs === 'transfer' && actor.type === 'key' && actor.id === apiKeyId) {
      throw refused('waitingJobs', 'must be "cancel": a key cannot pass its jobs to itself')
    }

    const disposal = waitingJobs ?? 'cancel'
    await tx.$executeRaw`
      UPDATE api_keys SET revoked_at = clock_timestamp(), revoked_by = ${JSON.stringify(actor)}::jsonb, waiting_jobs = ${disposal.toUpperCase()}::"KeyJobs"
      WHERE id = ${apiKeyId}::uuid`
    const after = (await lockApiKey(tx, organizationId, apiKeyId))!
    await writeAudit(tx, {
      organizationId,
      actor,
      address,
      reason,
      action: 'apiKey.revoke',
      targetType: 'apiKey',
      targetId: apiKeyId,
      before: { name: before.name, role: before.role, prefix: before.prefix, revokedAt: null },
      after: {
        revokedAt: after.revokedAt!.toISOString(),
        jobs: waiting.length,
        ...(waiting.length > 0 && { waitingJobs: disposal }),
      },
    })
    await settleJobs(tx, { ...after, revokedBy: actor, disposal }, waiting.slice(0, BATCH), { address, reason })
    return { apiKey: after, jobs: waiting.length }
  })
}

const refused = (path: string, message: string) =>
  new EngineError('INVALID_INPUT', `The input does not fit: ${path} ${message}.`, { fields: [{ path, message }] })

const countText = (jobs: number) =>
  jobs === COUNTED
    ? `${COUNTED.toLocaleString('en')} jobs or more`
    : jobs === 1
      ? '1 job'
      : `${jobs.toLocaleString('en')} jobs`

/** Held until the end, so that its deletion, and whoever removes a member, waits and finds the key. */
async function requirePresent(tx: Tx, organizationId: string): Promise<void> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM organizations WHERE id = ${organizationId}::uuid AND status <> 'DELETED' FOR SHARE`
  if (found.length === 0) throw notVisible('organization', organizationId)
}
