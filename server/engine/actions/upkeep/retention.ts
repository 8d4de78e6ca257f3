import type { Db } from '@/server/db'
import { inTransaction } from '../../store/transaction'
import { removeJobs } from '../jobs/delete'

/** How many jobs one step looks at, and the most that it removes. */
const LOOK = 2_000
const REMOVE = 200
/**
 * The smallest id (UUIDv7) of the moment that lies the shortest retention of all types back. Ids sort by time of
 * creation, so younger jobs need no look. It is a subselect, because an index cannot stop at a value that may change
 * while it is read: a step would then read all younger jobs.
 */
const youngest = `(SELECT rpad(lpad(to_hex((EXTRACT(EPOCH FROM clock_timestamp() - min(retention_days) * interval '1 day') * 1000)::bigint), 12, '0'), 32, '0')::uuid
  FROM job_types)`

/** How far the walk over all jobs has come. Null at the beginning. */
export type RetentionCursor = string | null

/**
 * Removes final jobs that are older than their type keeps them (`retentionDays` from their end), with everything that
 * belongs to them. A job stays while an unfinished job waits for it, while it holds its hash (a dedupe window may be
 * longer than the retention), and until the sums have counted it. Each call is one step of a walk over the jobs by key,
 * oldest first, so it needs no index of its own: it goes on until it has found some to remove or has looked at enough.
 * The caller passes the answer to the next call, and begins again with null.
 */
export async function pruneJobs(db: Db, after: RetentionCursor): Promise<{ removed: number; after: RetentionCursor }> {
  // What is walked is read row by row, as far as it is asked for. With OFFSET 0, type and claim of each row are looked
  // up by themselves. Without it PostgreSQL may read those tables as a whole. Only constants of this file stand in the
  // text.
  const [step] = await db.$queryRawUnsafe<[{ ids: string[]; last: string | null }]>(
    `WITH walked AS MATERIALIZED (
       SELECT j.id, j.organization_id, j.job_type, j.status, j.finished_at, j.dedupe_hash FROM jobs j
       WHERE j.id > $1::uuid AND j.id < ${youngest} ORDER BY j.id LIMIT ${LOOK}
     ), expired AS MATERIALIZED (
       SELECT j.id FROM walked j CROSS JOIN LATERAL (SELECT retention_days FROM job_types WHERE name = j.job_type OFFSET 0) t
       WHERE j.finished_at < least(clock_timestamp() - t.retention_days * interval '1 day', COALESCE((SELECT until FROM rollup_progress), '-infinity'))
         AND j.status IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')
         AND NOT EXISTS (
           SELECT FROM dedupe_claims c WHERE c.organization_id = j.organization_id AND c.job_type = j.job_type AND c.hash = j.dedupe_hash
             AND c.job_id = j.id AND c.held_until > clock_timestamp() OFFSET 0)
       LIMIT ${REMOVE}
     )
     SELECT ARRAY(SELECT id FROM expired) AS ids,
       CASE WHEN (SELECT count(*) FROM expired) < ${REMOVE} THEN (SELECT id FROM walked OFFSET ${LOOK - 1} LIMIT 1) END AS last`,
    after ?? '00000000-0000-0000-0000-000000000000',
  )
  const { ids, last } = step
  const removed = ids.length === 0 ? [] : await inTransaction(db, (tx) => removeJobs(tx, ids))
  // Ids sort as their text does.
  return { removed: removed.length, after: ids.length === REMOVE ? [...ids].sort().at(-1)! : last }
}
