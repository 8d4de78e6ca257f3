import { evaluateAlerts, pruneAlerts } from '@/server/engine'
import type { Duty, DutyContext } from '../duty'

/** How long one run may take: no other duty runs meanwhile. */
const RUN_MS = 300
/** Milliseconds between two looks for what is too old. */
const PRUNE_MS = 600_000

/**
 * Looks at the alert rules whose turn it is, each every 30 seconds, and submits the messages about what changed. Where two workers do it
 * at once, each message is still submitted once. An installation without rules pays for one look at an empty index.
 */
export function alerts({ db }: DutyContext): Duty {
  let prunedAt = -Infinity
  return {
    name: 'alerts',
    everyMs: 5_000,
    needs: 'postgresql',
    async run() {
      const { messages } = await evaluateAlerts(db, { forMs: RUN_MS })
      if (performance.now() - prunedAt > PRUNE_MS) {
        prunedAt = performance.now()
        await pruneAlerts(db)
      }
      return { eligible: messages, note: messages > 0 ? `${messages} messages of alerts submitted` : undefined }
    },
  }
}
