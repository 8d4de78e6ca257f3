import pLimit from 'p-limit'
import type { DbOrTx, Prisma } from '@/server/db'
import { MAX_PAGE_BYTES } from '../../domain/limits'
import type { JobFilter, JobView, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { decodeCursor, encodeCursor, type Page } from './cursor'
import { asksWhenFailed, failuresOf } from './failed'
import { matchingIds, scopeWithin } from './filter'
import { LARGE_VALUES, readListedJobs, type LargeValue } from './job-view'
import { countWaiting, resolveFilter } from './waiting-filter'
import { newestWaiting } from './waiting-newest'
import { MORE, type Cut } from './search'
import { reasonsOfRows, type RowReason } from './waiting-rows'

/** Counting stops here. A larger number tells nobody more, and the answer stays fast. */
const COUNT_CAP = 10_000
/**
 * Jobs with some words are counted only so far over several organizations: in the index, the words of each organization
 * stand apart, so each is one look more.
 */
const COUNT_CAP_OF_WORDS = 1_000

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
  const ids = await idsOfPage(db, filter, scope, { limit: limit + 1, before: decodeCursor(cursor, UUID) })
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

async function idsOfPage(db: DbOrTx, filter: JobFilter, scope: Scope, cut: Cut): Promise<string[]> {
  const newest = await newestWaiting(db, filter, scope, cut)
  if (newest) return newest
  const query = matchingIds(await resolveFilter(db, filter, scope), scope, cut)
  // Without a query, no job can match the filter.
  return query ? (await db.$queryRaw<{ id: string }[]>(query)).map(({ id }) => id) : []
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

/**
 * How many jobs match, counted up to 10,000, or up to 1,000 where words are looked for in several organizations.
 * `capped` says that there may be more.
 */
export async function countJobs(db: DbOrTx, filter: JobFilter, scope: Scope): Promise<JobCount> {
  const waiting = await countWaiting(db, filter, scope)
  if (waiting !== undefined) return { count: Math.min(waiting, COUNT_CAP), capped: waiting > COUNT_CAP }
  const most = looksIntoSeveral(filter, scope) ? COUNT_CAP_OF_WORDS : COUNT_CAP
  const resolved = await resolveFilter(db, filter, scope)
  const queryOf = (brief: boolean) => matchingIds(resolved, scope, { limit: most + 1, ordered: false, brief })
  const query = queryOf(true)
  // No job can match the filter.
  if (!query) return { count: 0, capped: false, ...(asksWhenFailed(filter) ? { failures: 0 } : {}) }
  const brief = await countRows(db, query)
  // None was found, and there may be some: with this answer nobody can do anything, so all are counted.
  const inFull = brief.more && brief.found === 0 ? queryOf(false)! : null
  const { found, more } = inFull ? await countRows(db, inFull) : brief
  const count = Math.min(found, most)
  const capped = more || found > most
  if (!asksWhenFailed(filter) || capped) return { count, capped }
  const [failed] = await db.$queryRaw<{ count: number }[]>(failuresOf(inFull ?? query, filter))
  return { count, capped, failures: failed?.count ?? 0 }
}

async function countRows(db: DbOrTx, query: Prisma.Sql): Promise<{ found: number; more: boolean }> {
  const [row] = await db.$queryRaw<[{ found: number; more: boolean }]>`
    SELECT (count(*) FILTER (WHERE id <> ${MORE}::uuid))::int AS found, count(*) FILTER (WHERE id = ${MORE}::uuid) > 0 AS more FROM (${query}) found`
  return row
}

/** Whether a filter asks for words in more than one organization. */
function looksIntoSeveral({ search, title, organizationId }: JobFilter, scope: Scope): boolean {
  const within = scopeWithin(scope, organizationId)
  return Boolean(search ?? title) && ('all' in within || within.organizationIds.length > 1)
}
