import type { Db, DbOrTx } from '@/server/db'
import { UPLOAD_HOURS } from '../../domain/limits'

/** How many uploads one step looks at, and how many it names for removal. */
const LOOKED_AT = 200
const NAMED = 50

/** Takes an upload out of use. `retireUnusedUploads` names it soon afterwards, and its files are then removed. */
export async function discardUpload(db: DbOrTx, uploadId: string): Promise<void> {
  await db.$executeRaw`UPDATE uploads SET removed_at = clock_timestamp() WHERE id = ${uploadId}::uuid AND removed_at IS NULL`
}

/**
 * Takes uploads out of use whose time is over: a day after their last byte came or a job last needed them. An upload
 * that an unfinished job names as its parameter `uploadId` stays in use for another day.
 *
 * @returns some uploads that are out of use. The caller removes their files and then calls `deleteRetiredUploads`
 */
export async function retireUnusedUploads(db: Db): Promise<{ id: string; organizationId: string }[]> {
  await db.$executeRaw`
    WITH old AS (
      SELECT id, organization_id FROM uploads
      WHERE touched_at < statement_timestamp() - make_interval(hours => ${UPLOAD_HOURS}::int) AND removed_at IS NULL
      ORDER BY touched_at LIMIT ${LOOKED_AT} FOR UPDATE SKIP LOCKED
    ), judged AS (
      SELECT old.id, EXISTS (
        SELECT FROM job_inputs i JOIN jobs j ON j.id = i.job_id
        WHERE i.parameters @> jsonb_build_object('uploadId', old.id::text) AND i.organization_id = old.organization_id
          AND j.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER')) AS needed
      FROM old
    )
    UPDATE uploads u SET touched_at = CASE WHEN needed THEN clock_timestamp() ELSE touched_at END,
      removed_at = CASE WHEN needed THEN NULL ELSE clock_timestamp() END
    FROM judged WHERE u.id = judged.id`
  return db.$queryRaw<{ id: string; organizationId: string }[]>`
    SELECT id, organization_id AS "organizationId" FROM uploads WHERE removed_at IS NOT NULL ORDER BY removed_at LIMIT ${NAMED}`
}

/** Deletes the rows of uploads that are out of use. Call it after their files were removed from storage. */
export async function deleteRetiredUploads(db: Db, uploadIds: readonly string[]): Promise<void> {
  await db.$executeRaw`DELETE FROM uploads WHERE id = ANY(${[...uploadIds]}::uuid[]) AND removed_at IS NOT NULL`
}
