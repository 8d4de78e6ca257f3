import type { DbOrTx } from '@/server/db'
import type { JobFilter, JobView, Scope } from '../domain/types'
import { decodeCursor, pageOf, UUID, type Page } from './cursor'
import { matchingIds } from './filter'
import { readJobs } from './job-view'

/** Counting stops here: nobody reads further, and it keeps the answer fast. */
const COUNT_CAP = 10_000

/** The jobs of a scope that match, newest first, page by page. */
export async function listJobs(
  db: DbOrTx,
  { filter, cursor, limit }: { filter: JobFilter; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<JobView>> {
  const query = matchingIds(filter, scope, { limit: limit + 1, before: decodeCursor(cursor, UUID) })
  if (!query) return { items: [], nextCursor: null }
  const found = await db.$queryRaw<{ id: string }[]>(query)
  const page = pageOf(found, limit, ({ id }) => id, ({ id }) => id)
  return { items: await readJobs(db, page.items, scope), nextCursor: page.nextCursor }
}

/** How many match, up to 10,000; `capped`: there are more. */
export async function countJobs(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<{ count: number; capped: boolean }> {
  const query = matchingIds(filter, scope, { limit: COUNT_CAP + 1, ordered: false })
  if (!query) return { count: 0, capped: false }
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM (${query}) found`
  const count = row?.count ?? 0
  return { count: Math.min(count, COUNT_CAP), capped: count > COUNT_CAP }
}
