import type { Db } from '@/server/db'
import type { BulkStatus } from '../../domain/bulk'
import { letOthersFirst, runningBulks, takeBulk } from '../../store/bulk'
import { withoutWaiting } from '../../store/transaction'
import { carryOn, type PartState } from './bulk-carry-on'

// Carries out bulk actions on more jobs than one call may change. The leader among the workers calls it.

/** What one run over the bulk actions has done. */
export interface BulkRun {
  /** How many jobs were changed. */
  changed: number
  /** The actions that ended. */
  ended: { id: string; status: BulkStatus }[]
  /** What went wrong. Those actions are tried again, after the others. */
  failures: { bulkId: string; error: unknown }[]
}

/**
 * Goes on with the bulk actions that are not over, in turns. Each part (200 jobs, or 50 runs of a backfill) is a
 * transaction of its own. Jobs, outcomes, counts and place are committed together, so that after a crash the next run goes
 * on where the last part ended. Where several processes run this at once, one of them takes each part. An action whose
 * part fails holds up no other.
 *
 * @param forMs for how many milliseconds new parts are begun. One is always begun
 */
export async function runBulks(db: Db, { forMs }: { forMs: number }): Promise<BulkRun> {
  const until = performance.now() + forMs
  const run: BulkRun = { changed: 0, ended: [], failures: [] }
  let open = await runningBulks(db)
  while (open.length > 0) {
    const left: string[] = []
    for (const id of open) {
      try {
        const part = await doNextPart(db, id)
        run.changed += part.changed
        if (part.state === 'more') left.push(id)
        if (part.state === 'COMPLETED' || part.state === 'ABORTED') run.ended.push({ id, status: part.state })
      } catch (error) {
        run.failures.push({ bulkId: id, error })
        // Where the database itself is gone, this throws, too.
        await letOthersFirst(db, id)
      }
      if (performance.now() >= until) return run
    }
    open = left
  }
  return run
}

/**
 * `held` means that somebody else has the action, or has had one of its jobs locked for long. The next run tries again.
 */
async function doNextPart(db: Db, bulkId: string): Promise<PartState | { changed: 0; state: 'held' }> {
  const part = await withoutWaiting(db, async (tx) => {
    const bulk = await takeBulk(tx, bulkId)
    return bulk ? carryOn(tx, bulk) : undefined
  })
  return part ?? { changed: 0, state: 'held' }
}
