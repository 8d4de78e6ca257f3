import type { Db } from '@/server/db'
import { inTransaction } from '../../store/transaction'
import { removeJobs } from '../jobs/delete'

/** How many jobs one step looks at, and the most that it removes in one transaction. */
const LOOK = 2_000
const REMOVE = 200
/**
 * Jobs that are younger than the shortest retention of all types need no look. Ids sort by time of creation. It is a
 * subselect, because an index cannot stop at a value that may change while it is read: a step would then read all
 * younger jobs.
 */
const youngest = `(SELECT rpad(lpad(to_hex((EXTRACT(EPOCH FROM clock_timestamp() - min(retention_days) * interval '1 day') * 1000)::bigint), 12, '0'), 32, '0')::uuid
  FROM job_types)`

/** How far the walk over all jobs has come. Null at the beginning. */
export type RetentionCursor = string | null

/**
 * Removes final jobs that are older than their type keeps them (`retentionDays` from their end), with everything that
 * belongs to them. A job stays while an unfinished job waits for it, while it holds its hash (a dedupe window may be
 * longer than the retention), and until the sums have counted it. Each call is one step of a walk over the jobs by key,
 * oldest first, so it needs no index of its own. The caller passes the answer to the next call, and begins again with
 * null.
 */
export async function pruneJobs(db: Db, after: RetentionCursor): Promise<{ removed: number; after: RetentionCursor }> {
  const rows = await db.$queryRawUnsafe<{ id: string; expired: boolean }[]>(
    `SELECT j.id, j.finished_at < least(clock_timestamp() - t.retention_days * interval '1 day', COALESCE((SELECT until FROM rollup_progress), '-infinity'))
       AND j.status IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')
       AND NOT EXISTS (
         SELECT FROM dedupe_claims c WHERE c.organization_id = j.organization_id AND c.job_type = j.job_type AND c.hash = j.dedupe_hash
           AND c.job_id = j.id AND c.held_until > clock_timestamp()) AS expired
     FROM jobs j JOIN job_types t ON t.name = j.job_type
     WHERE j.id > $1::uuid AND j.id < ${youngest} ORDER BY j.id LIMIT ${LOOK}`,
    after ?? '00000000-0000-0000-0000-000000000000',
  )
  const expired = rows.filter((row) => row.expired).map(({ id }) => id)
  let removed = 0
  for (let from = 0; from < expired.length; from += REMOVE) {
    removed += (await inTransaction(db, (tx) => removeJobs(tx, expired.slice(from, from + REMOVE)))).length
  }
  return { removed, after: rows.length < LOOK ? null : rows.at(-1)!.id }
}
