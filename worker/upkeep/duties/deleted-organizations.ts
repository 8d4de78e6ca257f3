import { sweepDeletedOrganizations } from '@/server/engine'
import { countNote, type Duty, type DutyContext } from '../duty'

/** Ends the jobs of deleted organizations: those that wait become DEAD_LETTER, and those that run get their signal. */
export const deletedOrganizations = ({ db }: DutyContext): Duty => ({
  name: 'deleted organizations',
  everyMs: 2_000,
  needs: 'postgresql',
  run: async () => ({
    note: countNote(await sweepDeletedOrganizations(db), 'jobs of deleted organizations ended'),
  }),
})
