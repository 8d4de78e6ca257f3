import { foldUsage, notePeaks, prunePeaks } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Adds up how many unfinished jobs each organization has. Submissions and outcomes only write differences, so that they
 * do not wait for each other. This duty adds the differences up before they become many, and
 * notes the most that each organization had in this hour.
 */
export const usage = ({ db }: DutyContext): Duty => ({
  name: 'usage',
  everyMs: 5_000,
  needs: 'postgresql',
  async run() {
    await foldUsage(db)
    await notePeaks(db)
    await prunePeaks(db)
    return {}
  },
})
