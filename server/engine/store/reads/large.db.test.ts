import { beforeAll, describe, expect, test } from 'vitest'
import { Prisma, type DbOrTx } from '@/server/db'
import { openDatabase } from '@/testing/open-database'
import { UNFINISHED_STATUSES } from '../../domain/state'
import { bulkSteps, counts, duties, figures, pages, type Read } from './every-read.fixture'
import { countJobs, listJobs } from './job-lists'
import { makeManyJobs, organizationIdOf } from './many-jobs.fixture'
import { rowsRead } from './rows-read.fixture'

// 50,000 jobs in 200 organizations, 7,500 of which are unfinished. Whatever is asked, nothing reads or sorts a good
// part of them to show a page or a figure. `million.long.db.test.ts` asks the same of a million.

const { db } = await openDatabase()

const DAYS = 2
const everything = { all: true } as const
const one = { organizationIds: [organizationIdOf(7)] }

beforeAll(async () => {
  await makeManyJobs(db, { jobs: 50_000, organizations: 200, days: DAYS })
}, 300_000)

/** The reads that read or sorted more rows than this, or read a table of jobs from end to end. */
async function tooMuch(reads: Read[], most: (read: Read) => number, settings?: 'worker'): Promise<unknown[]> {
  expect(reads.length).toBeGreaterThan(0)
  const found: unknown[] = []
  for (const read of reads) {
    const done = await rowsRead(db, read.run, settings)
    if (done.rows > most(read) || done.sorted > most(read) || done.whole.length > 0)
      found.push({ named: read.named, ...done })
  }
  return found
}

/**
 * The most rows for a page. For a status that few jobs have, 26 ids are read of each organization and status. Words are
 * looked for in the newest 2,000 jobs that meet the other conditions of the filter (5,000 where it leaves out
 * COMPLETED). To find those, up to 40,000 jobs may be read.
 */
const OF_A_PAGE = (read: Read) => (read.words ? 60_000 : 20_000)
/**
 * A count stops at 10,000 jobs, and may look at each in three tables. A count of words may look through 30,000 jobs, in
 * two tables.
 */
const OF_A_COUNT = () => 70_000
/** Figures add up what waits and what is dead, and read the sums of what ended. */
const OF_A_FIGURE = () => 20_000
/** One organization has 250 of the jobs. */
const OF_ONE = () => 2_000

describe.each([
  ['all organizations', everything, OF_A_PAGE, OF_A_COUNT, OF_A_FIGURE],
  ['one organization', one, OF_ONE, OF_ONE, OF_ONE],
] as const)('%s', (_, scope, ofAPage, ofACount, ofAFigure) => {
  test('a page of jobs reads no more than a page needs, whatever it is filtered by', async () => {
    expect(await tooMuch(pages(scope, DAYS), ofAPage)).toEqual([])
  }, 600_000)

  test('a count reads no more than it may count, whatever it is filtered by', async () => {
    expect(await tooMuch(counts(scope, DAYS), ofACount)).toEqual([])
  }, 600_000)

  test('figures are read from what waits, what is dead, and sums', async () => {
    expect(await tooMuch(figures(scope), ofAFigure)).toEqual([])
  }, 600_000)
})

const asked = (reads: Read[], what: RegExp) => reads.filter(({ named }) => what.test(named))

test('over all organizations, a count of words or parameters looks at some jobs, and at no more where there are many', async () => {
  const reads = asked(counts(everything, DAYS), /^count (DEAD_LETTER|unfinished|RUNNING) .*(word|title|parameter)/)
  // It looks at up to 2,000 jobs that meet the other conditions, and at up to 2,000 that have the words or the
  // parameter, each in up to three tables.
  expect(await tooMuch(reads, () => 15_000)).toEqual([])
}, 600_000)

test('over all organizations, jobs that wait for a reason are found among the newest, and counted in their indexes', async () => {
  // 10,000 jobs are looked at for a page.
  const lists = asked(pages(everything, DAYS), /waiting for (a time|a worker|a retry|parents)/)
  expect(await tooMuch(lists, () => 12_000)).toEqual([])
  // 7,500 jobs wait: each is one entry of an index.
  const figuresOfAll = asked([...counts(everything, DAYS), ...figures(everything)], /waiting( of a type| for (a |p)|$)/)
  expect(await tooMuch(figuresOfAll, () => 8_000)).toEqual([])
}, 600_000)

test('a bulk action reads the jobs that it is about', async () => {
  expect(await tooMuch(bulkSteps(organizationIdOf(7)), () => 5_000)).toEqual([])
}, 600_000)

test('the leader and the dispatchers read what they may have to change', async () => {
  expect(await tooMuch(duties, () => 8_000, 'worker')).toEqual([])
}, 600_000)

/** The unfinished jobs whose number `n` meets a condition, newest first, read without any shortcut. */
const unfinished = (tx: DbOrTx, ofNumber: Prisma.Sql) => tx.$queryRaw<{ id: string }[]>`
  SELECT j.id FROM jobs j JOIN job_inputs i ON i.job_id = j.id CROSS JOIN LATERAL (SELECT (i.parameters ->> 'number')::int AS n) p
  WHERE j.status = ANY(${[...UNFINISHED_STATUSES]}::"JobStatus"[]) AND ${ofNumber} ORDER BY j.id DESC`

test.each([
  ['every twentieth job has', 'twentieth', Prisma.sql`n % 20 = 0`],
  ['few jobs have', 'seldom', Prisma.sql`n % 1000 = 7`],
])(
  'unfinished jobs with a word that %s are listed in full, page by page',
  async (_, search, ofNumber) => {
    const filter = { status: [...UNFINISHED_STATUSES], search }
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await listJobs(db, { filter, limit: 100, cursor }, everything)
      found.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(found).toEqual((await unfinished(db, ofNumber)).map(({ id }) => id))
  },
  120_000,
)

// One job in so many is theirs. Up to 500 jobs count as few (by-submitter.ts).
test.each([
  ['few jobs', 100],
  ['half of all jobs', 2],
])(
  'unfinished jobs of somebody who submitted %s are those that a plain query finds',
  async (_, each) => {
    const submittedById = '01900000-0000-7000-8000-00000000beef'
    const undone = db.$transaction(
      async (tx) => {
        const theirs = Prisma.sql`(i.parameters ->> 'number')::int % ${each}::int = 1`
        await tx.$executeRaw`UPDATE job_inputs i SET submitted_by_id = ${submittedById}::uuid WHERE ${theirs}`
        await tx.$executeRaw`UPDATE jobs j SET submitted_by_id = ${submittedById}::uuid FROM job_inputs i WHERE i.job_id = j.id AND ${theirs}`
        const expected = (await unfinished(tx, Prisma.sql`n % ${each}::int = 1`)).map(({ id }) => id)
        const filter = { status: [...UNFINISHED_STATUSES], submittedById }
        expect(await countJobs(tx, filter, everything)).toEqual({ count: expected.length, capped: false })
        const { items } = await listJobs(tx, { filter, limit: 100 }, everything)
        expect(items.map(({ id }) => id)).toEqual(expected.slice(0, 100))
        // The error undoes the transaction.
        throw new Undone()
      },
      { timeout: 120_000 },
    )
    await expect(undone).rejects.toBeInstanceOf(Undone)
  },
  120_000,
)

class Undone extends Error {}
