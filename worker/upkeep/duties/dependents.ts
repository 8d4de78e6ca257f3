import { sweepDependents } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/**
 * Finds jobs that still wait although all their parents have ended, or one has died with which they die. Ordinarily the
 * end of a parent releases its children or ends them. A race or a crash may leave some behind, and these are found
 * within 5 s.
 */
export const dependents = ({ db }: DutyContext): Duty => ({
  name: 'dependents',
  everyMs: 2_000,
  // Its pause is short, so that the 5 s hold also where there is much to look through.
  restFactor: 1,
  needs: 'postgresql',
  async run() {
    const { released, dead } = await sweepDependents(db)
    return { jobs: released + dead }
  },
})
