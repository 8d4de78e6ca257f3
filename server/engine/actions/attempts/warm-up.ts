import type { Db } from '@/server/db'
import { claimNothing } from './claim'
import { dispatchNothing } from './dispatch'
import { finishNothing } from './finish'

/**
 * Opens all `connections` of a pool. On each it runs the statements of the hot path over no jobs, so that PostgreSQL
 * knows the statements and all that they name. This takes some 50 ms on a new connection, for which the first jobs
 * would otherwise wait. It rejects where a connection could not be opened. The others are ready all the same.
 */
export async function warmUp(db: Db, connections: number): Promise<void> {
  let missing = connections
  let goOn: () => void
  const together = new Promise<void>((resolve) => (goOn = resolve))
  const arrive = () => {
    if (--missing === 0) goOn()
  }
  const one = async () => {
    let arrived = false
    try {
      await db.$transaction(async (tx) => {
        // PostgreSQL makes a plan at the first use and keeps it. It must not keep one from now, when the tables may
        // still be empty.
        await tx.$executeRaw`SET LOCAL plan_cache_mode = force_custom_plan`
        arrived = true
        arrive()
        // Each transaction keeps its connection until all have one.
        await together
        await claimNothing(tx)
        await finishNothing(tx)
        // This comes last, because it holds the dispatchers' lock until the transaction ends.
        await dispatchNothing(tx)
      })
    } finally {
      // A connection that could not be opened is not waited for.
      if (!arrived) arrive()
    }
  }
  const failed = (await Promise.allSettled(Array.from({ length: connections }, one))).find(
    (each) => each.status === 'rejected',
  )
  if (failed) throw failed.reason
}
