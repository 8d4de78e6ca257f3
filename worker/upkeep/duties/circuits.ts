import { sweepCircuits } from '@/server/engine'
import { logEvent } from '@/server/telemetry/log-events'
import type { Duty, DutyContext } from '../duty'

/** The first run looks back over the whole window of a circuit, because nobody may have led for that long. */
const FIRST_LOOK_SECONDS = 1_800
const LATER_LOOK_SECONDS = 30

/**
 * Opens the circuit of a job type in an organization where too many attempts fail, and closes it again when a trial
 * has succeeded. Each change is a line in the log (rule 4.40).
 */
export function circuits({ db, logger }: DutyContext): Duty {
  let lookBackSeconds = FIRST_LOOK_SECONDS
  return {
    name: 'circuits',
    everyMs: 1_000,
    needs: 'postgresql',
    async run() {
      const { closed, released, changes } = await sweepCircuits(db, { lookBackSeconds })
      lookBackSeconds = LATER_LOOK_SECONDS
      for (const { change, ...circuit } of changes)
        logger.warn(logEvent('circuit', { change, ...circuit }), TEXTS[change])
      return { jobs: closed + released, viewersLook: changes.length > 0 }
    },
  }
}

const TEXTS = {
  opened: 'a circuit opened: jobs of this type wait in this organization',
  closed: 'a circuit closed: jobs of this type run again in this organization',
  'trial failed': 'the trial of an open circuit failed: jobs go on waiting',
}
