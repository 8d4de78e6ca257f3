import { pruneRollups, rollUp } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** Adds up the figures that charts show, so that a chart over a month does not read every job of it. */
export const metricsRollups = ({ db }: DutyContext): Duty => ({
  name: 'metrics rollups',
  everyMs: 10_000,
  needs: 'postgresql',
  async run() {
    await rollUp(db)
    await pruneRollups(db)
    return {}
  },
})
