import { Prisma, type DbOrTx } from '@/server/db'
import type { Scope } from '../domain/types'

// Reads uploads, the files that people and services give to jobs, and keeps those that jobs read.

/** A file that somebody uploaded, as far as it is here. */
export interface UploadView {
  id: string
  organizationId: string
  /** The file's name, as whoever uploaded it gave it. Null where none was given. */
  name: string | null
  contentType: string
  /** Bytes of the whole file; null while nobody has said. */
  size: number | null
  /** Bytes that are here. */
  received: number
  complete: boolean
  /** The pieces in storage, in their order. */
  segments: { id: string; size: number }[]
}

interface Row {
  id: string
  organization_id: string
  name: string | null
  content_type: string
  size: bigint | null
  received: bigint
  complete: boolean
  segments: { id: string; size: number }[]
}

/** The columns of an upload that `toUpload` takes. */
export const UPLOAD_COLUMNS = Prisma.sql`id, organization_id, name, content_type, size, received, completed_at IS NOT NULL AS complete, segments`

export const toUpload = (row: Row): UploadView => ({
  id: row.id,
  organizationId: row.organization_id,
  name: row.name,
  contentType: row.content_type,
  size: row.size === null ? null : Number(row.size),
  received: Number(row.received),
  complete: row.complete,
  segments: row.segments,
})

/** An upload that the caller may see, or null. */
export async function findUpload(db: DbOrTx, uploadId: string, scope: Scope): Promise<UploadView | null> {
  const within =
    'all' in scope ? Prisma.sql`true` : Prisma.sql`organization_id = ANY(${[...scope.organizationIds]}::uuid[])`
  const [row] = await db.$queryRaw<Row[]>`
    SELECT ${UPLOAD_COLUMNS} FROM uploads WHERE id = ${uploadId}::uuid AND removed_at IS NULL AND ${within}`
  return row ? toUpload(row) : null
}

/**
 * A whole upload of an organization, for a job that reads it. It is kept for another day from now, so that a retry
 * finds it, too. Null where there is none, or not all of it has come.
 */
export async function keepUpload(db: DbOrTx, uploadId: string, organizationId: string): Promise<UploadView | null> {
  const [row] = await db.$queryRaw<Row[]>`
    UPDATE uploads SET touched_at = clock_timestamp()
    WHERE id = ${uploadId}::uuid AND organization_id = ${organizationId}::uuid AND completed_at IS NOT NULL AND removed_at IS NULL
    RETURNING ${UPLOAD_COLUMNS}`
  return row ? toUpload(row) : null
}
