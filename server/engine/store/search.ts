import { Prisma } from '@/server/db'
import { askedWords } from '../domain/search-words'
import type { Scope } from '../domain/types'
import type { Cut } from './filter'

const { sql } = Prisma

/**
 * Characters of an organization's id that stand before each of its words: the words of two organizations
 * are then different ones, and what one of them has much of makes no search in the other slower. Two may
 * share them by chance, so the organization is compared as well.
 */
const MARK = 5

/** Words as they stand in the index of an organization, in one text. */
export const indexedWords = (organizationId: string, words: readonly string[]): string => words.map((word) => organizationId.slice(-MARK) + word).join(' ')

/** `indexedWords` as they are kept. */
export const asVector = (words: Prisma.Sql): Prisma.Sql => sql`array_to_tsvector(string_to_array(${words}, ' '))`

/** CTE: what a failure says can be found. Over `moved` and the rows that asked, which hold `error_words`. */
export const keepErrorWords = sql`found_by AS (
  UPDATE job_search f SET error_words = array_to_tsvector(ARRAY(
    SELECT right(m.organization_id::text, 5) || word FROM unnest(string_to_array(s.error_words, ' ')) AS word))
  FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt WHERE f.job_id = m.job_id)`

/** The same for what Jobyard itself says, in plain English letters, as the message of the transition. */
export const keepMessageWords = sql`found_by AS (
  UPDATE job_search f SET error_words = ${wordsOfMessage(sql`m.organization_id`, sql`m.message`)} FROM moved m WHERE f.job_id = m.job_id)`

/** The words of one of Jobyard's own messages: domain/search-words.ts in SQL, for plain English letters. */
export function wordsOfMessage(organizationId: Prisma.Sql, message: Prisma.Sql): Prisma.Sql {
  return sql`array_to_tsvector(ARRAY(
    SELECT right(${organizationId}::text, 5) || word FROM regexp_split_to_table(lower(${message}), '[^a-z0-9]+') AS word WHERE word <> ''))`
}

export interface SearchQuery {
  search: string
  scope: Scope
  cut: Cut
  /** A table o(id) of the scope's organizations. */
  organizations: Prisma.Sql
  /** The ids of the jobs that fit the rest of the filter, so many of them. */
  rest: (limit: number) => Prisma.Sql
  /** Whether the rest of the filter holds for the job with this id. */
  restHolds: (id: Prisma.Sql) => Prisma.Sql
  /** The rest leaves out COMPLETED, nearly all jobs. */
  few: boolean
  /** The job that the search names by its whole id. */
  jobId: string | null
}

/**
 * The ids of jobs that have all words of a search, or null where it has none.
 *
 * Words that many jobs have are found among the newest of what the rest of the filter asks for; an index would
 * gather all of them only to throw most away. Only where these do not hold enough, the index of words is
 * asked: then the words are rare, at least together. Figures in docs/decisions/0055.
 */
export function bySearch({ search, scope, cut, organizations, rest, restHolds, few, jobId }: SearchQuery): Prisma.Sql | null {
  const words = askedWords(search)
  if (words.length === 0) return null
  const { limit, ordered = true } = cut
  const near = few ? (ordered ? 5_000 : 10_001) : 2_000
  const only = 'organizationIds' in scope && scope.organizationIds.length === 1 ? scope.organizationIds[0]! : null
  const asked = (organizationId: Prisma.Sql) => (only ? sql`${queryOf(only, words)}::tsquery` : queryFor(organizationId, words))
  const newest = (id: Prisma.Sql) => (ordered ? sql`ORDER BY ${id} DESC` : Prisma.empty)
  // Fenced by OFFSET 0: the planner knows nothing of how rare words are, and would rather walk all jobs in order.
  return sql`
    SELECT id FROM (
      WITH near AS MATERIALIZED (${rest(near)}),
      hits AS MATERIALIZED (
        SELECT near.id FROM near JOIN job_search f ON f.job_id = near.id WHERE ${matches(asked(sql`f.organization_id`))} ${newest(sql`near.id`)} LIMIT ${limit}
      ),
      enough AS MATERIALIZED (SELECT (SELECT count(*) FROM hits) >= ${limit} OR (SELECT count(*) FROM near) < ${near} AS yes)
      SELECT id FROM hits ${ordered ? Prisma.empty : sql`WHERE (SELECT yes FROM enough)`}
      UNION ALL
      SELECT id FROM (
        SELECT f.job_id AS id FROM ${organizations}
        CROSS JOIN LATERAL (SELECT f.job_id FROM job_search f WHERE f.organization_id = o.id AND ${matches(asked(sql`o.id`))} OFFSET 0) f
        WHERE ${ordered ? sql`f.job_id < (SELECT near.id FROM near ORDER BY near.id LIMIT 1) AND` : Prisma.empty} ${restHolds(sql`f.job_id`)}
        ${newest(sql`f.job_id`)} LIMIT ${limit}
      ) far WHERE NOT (SELECT yes FROM enough)
      ${jobId ? sql`UNION SELECT j.id FROM jobs j WHERE j.id = ${jobId}::uuid AND ${restHolds(sql`j.id`)}` : Prisma.empty}
    ) found ${newest(sql`id`)} LIMIT ${limit}`
}

/** Words of an error that the job has overcome no longer find it. */
const matches = (query: Prisma.Sql): Prisma.Sql => sql`
  (f.words || COALESCE(f.error_words, ''::tsvector)) @@ ${query}
  AND (f.error_words IS NULL OR f.words @@ ${query} OR EXISTS (SELECT FROM jobs e WHERE e.id = f.job_id AND e.error_message IS NOT NULL OFFSET 0))`

/** Words are letters and digits, so the quotes hold them. */
const queryOf = (organizationId: string, words: readonly string[]) => words.map((word) => `'${organizationId.slice(-MARK)}${word}':*`).join(' & ')

const queryFor = (organizationId: Prisma.Sql, words: readonly string[]): Prisma.Sql =>
  sql`(SELECT string_agg('''' || right(${organizationId}::text, 5) || word || ''':*', ' & ') FROM unnest(${[...words]}::text[]) AS word)::tsquery`
