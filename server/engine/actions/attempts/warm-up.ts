import type { Db } from '@/server/db'
import { claimNothing } from './claim'
import { dispatchNothing } from './dispatch'
import { finishNothing } from './finish'

/**
 * Opens `connections` of a pool of as many, and runs on each, over no jobs, what the hot path runs on it:
 * PostgreSQL then knows the statements and all that they name. It takes a new connection some 50 ms,
 * which the first jobs would otherwise wait for. Rejects where a connection could not be had; those that
 * could are ready all the same.
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
        // A plan that is kept is made at the first use: made now, it would be one for tables that may be empty.
        await tx.$executeRaw`SET LOCAL plan_cache_mode = force_custom_plan`
        arrived = true
        arrive()
        // Each transaction holds a connection of its own until all have one.
        await together
        await claimNothing(tx)
        await finishNothing(tx)
        // Last, as it holds the dispatchers' lock until the end.
        await dispatchNothing(tx)
      })
    } finally {
      if (!arrived) arrive()
    }
  }
  const failed = (await Promise.allSettled(Array.from({ length: connections }, one))).find(
    (each) => each.status === 'rejected',
  )
  if (failed) throw failed.reason
}
