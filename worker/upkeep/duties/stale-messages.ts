import { countNote, type Duty, type DutyContext } from '../duty'
import { StaleMessages } from '../reconciler'

/**
 * Takes messages out of BullMQ whose job was canceled, deleted or brought back. A worker would refuse to run them; here
 * they only make the queue look fuller than it is.
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
