import { evaluateAlerts, pruneAlerts } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** Milliseconds. After this time a run begins no further transaction. The last one still goes on to its end, and no other duty runs meanwhile. */
const RUN_MS = 300
/** Milliseconds between two looks for what is too old. */
const PRUNE_MS = 600_000

/**
 * Looks at the alert rules whose turn it is, each every 30 seconds, and submits the messages about what changed. Where two workers do it
 * at once, each message is still submitted once. An installation without rules pays for one look at an empty index.
 */
export function alerts({ db, logger }: DutyContext): Duty {
  let prunedAt = -Infinity
  return {
    name: 'alerts',
    everyMs: 5_000,
    needs: 'postgresql',
    async run() {
      const { messages, failures } = await evaluateAlerts(db, { forMs: RUN_MS })
      for (const { during, error } of failures)
        logger.error(
          { err: error, during },
          during === 'messages'
            ? 'messages of alerts could not be submitted; the next look tries again'
            : 'alert rules could not be looked at; the next look tries again',
        )
      if (performance.now() - prunedAt > PRUNE_MS) {
        prunedAt = performance.now()
        await pruneAlerts(db)
      }
      return { jobs: messages, note: messages > 0 ? `${messages} messages of alerts submitted` : undefined }
    },
  }
}
