import { runBulks } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** How many milliseconds one run may take. The duties that need PostgreSQL alone take turns, so others wait meanwhile. */
const RUN_MS = 500

/**
 * Carries on with bulk actions, such as the retry of ten thousand jobs, a part at a time. After a crash the next leader
 * goes on where the last part ended.
 */
export const bulkActions = ({ db }: DutyContext): Duty => ({
  name: 'bulk actions',
  everyMs: 1_000,
  // Somebody waits for them, and their parts are short. So the pause is as long as the run, or half a second where that
  // is longer (maintenance.ts), and they may take up to half of the time.
  restFactor: 1,
  needs: 'postgresql',
  async run() {
    const { changed, ended, failures } = await runBulks(db, { forMs: RUN_MS })
    const notes = [
      ...ended.map(({ id, status }) => `bulk action ${id} ${status}`),
      ...failures.map(({ bulkId, error }) => `bulk action ${bulkId} failed and is tried again: ${String(error)}`),
    ]
    return { jobs: changed, note: notes.length > 0 ? notes.join(', ') : undefined }
  },
})
