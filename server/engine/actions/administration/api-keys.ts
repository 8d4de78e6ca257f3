import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx, Tx } from '@/server/db'
import type { KeyRole } from '@/server/generated/prisma/enums'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '../../domain/api-key'
import { EngineError, notVisible } from '../../domain/errors'
import { MAX_COUNTED_OF_KEY } from '../../domain/limits'
import { requireName } from '../../domain/names'
import type { Actor } from '../../domain/types'
import { insertApiKey, jobsOfKey, lockApiKey, type ApiKeyView } from '../../store/administration/api-keys'
import { writeAudit } from '../../store/administration/audit'
import { requireGrant } from '../../store/administration/grants'
import { inTransaction } from '../../store/transaction'
import { BATCH, settleJobs, type Disposal } from './revoked-keys'

/**
 * The rate of a key that is made without one, in calls a second. It is enough for a service, and too little for a load
 * that nobody intended.
 */
const DEFAULT_CALLS_PER_SECOND = 100

interface By {
  actor: Actor
  address: string | null
  reason?: string | null
}

/**
 * Makes an API key of an organization, or of the platform (`organizationId` null, role SYSTEM_ADMIN). `key` is the key
 * itself. It is in this answer and nowhere else. The actor must be ADMIN there or a system admin, and still be so when
 * this commits. A key of an organization cannot make keys.
 *
 * @throws EngineError NOT_FOUND for an organization that does not exist; NOT_PERMITTED; INVALID_INPUT for a role that
 * does not go with it, a name that is not allowed, or an expiry in the past
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
 * Revokes an API key. From this commit on no call with it is accepted, and its open streams end within seconds. Its
 * waiting jobs are canceled, or pass to the actor who revokes. The first 500 do so with this commit, the others within
 * seconds after it (`sweepRevokedKeys`), even if this process ends. Running jobs go on. Where jobs are canceled, some end
 * at their start in DEAD_LETTER with "submitter no longer permitted": retries of jobs that were running, waiting jobs
 * that the cancel missed, and jobs that are being submitted at this moment. A key that is revoked already stays as it is.
 *
 * @returns the key, and how many of its jobs waited (counted up to 10,000)
 * @throws EngineError NOT_FOUND; INVALID_INPUT when jobs wait and the call does not say what becomes of them, or when a
 * key would pass its jobs to itself
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
    const waiting = await jobsOfKey(tx, before, { limit: MAX_COUNTED_OF_KEY })
    if (waiting.length > 0 && !waitingJobs)
      throw refused(
        'waitingJobs',
        `must be "cancel" or "transfer" (to you): ${countText(waiting.length)} of this key wait`,
      )
    if (waitingJobs === 'transfer' && actor.type === 'key' && actor.id === apiKeyId) {
      throw refused('waitingJobs', 'must be "cancel": a key cannot pass its jobs to itself')
    }

    // Without a word from the caller no job waits now. A submission that is open at this moment may still bring one.
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
  jobs === MAX_COUNTED_OF_KEY
    ? `${jobs.toLocaleString('en')} jobs or more`
    : jobs === 1
      ? '1 job'
      : `${jobs.toLocaleString('en')} jobs`

/**
 * Locks the organization until the transaction ends. Whoever deletes it or removes a member waits, and then finds the
 * new key.
 */
async function requirePresent(tx: Tx, organizationId: string): Promise<void> {
  const found = await tx.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM organizations WHERE id = ${organizationId}::uuid AND status <> 'DELETED' FOR SHARE`
  if (found.length === 0) throw notVisible('organization', organizationId)
}
