import type { DbOrTx } from '@/server/db'
import { lives, takesWork } from '../live-workers'

/** Which workers take jobs. A worker that drains takes none. */
export interface AliveByPool {
  /** How many workers take the jobs of each pool that a job type names, and of the pool `default`. */
  workers: Record<string, number>
  /**
   * Whether workers that are alive reach BullMQ's store: false where none of them does, null where none has said so
   * yet.
   */
  store: boolean | null
}

/** Counts the workers that take jobs, by pool. */
export async function aliveByPool(db: DbOrTx): Promise<AliveByPool> {
  const [pools, [store]] = await Promise.all([
    db.$queryRaw<{ pool: string; alive: number }[]>`
      SELECT p.pool, count(w.id)::int AS alive
      FROM (SELECT DISTINCT pool FROM job_types UNION SELECT 'default') p
      LEFT JOIN workers w ON ${takesWork} AND (w.pools IS NULL OR p.pool = ANY (w.pools))
      GROUP BY p.pool ORDER BY p.pool`,
    db.$queryRaw<{ ok: boolean | null }[]>`SELECT bool_or(store_ok) AS ok FROM workers WHERE ${lives}`,
  ])
  return { workers: Object.fromEntries(pools.map(({ pool, alive }) => [pool, alive])), store: store?.ok ?? null }
}
