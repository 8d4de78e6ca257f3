import { sweepCircuits } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** The first run looks back over the whole window of a circuit, because nobody may have led for that long. */
const FIRST_LOOK_SECONDS = 1_800
const LATER_LOOK_SECONDS = 30

/**
 * Opens the circuit of a job type in an organization where too many attempts fail, and closes it again when a trial
 * has succeeded.
 */
export function circuits({ db }: DutyContext): Duty {
  let lookBackSeconds = FIRST_LOOK_SECONDS
  return {
    name: 'circuits',
    everyMs: 1_000,
    needs: 'postgresql',
    async run() {
      const { opened, closed, reopened, released } = await sweepCircuits(db, { lookBackSeconds })
      lookBackSeconds = LATER_LOOK_SECONDS
      return {
        eligible: closed + released,
        note:
          opened + closed + reopened > 0
            ? `circuits: ${opened} opened, ${closed} closed, ${reopened} trials failed`
            : undefined,
      }
    },
  }
}
