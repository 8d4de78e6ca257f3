import { Prisma } from '@/server/db'
import { askedWords } from '../../domain/search-words'
import type { Scope } from '../../domain/types'
import { inScope } from './job-view'

const { sql } = Prisma

/**
 * How many characters of an organization's id stand before each of its words in the index. So organizations do not
 * share words, and a word that is common in one does not make searches in another slower. Two organizations may have
 * the same characters by chance, so the organization is compared as well.
 */
const MARK = 5
export const markOf = (organizationId: Prisma.Sql): Prisma.Sql =>
  sql`right(${organizationId}::text, ${Prisma.raw(String(MARK))})`

/**
 * Words as they stand in the index of an organization, in one text. The first `ofTitle` of them are the title's. `:1A`
 * gives these the weight A, by which a search in titles finds them.
 */
export const indexedWords = (organizationId: string, words: readonly string[], ofTitle = 0): string =>
  words.map((word, n) => organizationId.slice(-MARK) + word + (n < ofTitle ? ':1A' : '')).join(' ')

/** `indexedWords` as they are kept. Words are letters and digits, so that this text means nothing else. */
export const asVector = (words: Prisma.Sql): Prisma.Sql => sql`${words}::tsvector`

/**
 * CTE that makes the text of failures searchable. It reads `moved` and the rows that asked, which hold `error_words`.
 */
export const keepErrorWords = sql`search_words AS (
  UPDATE job_search f SET error_words = array_to_tsvector(ARRAY(
    SELECT ${markOf(sql`m.organization_id`)} || word FROM unnest(string_to_array(s.error_words, ' ')) AS word))
  FROM source s JOIN moved m ON m.job_id = s.job_id AND m.attempt = s.attempt WHERE f.job_id = m.job_id)`

/** Keeps the words of Jobyard's own messages of transitions, which are in plain English letters. */
export const keepMessageWords = sql`search_words AS (
  UPDATE job_search f SET error_words = ${wordsOfMessage(sql`m.organization_id`, sql`m.message`)} FROM moved m WHERE f.job_id = m.job_id)`

/**
 * The words of one of Jobyard's own messages. It does in SQL what domain/search-words.ts does, for plain English
 * letters only.
 */
export function wordsOfMessage(organizationId: Prisma.Sql, message: Prisma.Sql): Prisma.Sql {
  return sql`array_to_tsvector(ARRAY(
    SELECT ${markOf(organizationId)} || word FROM regexp_split_to_table(lower(${message}), '[^a-z0-9]+') AS word WHERE word <> ''))`
}

/** Which of the matching jobs a query gives. */
export interface Cut {
  limit: number
  /** Only ids below this one, for the next page. */
  before?: string
  /**
   * With false, any jobs in any order, as for counting. The query can then stop at its limit in the middle of an
   * organization.
   */
  ordered?: boolean
  /**
   * Many jobs are wanted to look for words among them: those of a status may be taken from the newest jobs of all
   * (`aboveAFloor`).
   */
  forWords?: boolean
  /**
   * For counts: looks at so many jobs only as can be looked at in a moment. Where that is not enough to find all, there
   * is one row more, `MORE`.
   */
  brief?: boolean
}

/** The id of a row that says that there may be more. No job has it. */
export const MORE = '00000000-0000-0000-0000-000000000000'

export interface SearchQuery {
  /** Words of title, parameters and error. */
  search?: string
  /** Words of the title. */
  title?: string
  scope: Scope
  cut: Cut
  /** A table o(id) of the organizations in the scope. */
  organizations: Prisma.Sql
  /**
   * The ids of jobs that meet the other conditions of the filter and the bound of the page, in the order of the cut, at
   * most `limit`.
   */
  rest: (limit: number) => Prisma.Sql
  /** Condition: the job with this id meets the same, apart from the scope. */
  restHolds: (id: Prisma.Sql) => Prisma.Sql
  /** True where the other conditions leave out COMPLETED, which nearly all jobs are. */
  few: boolean
  /** False where only COMPLETED jobs are asked for. They have no error, so no words of one can find them. */
  withErrors: boolean
  /** The job whose whole id was searched for. */
  jobId: string | null
}

/**
 * How many jobs a count looks at first, where the other conditions leave nearly all jobs, to find out whether words are
 * common. Where they are, it looks at these jobs a second time.
 */
const NEAR_OF_A_COUNT = 500
/**
 * How many jobs a count of common words looks through before it asks the index. Where there are fewer, it has counted
 * them all.
 */
const WALK = 30_000
/**
 * How many jobs a brief count looks at: of those that meet the other conditions, and of those that the index of words
 * gives.
 */
const BRIEF_NEAR = 2_000
const BRIEF_FAR = 1_200
/** How many jobs are looked at to find out which of several words are common. */
const RARENESS_SAMPLE = 200

/**
 * The ids of jobs that have all words of a search. Null where the search has no words.
 *
 * Words that many jobs have are looked for among the newest jobs that meet the other conditions. The index would
 * collect all jobs with such a word and then throw most of them away. The index of words is asked only where the newest
 * jobs do not hold enough. Then the words are rare, at least together. Figures are in docs/decisions/0055.
 */
export function bySearch({
  search,
  title,
  scope,
  cut,
  organizations,
  rest,
  restHolds,
  few,
  withErrors,
  jobId,
}: SearchQuery): Prisma.Sql | null {
  const asked = [search, title].flatMap((text) => (text === undefined ? [] : [askedWords(text)]))
  if (asked.some((list) => list.length === 0)) return null
  const words = askedWords(asked.flat().join(' '))
  const { limit, ordered = true } = cut
  // How many of the newest jobs are looked at first. 10,001 is as far as any count goes (job-lists.ts).
  const near = few ? (ordered ? 5_000 : 10_001) : ordered ? 2_000 : NEAR_OF_A_COUNT
  const only = 'organizationIds' in scope && scope.organizationIds.length === 1 ? scope.organizationIds[0]! : null
  const query = (these: readonly string[]) => (organizationId: Prisma.Sql) =>
    only ? sql`${queryOf(only.slice(-MARK), these)}::tsquery` : queryInOrganization(organizationId, these)
  const all = query(words)
  // Made once for each organization: to make it for each row that is looked at took half of the time (decision 0148).
  const each = only
    ? { organizations, asked: all(sql`o.id`) }
    : {
        organizations: sql`(SELECT o.id, ${all(sql`o.id`)} AS asked FROM ${organizations} OFFSET 0) o`,
        asked: sql`o.asked`,
      }
  // As a case: the planner takes words of a title for rarer still than words, and would ask the index for each job of a
  // page.
  const titled =
    title === undefined
      ? Prisma.empty
      : sql`AND CASE WHEN ${TITLE} @@ ${query(askedWords(title))(sql`f.organization_id`)} THEN TRUE ELSE FALSE END`
  const withWords = (id: Prisma.Sql) =>
    title === undefined
      ? sql`JOIN job_search f ON f.job_id = ${id}`
      : sql`CROSS JOIN LATERAL (SELECT * FROM job_search f WHERE f.job_id = ${id} OFFSET 0) f`
  const ofTitle =
    title === undefined ? Prisma.empty : sql`AND EXISTS (SELECT FROM job_search f WHERE f.job_id = j.id ${titled})`
  // The index gathers all jobs with a common word before it looks at the next one, so it is asked for the others.
  const leading = words.length === 1 ? each.asked : queryOfTable(sql`o.id`, sql`rarest`)
  const newest = (id: Prisma.Sql) => (ordered ? sql`ORDER BY ${id} DESC` : Prisma.empty)
  const counting = (part: Prisma.Sql) => (ordered ? Prisma.empty : part)
  // Words that at most one in 20 jobs of the sample has, and the rarest of all in any case.
  const rareWords = sql`
        SELECT word FROM (
          SELECT word, hits * 20 <= ${RARENESS_SAMPLE}::int OR hits = min(hits) OVER () AS rare FROM (
            SELECT asked.word, (SELECT count(*) FROM (SELECT id FROM near LIMIT ${RARENESS_SAMPLE}) n JOIN job_search f ON f.job_id = n.id WHERE ${VECTOR} @@ ('''' || ${markOf(sql`f.organization_id`)} || asked.word || ''':*')::tsquery) AS hits
            FROM unnest(${words}::text[]) AS asked(word)) counted) ranked
        WHERE rare`
  if (cut.brief && !only && jobId === null) return briefly()
  // OFFSET 0 keeps the planner from merging the subquery. It does not know how rare the words are, and would rather
  // read all jobs in order. A count looks on (`more`, `walked`) where at least two in five of the newest jobs have the
  // words, because then the index would gather most jobs there are. `sure`: the job is found by its title and
  // parameters alone, without the words of an error that it may have overcome.
  return sql`
    SELECT id FROM (
      WITH near AS MATERIALIZED (${rest(near)}),
      hits AS MATERIALIZED (
        SELECT near.id FROM near ${withWords(sql`near.id`)} WHERE ${matches(all(sql`f.organization_id`))} ${titled} ${newest(sql`near.id`)} LIMIT ${limit}
      ),
      rarest AS MATERIALIZED (${rareWords}),
      ${counting(sql`more AS MATERIALIZED (
        SELECT n.id FROM (${rest(WALK)}) n
        WHERE (SELECT count(*) FROM hits) * 5 >= ${near * 2}::int AND (SELECT count(*) FROM hits) < ${limit}::int AND (SELECT count(*) FROM near) >= ${near}::int
      ),
      walked AS MATERIALIZED (
        SELECT more.id FROM more ${withWords(sql`more.id`)} WHERE ${matches(all(sql`f.organization_id`))} ${titled} LIMIT ${limit}
      ),`)}
      enough AS MATERIALIZED (
        SELECT (SELECT count(*) FROM hits) >= ${limit}::int OR (SELECT count(*) FROM near) < ${near}::int AS near, ${ordered ? sql`FALSE` : sql`(SELECT count(*) FROM walked) >= ${limit}::int OR (SELECT count(*) FROM more) BETWEEN 1 AND ${WALK - 1}::int`} AS walked
      )
      SELECT id FROM hits ${counting(sql`WHERE (SELECT near FROM enough)`)}
      ${counting(sql`UNION ALL SELECT id FROM walked WHERE NOT (SELECT near FROM enough) AND (SELECT walked FROM enough)`)}
      UNION ALL
      SELECT id FROM (
        SELECT f.job_id AS id FROM (
          SELECT f.job_id, f.sure FROM ${each.organizations} CROSS JOIN LATERAL (
            SELECT f.job_id, f.error_words IS NULL OR f.words @@ ${each.asked} AS sure FROM job_search f
            WHERE f.organization_id = o.id AND ${VECTOR} @@ ${leading} ${words.length === 1 ? Prisma.empty : sql`AND ${UNINDEXED} @@ ${each.asked}`} ${withErrors ? Prisma.empty : sql`AND (f.error_words IS NULL OR f.words @@ ${each.asked})`} ${titled} OFFSET 0
          ) f ${ordered ? sql`WHERE f.job_id < (SELECT near.id FROM near ORDER BY near.id LIMIT 1)` : Prisma.empty}
          ${newest(sql`f.job_id`)} OFFSET 0
        ) f WHERE ${withErrors ? sql`(f.sure OR ${HAS_ERROR})` : sql`f.sure`} AND ${restHolds(sql`f.job_id`)} LIMIT ${limit}
      ) far WHERE NOT (SELECT near OR walked FROM enough)
      ${jobId ? sql`UNION SELECT j.id FROM jobs j WHERE j.id = ${jobId}::uuid AND ${inScope(sql`j.organization_id`, scope)} AND ${restHolds(sql`j.id`)} ${ofTitle}` : Prisma.empty}
    ) found ${newest(sql`id`)} LIMIT ${limit}`

  /**
   * Any jobs that match: among some that meet the other conditions, and among some that have the words. All of them,
   * where either are all there are.
   */
  function briefly(): Prisma.Sql {
    return sql`
      WITH near AS MATERIALIZED (${rest(BRIEF_NEAR)}),
      hits AS MATERIALIZED (
        SELECT near.id FROM near ${withWords(sql`near.id`)} WHERE ${matches(all(sql`f.organization_id`))} ${titled} LIMIT ${limit}
      ),
      rarest AS MATERIALIZED (${rareWords}),
      enough AS MATERIALIZED (
        SELECT (SELECT count(*) FROM hits) >= ${limit}::int OR (SELECT count(*) FROM near) < ${BRIEF_NEAR}::int AS near
      ),
      far AS MATERIALIZED (
        SELECT f.* FROM ${each.organizations} CROSS JOIN LATERAL (
          SELECT f.* FROM job_search f WHERE f.organization_id = o.id AND ${VECTOR} @@ ${leading} OFFSET 0) f
        WHERE NOT (SELECT near FROM enough) LIMIT ${BRIEF_FAR}
      )
      SELECT id FROM (
        SELECT id FROM hits
        UNION SELECT f.job_id FROM far f WHERE ${matches(all(sql`f.organization_id`))} ${titled} AND ${restHolds(sql`f.job_id`)}
      ) found
      UNION ALL SELECT ${MORE}::uuid WHERE (SELECT count(*) FROM far) >= ${BRIEF_FAR}::int`
  }
}

/** The expression that the index is on. */
const VECTOR = sql`(f.words || COALESCE(f.error_words, ''::tsvector))`

/** The same expression, written so that no index is used. */
const UNINDEXED = sql`(COALESCE(f.error_words, ''::tsvector) || f.words)`

/** The words of the title alone: those that carry the weight which `indexedWords` gives. */
const TITLE = sql`ts_filter(f.words, '{a}')`

/** Words of an error that the job has overcome no longer find it. */
const HAS_ERROR = sql`EXISTS (SELECT FROM jobs e WHERE e.id = f.job_id AND e.error_message IS NOT NULL OFFSET 0)`
const matches = (query: Prisma.Sql): Prisma.Sql =>
  sql`${VECTOR} @@ ${query} AND (f.error_words IS NULL OR f.words @@ ${query} OR ${HAS_ERROR})`

/** Words consist of letters and digits, so they cannot end the quotes around them. */
const queryOf = (mark: string, words: readonly string[]) => words.map((word) => `'${mark}${word}':*`).join(' & ')

/** The same where only PostgreSQL knows the organization. No word holds the sign that stands for its mark. */
const queryInOrganization = (organizationId: Prisma.Sql, words: readonly string[]): Prisma.Sql =>
  sql`replace(${queryOf('@', words)}, '@', ${markOf(organizationId)})::tsquery`

/** The same where only PostgreSQL knows the words. `words` is a table with the column `word`. */
const queryOfTable = (organizationId: Prisma.Sql, words: Prisma.Sql): Prisma.Sql =>
  sql`(SELECT string_agg('''' || ${markOf(organizationId)} || word || ''':*', ' & ') FROM ${words})::tsquery`
