import type { DbOrTx } from '@/server/db'
import { MAX_SEGMENTS } from '../../domain/limits'
import { toUpload, UPLOAD_COLUMNS, type UploadView } from '../../store/uploads'

/**
 * Notes a piece that storage has. `isLast` says that the file ends with it, where its size was not known. Null where
 * the upload has grown by another piece meanwhile, is whole, has too many pieces, or is gone: then this one belongs to
 * nothing.
 */
export async function extendUpload(
  db: DbOrTx,
  {
    uploadId,
    offset,
    segment,
    isLast = false,
  }: { uploadId: string; offset: number; segment: { id: string; size: number }; isLast?: boolean },
): Promise<UploadView | null> {
  const [row] = await db.$queryRaw<Parameters<typeof toUpload>[0][]>`
    UPDATE uploads SET received = received + ${segment.size}::bigint, touched_at = clock_timestamp(),
      segments = segments || ${JSON.stringify([segment])}::jsonb,
      size = CASE WHEN ${isLast} THEN received + ${segment.size}::bigint ELSE size END,
      completed_at = CASE WHEN ${isLast} OR received + ${segment.size}::bigint = size THEN clock_timestamp() END
    WHERE id = ${uploadId}::uuid AND received = ${offset}::bigint AND completed_at IS NULL AND removed_at IS NULL
      AND jsonb_array_length(segments) < ${MAX_SEGMENTS}
    RETURNING ${UPLOAD_COLUMNS}`
  return row ? toUpload(row) : null
}
