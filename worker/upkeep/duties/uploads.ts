import { deleteRetiredUploads, retireUnusedUploads } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/**
 * Removes uploads that no job used for a day, and uploads that were begun and not finished within that time. An upload
 * that an unfinished job names stays.
 */
export const uploads = ({ db, uploads: files }: DutyContext): Duty => ({
  name: 'uploads',
  everyMs: 15_000,
  needs: 'postgresql',
  async run() {
    const gone = await retireUnusedUploads(db)
    // The files go first. After a crash in between, the row still stands, and the next run removes what is left.
    for (const { id: uploadId, organizationId } of gone) await files.remove({ uploadId, organizationId })
    if (gone.length > 0)
      await deleteRetiredUploads(
        db,
        gone.map(({ id }) => id),
      )
    return { note: countNote(gone.length, 'unused uploads removed') }
  },
})
