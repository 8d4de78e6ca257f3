import { sweepCircuits } from '@/server/engine'
import { logEvent } from '@/server/telemetry/log-events'
import type { Duty, DutyContext } from '../duty'

/**
 * Opens the circuit of a job type in an organization where too many attempts fail, and closes it again when a trial
 * has succeeded. Each change is a line in the log (rule 4.40).
 *
 * A run looks at what has failed since this process last ran it, however long that was: others may have led in between,
 * and a run that was long or failed makes the pause longer.
 *
 * @param now milliseconds of a clock that only goes forward
 */
export function circuits({ db, logger }: DutyContext, now = () => performance.now()): Duty {
  let sweptAt = -Infinity
  return {
    name: 'circuits',
    everyMs: 1_000,
    needs: 'postgresql',
    async run() {
      const began = now()
      const { closed, released, changes } = await sweepCircuits(db, { sweptSecondsAgo: (began - sweptAt) / 1000 })
      sweptAt = began
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
