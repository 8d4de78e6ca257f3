import pLimit from 'p-limit'
import type { DbOrTx } from '@/server/db'
import { MAX_PAGE_BYTES } from '../../domain/limits'
import type { JobFilter, JobView, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { decodeCursor, encodeCursor, type Page } from './cursor'
import { asksWhenFailed, failuresOf } from './failed'
import { matchingIds } from './filter'
import { LARGE_VALUES, readListedJobs, type LargeValue } from './job-view'
import { resolveFilter } from './waiting-filter'
import { reasonsOfRows, type RowReason } from './waiting-rows'

/** Counting stops here. A larger number tells nobody more, and the answer stays fast. */
const COUNT_CAP = 10_000

/** A job on a page of a list. */
export type ListedJob = JobView & {
  truncated: LargeValue[]
  /** Why the job waits, or null where it does not wait. Absent unless the caller asked for `waiting`. */
  waiting?: RowReason | null
}
/** What a list can be asked to include. */
export const INCLUDABLE = [...LARGE_VALUES, 'waiting'] as const
export type Includable = (typeof INCLUDABLE)[number]
/**
 * The most jobs of a batch where parameters and results are included. Parsing the JSON of more would hold up other
 * requests.
 */
const FULL_JOBS_AT_ONCE = 4
/** Parsing JSON blocks the process. So all callers together read at most two such batches at once. */
const readFull = pLimit(2)

/**
 * The jobs of a scope that match, newest first, page by page. A parameter value or result above 2 KiB is left out and
 * named in `truncated`, unless the caller asks to include it. With `waiting` each job says why it waits. A page ends
 * before 4 MiB, but always has one job.
 */
export async function listJobs(
  db: DbOrTx,
  {
    filter,
    cursor,
    limit,
    include = [],
  }: { filter: JobFilter; cursor?: string; limit: number; include?: readonly Includable[] },
  scope: Scope,
): Promise<Page<ListedJob>> {
  const page = await readPage(
    db,
    { filter, cursor, limit, largeValues: LARGE_VALUES.filter((name) => include.includes(name)) },
    scope,
  )
  if (!include.includes('waiting')) return page
  const reasons = await reasonsOfRows(
    db,
    page.items.map(({ id }) => id),
    scope,
  )
  return { ...page, items: page.items.map((job) => ({ ...job, waiting: reasons.get(job.id) ?? null })) }
}

async function readPage(
  db: DbOrTx,
  {
    filter,
    cursor,
    limit,
    largeValues,
  }: { filter: JobFilter; cursor?: string; limit: number; largeValues: readonly LargeValue[] },
  scope: Scope,
): Promise<Page<ListedJob>> {
  const query = matchingIds(await resolveFilter(db, filter, scope), scope, {
    limit: limit + 1,
    before: decodeCursor(cursor, UUID),
  })
  // No job can match the filter.
  if (!query) return { items: [], nextCursor: null }
  const ids = (await db.$queryRaw<{ id: string }[]>(query)).map(({ id }) => id)
  const wanted = ids.slice(0, limit)
  const atOnce = largeValues.length > 0 ? FULL_JOBS_AT_ONCE : wanted.length
  const items: ListedJob[] = []
  let bytes = 0
  for (let from = 0; from < wanted.length; from += atOnce) {
    const read = () => readListedJobs(db, wanted.slice(from, from + atOnce), scope, largeValues)
    for (const { job, truncated, bytes: more } of await (largeValues.length > 0 ? readFull(read) : read())) {
      bytes += more
      if (bytes > MAX_PAGE_BYTES && items.length > 0) return { items, nextCursor: encodeCursor(items.at(-1)!.id) }
      items.push({ ...job, truncated })
    }
  }
  const last = wanted.at(-1)
  return { items, nextCursor: ids.length > limit && last !== undefined ? encodeCursor(last) : null }
}

export interface JobCount {
  count: number
  capped: boolean
  /**
   * How many attempts of these jobs failed in the time that the filter names. Absent without such a filter, or where
   * counting stopped. It is counted after the jobs, so it may hold an attempt that failed in between.
   */
  failures?: number
}

/** How many jobs match, counted up to 10,000. `capped` says that there are more. */
export async function countJobs(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<JobCount> {
  const query = matchingIds(await resolveFilter(db, filter, scope), scope, { limit: COUNT_CAP + 1, ordered: false })
  // No job can match the filter.
  if (!query) return { count: 0, capped: false, ...(asksWhenFailed(filter) ? { failures: 0 } : {}) }
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM (${query}) found`
  const count = row?.count ?? 0
  const capped = count > COUNT_CAP
  if (!asksWhenFailed(filter) || capped) return { count: Math.min(count, COUNT_CAP), capped }
  const [failed] = await db.$queryRaw<{ count: number }[]>(failuresOf(query, filter))
  return { count, capped, failures: failed?.count ?? 0 }
}
