import { foldUsage, notePeaks, prunePeaks } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Adds up how many unfinished jobs each organization has. Submissions and outcomes write differences, so that they do
 * not wait for each other (near its limit an organization's submissions add them up themselves). This duty adds the
 * differences up before they become many. Then it notes the most that each organization had in this hour, which it can
 * only know after the sum, and removes what was noted of old hours.
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
