import { beforeAll, expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { bulkSteps, counts, duties, figures, pages, type Read } from './every-read.fixture'
import { makeManyJobs, organizationIdOf } from './many-jobs.fixture'
import { rowsRead, type RowsRead } from './rows-read.fixture'

// A million jobs in 200 organizations over 30 days, with five million history rows: 150,000 wait, 50,000 are dead. Each
// read runs five times and is printed, the one with most pages first. What decides is how many rows it reads, not how
// long it takes on this machine.

const { db } = await openDatabase()

const JOBS = 1_000_000
const DAYS = 30
const ROUNDS = 5
/** No read may look at more rows than a quarter of the jobs. What waits is counted whole, and is 150,000 here. */
const MOST = JOBS / 4

const everything = { all: true } as const
const one = { organizationIds: [organizationIdOf(7)] }
const groups: [string, Read[], 'web' | 'worker'][] = [
  ['all', [...pages(everything, DAYS), ...counts(everything, DAYS), ...figures(everything)], 'web'],
  ['one', [...pages(one, DAYS), ...counts(one, DAYS), ...figures(one), ...bulkSteps(organizationIdOf(7))], 'web'],
  ['upkeep', duties, 'worker'],
]

beforeAll(async () => {
  await makeManyJobs(db, { jobs: JOBS, organizations: 200, days: DAYS, history: true })
}, 7_200_000)

test('no read looks at a quarter of a million jobs, or reads a table of jobs from end to end', async () => {
  const [history] = await db.$queryRaw<{ rows: number }[]>`SELECT count(*)::int AS rows FROM execution_logs`
  expect(history!.rows).toBeGreaterThan(4_900_000)
  const done: (RowsRead & { named: string; p95: number })[] = []
  for (const [scope, reads, settings] of groups)
    for (const { named, run } of reads) {
      const rounds: RowsRead[] = []
      for (let round = 0; round < ROUNDS; round++) rounds.push(await rowsRead(db, run, settings))
      // Of five values the highest is the nearest to the 95th percentile.
      done.push({ ...rounds.at(-1)!, named: `${scope}: ${named}`, p95: Math.max(...rounds.map(({ ms }) => ms)) })
    }
  for (const { named, rows, sorted, pages, p95 } of done.toSorted((a, b) => b.pages - a.pages))
    console.log(
      `${named} | ${Math.round(rows)} rows | ${Math.round(sorted)} sorted | ${pages} pages | ${p95.toFixed(1)} ms`,
    )
  expect(done.length).toBeGreaterThan(1_000)
  expect(done.filter(({ rows, whole }) => rows > MOST || whole.length > 0)).toEqual([])
}, 7_200_000)
