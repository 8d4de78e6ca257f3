import { namedFiles, runningAttempts } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Looks at files that attempts wrote whose process died. A file that a completed attempt's row names is kept; the
 * others are removed. Files of running attempts are left alone.
 */
export const abandonedFiles = ({ db, files }: DutyContext): Duty => ({
  name: 'abandoned files',
  everyMs: 15_000,
  needs: 'postgresql',
  async run() {
    const { kept, removed } = await files.settleAbandoned({
      running: (attempts) => runningAttempts(db, attempts),
      named: (jobIds) => namedFiles(db, jobIds),
    })
    return { note: kept + removed > 0 ? `files of dead attempts: ${kept} kept, ${removed} removed` : undefined }
  },
})
