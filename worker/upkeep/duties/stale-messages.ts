import { countNote, type Duty, type DutyContext } from '../duty'
import { StaleMessages } from '../reconciler'

/**
 * Removes stale messages from BullMQ (see StaleMessages). A worker would refuse to run them. While they lie in the queue,
 * it looks fuller than it is.
 */
export function staleMessages({ db, carrier }: DutyContext): Duty {
  const stale = new StaleMessages(db, carrier)
  return {
    name: 'stale messages',
    everyMs: 5_000,
    needs: 'queue',
    run: async () => ({ note: countNote(await stale.remove(), 'stale messages removed') }),
  }
}
