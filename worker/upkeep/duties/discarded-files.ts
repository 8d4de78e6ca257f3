import { discardedFiles as listDiscarded, forgetFiles } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** How many files one run removes at most. */
const FILES = 200

/** Removes the files of jobs that were deleted. */
export const discardedFiles = ({ db, files }: DutyContext): Duty => ({
  name: 'discarded files',
  everyMs: 5_000,
  needs: 'postgresql',
  async run() {
    const keys = await listDiscarded(db, FILES)
    if (keys.length === 0) return {}
    // The files go first. After a crash in between, the notes name files that are gone, and the next run removes them.
    await files.removeArtifacts(keys)
    await forgetFiles(db, keys)
    return {}
  },
})
