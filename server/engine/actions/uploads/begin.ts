import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import { EngineError, notVisible } from '../../domain/errors'
import { MAX_UPLOADS, MAX_UPLOADS_OF_FULL_SIZE } from '../../domain/limits'
import type { Actor } from '../../domain/types'
import { inTransaction } from '../../store/transaction'

export interface NewUpload {
  organizationId: string
  /** As whoever uploads it calls it. */
  name: string | null
  contentType: string
  /** Bytes; null where that is known only at its end. */
  size: number | null
  actor: Actor
  /** Bytes that one upload may have. */
  maxBytes: number
}

/**
 * Makes the row of an upload, before its first byte comes.
 *
 * @returns its id
 * @throws EngineError NOT_FOUND; ORGANIZATION_SUSPENDED; RATE_LIMITED where the organization keeps too many, or too much,
 * already
 */
export async function beginUpload(db: DbOrTx, upload: NewUpload): Promise<string> {
  const { organizationId, name, contentType, size, actor, maxBytes } = upload
  return inTransaction(db, async (tx) => {
    // Two that begin at once are counted one after the other.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('jobyard upload', 0) # hashtextextended(${organizationId}::text, 0))`
    const organization = await tx.organization.findUnique({ where: { id: organizationId }, select: { status: true } })
    if (!organization || organization.status === 'DELETED') throw notVisible('organization', organizationId)
    if (organization.status === 'SUSPENDED')
      throw new EngineError(
        'ORGANIZATION_SUSPENDED',
        'This organization is suspended: nothing is uploaded until a system administrator resumes it.',
      )
    // One whose size is not known yet may become as large as any, and counts as such until its end.
    const [kept] = await tx.$queryRaw<{ count: number; bytes: number; seconds: number }[]>`
      SELECT count(*)::int AS count, COALESCE(sum(greatest(received, coalesce(size, ${maxBytes}::bigint))), 0)::float8 AS bytes,
        COALESCE(extract(epoch FROM min(touched_at) + interval '1 day' - clock_timestamp()), 0)::float8 AS seconds
      FROM uploads WHERE organization_id = ${organizationId}::uuid AND removed_at IS NULL`
    if (kept && (kept.count >= MAX_UPLOADS || kept.bytes + (size ?? maxBytes) > MAX_UPLOADS_OF_FULL_SIZE * maxBytes)) {
      throw new EngineError(
        'RATE_LIMITED',
        `Your organization keeps ${kept.count} uploads of ${kept.bytes.toLocaleString('en')} bytes together. It may keep ${MAX_UPLOADS.toLocaleString('en')} of ${(MAX_UPLOADS_OF_FULL_SIZE * maxBytes).toLocaleString('en')} bytes. Each goes a day after it was last needed.`,
        { retryAfterSeconds: Math.max(1, Math.ceil(kept.seconds)) },
      )
    }
    const id = uuidv7()
    await tx.$executeRaw`
      INSERT INTO uploads (id, organization_id, name, content_type, size, created_by)
      VALUES (${id}::uuid, ${organizationId}::uuid, ${name}, ${contentType}, ${size}::bigint, ${JSON.stringify(actor)}::jsonb)`
    return id
  })
}
