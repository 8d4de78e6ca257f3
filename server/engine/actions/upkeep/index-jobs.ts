import { Prisma, type DbOrTx } from '@/server/db'
import { jobLabel } from '../../domain/job-label'
import { CUT, wordsOf } from '../../domain/search-words'
import type { Json } from '../../domain/types'
import { asVector, indexedWords } from '../../store/reads/search'
import { inTransaction } from '../../store/transaction'

/** How many jobs one step looks at, and the most that it changes in one transaction. */
const LOOK = 2_000
const TAKE = 200
/** Above the id of every job. */
const ABOVE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** How far the walk over all jobs has come, newest first. Null at the beginning. */
export type IndexCursor = string | null

interface Missing {
  id: string
  organizationId: string
  parameters: Json
  errorMessage: string | null
  displayName: string
  title: string | null
  schema: Json
}

/**
 * Gives jobs that have none their title and the words by which they are found: jobs from before there were titles, and
 * those that were written past the engine, as the demo's are. Jobs whose words were cut or marked in an older way get new
 * words, and keep their title. Each call is one step of a walk over the jobs by key, so it needs no index of its own. The
 * caller passes the answer to the next call, and begins again with null. Jobs that somebody holds are left to the next
 * walk.
 */
export async function indexJobs(db: DbOrTx, before: IndexCursor): Promise<{ indexed: number; before: IndexCursor }> {
  const rows = await db.$queryRaw<{ id: string; missing: boolean }[]>`
    SELECT i.job_id AS id, f.job_id IS NULL OR f.cut < ${CUT} AS missing FROM (
      SELECT job_id FROM job_inputs WHERE job_id < ${before ?? ABOVE_ALL}::uuid ORDER BY job_id DESC LIMIT ${LOOK}
    ) i LEFT JOIN job_search f ON f.job_id = i.job_id ORDER BY i.job_id DESC`
  const missing = rows.filter((row) => row.missing).map(({ id }) => id)
  let indexed = 0
  for (let from = 0; from < missing.length; from += TAKE)
    indexed += await inTransaction(db, (tx) => take(tx, missing.slice(from, from + TAKE)))
  return { indexed, before: rows.length < LOOK ? null : rows.at(-1)!.id }
}

/** The rows are locked, so that no error or change comes between reading and writing. */
async function take(tx: DbOrTx, ids: readonly string[]): Promise<number> {
  const found = await tx.$queryRaw<Missing[]>`
    SELECT j.id, j.organization_id AS "organizationId", i.parameters, j.error_message AS "errorMessage",
      COALESCE(v.config->>'displayName', j.job_type) AS "displayName", v.config->>'title' AS title, v.config->'parameterSchema' AS schema
    FROM jobs j JOIN job_inputs i ON i.job_id = j.id
    JOIN job_type_versions v ON v.job_type = j.job_type AND v.version = j.job_type_version
    WHERE j.id = ANY(${[...ids]}::uuid[]) ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED`
  const rows = found.map(({ id, organizationId, parameters, errorMessage, displayName, title, schema }) => {
    const label = jobLabel({ title, displayName, parameterSchema: schema }, id, parameters)
    return {
      job_id: id,
      organization_id: organizationId,
      title: label.title,
      words: indexedWords(organizationId, label.words, label.titleWords),
      error_words: errorMessage === null ? null : indexedWords(organizationId, wordsOf([errorMessage])),
    }
  })
  return tx.$executeRaw`
    INSERT INTO job_search AS f (job_id, organization_id, title, cut, words, error_words)
    SELECT job_id, organization_id, title, ${CUT}, ${asVector(Prisma.sql`words`)}, ${asVector(Prisma.sql`error_words`)}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS s(job_id uuid, organization_id uuid, title text, words text, error_words text)
    ON CONFLICT (job_id) DO UPDATE SET words = EXCLUDED.words, error_words = EXCLUDED.error_words, cut = EXCLUDED.cut
    WHERE f.cut < EXCLUDED.cut`
}
