import type { Duty, DutyContext } from '../duty'
import { returnLeftBehind, returnMissing } from '../reconciler'

/**
 * Brings back jobs that are QUEUED although BullMQ does not know them: their dispatcher died before it published them,
 * or the store lost its data. It also brings back jobs that are QUEUED for a crew of which no worker is left. So every
 * accepted job is carried out, whatever becomes of the queue.
 */
export const lostMessages = ({ db, carrier }: DutyContext): Duty => ({
  name: 'lost messages',
  everyMs: 1_000,
  needs: 'queue',
  async run() {
    const jobs = (await returnLeftBehind(db)) + (await returnMissing(db, carrier))
    return {
      jobs,
      note: jobs > 0 ? `brought back ${jobs} jobs whose message was lost, or that no worker was left for` : undefined,
    }
  },
})
