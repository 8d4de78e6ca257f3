import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ANY_CREW } from '../../domain/crew'
import { beat, registerWorker } from '../../index'
import { WAITING_CODES, type WaitingCode } from '../../domain/waiting-codes'
import type { JobFilter, Scope } from '../../domain/types'
import { openDatabase } from '@/testing/open-database'
import { countJobs, listJobs } from './job-lists'
import { makeManyJobs, organizationIdOf } from './many-jobs.fixture'
import { waitingSummary } from './waiting'

// Over all organizations, reads take shorter ways than over some: organizations that nothing sets apart are counted as
// one, a page is found among the newest jobs, and words are counted among some. They must not say anything else. So all
// organizations are compared here with the same ones by name.

const { db } = await openDatabase()

const ORGANIZATIONS = 20
const ids = Array.from({ length: ORGANIZATIONS }, (_, n) => organizationIdOf(n + 1))
const everything: Scope = { all: true }
const byName: Scope = { organizationIds: ids }

const WORKER = '01900000-0000-7000-8000-00000000aaaa'
/** On a slow machine a test takes longer than a worker may be silent. */
const heart = setInterval(() => void beat(db, WORKER, false), 2_000)
afterAll(() => clearInterval(heart))

beforeAll(async () => {
  await makeManyJobs(db, { jobs: 12_000, organizations: ORGANIZATIONS, days: 2 })
}, 120_000)

beforeEach(async () => {
  await db.$executeRaw`UPDATE organizations SET status = 'ACTIVE', max_concurrent = NULL`
  await db.$executeRaw`UPDATE job_types SET enabled = TRUE, concurrency_per_organization = NULL, concurrency_global = NULL`
  await db.$executeRaw`DELETE FROM workers`
})

/** What is arranged, and a reason that some of the jobs then wait for. */
const situations: [string, WaitingCode, () => Promise<unknown>][] = [
  ['no worker is alive', 'NO_WORKER', async () => {}],
  ['a worker is busy', 'BEHIND', () => aWorker()],
  [
    'an organization is suspended, one has a limit, and types are limited or disabled',
    'CONCURRENCY_LIMIT',
    async () => {
      await aWorker()
      await db.$executeRaw`UPDATE organizations SET status = 'SUSPENDED' WHERE id = ${ids[4]}::uuid`
      await db.$executeRaw`UPDATE organizations SET max_concurrent = 0 WHERE id = ${ids[5]}::uuid`
      await db.$executeRaw`UPDATE job_types SET concurrency_per_organization = 1 WHERE name = 'type.1'`
      await db.$executeRaw`UPDATE job_types SET concurrency_global = 0 WHERE name = 'type.2'`
      await db.$executeRaw`UPDATE job_types SET enabled = FALSE WHERE name = 'type.3'`
    },
  ],
  ['a type has no handler', 'HANDLER_MISSING', () => aWorker({ crew: { ...ANY_CREW, handlers: ['other'] } })],
  [
    'workers have free slots, and nothing is in the queue',
    'READY',
    async () => {
      await aWorker({ slots: 1_000 })
      await db.$executeRaw`UPDATE jobs SET status = 'RUNNING' WHERE status = 'QUEUED'`
    },
  ],
]

async function aWorker({ slots = 4, crew = ANY_CREW } = {}) {
  await registerWorker(db, {
    id: WORKER,
    host: 'test',
    pid: 1,
    isolatedSlots: slots,
    inlineSlots: slots,
    crew,
  })
}

test.each(situations)(
  'what waits is the same for all organizations as for each of them: %s',
  async (_, expected, arrange) => {
    await arrange()
    const figures = async (scope: Scope) => {
      const { items, ...sums } = await waitingSummary(db, {}, scope)
      const places = items.map(({ code, jobType, organizationId, target, count }) =>
        [code, jobType, organizationId, target, count].join(' '),
      )
      return { places: places.sort(), total: sums.total, byPriority: sums.byPriority, byJobType: sums.byJobType }
    }
    const all = await figures(everything)
    expect(all).toEqual(await figures(byName))
    // Three of 20 jobs wait.
    expect(all.total).toBeGreaterThan(1_500)
    const found: string[] = []
    for (const code of WAITING_CODES)
      for (const more of [{}, { jobType: ['type.1'] }, { priority: ['LOW'] }] satisfies JobFilter[]) {
        const filter: JobFilter = { waitingFor: [code], ...more }
        const counted = await countJobs(db, filter, everything)
        expect(counted, code).toEqual(await countJobs(db, filter, byName))
        if (counted.count > 0) found.push(code)
        else if (Object.keys(more).length > 0) continue
        let cursor: string | undefined
        for (let page = 0; page < 2; page++) {
          const [mine, theirs] = await Promise.all(
            [everything, byName].map((scope) => listJobs(db, { filter, limit: 10, cursor }, scope)),
          )
          expect(
            mine!.items.map(({ id }) => id),
            `${code}, page ${page}`,
          ).toEqual(theirs!.items.map(({ id }) => id))
          cursor = mine!.nextCursor ?? undefined
          if (!cursor) break
        }
      }
    expect(found).toEqual(expect.arrayContaining([expected, 'SCHEDULED', 'RETRY_BACKOFF', 'WAITING_FOR_PARENTS']))
  },
  120_000,
)

test('a count of words or parameters over all organizations is right, or says that there may be more', async () => {
  const words: JobFilter[] = [
    { search: 'common' },
    { search: 'twentieth' },
    { search: 'seldom' },
    { search: 'common seldom' },
    { search: 'nowhere' },
    { search: 'broken' },
    { title: 'common' },
    { args: [{ path: 'number', value: 4711 }] },
    { args: [{ path: 'group', value: 7 }] },
    { args: [{ path: 'kind', value: 'common' }] },
  ]
  const rest: JobFilter[] = [{}, { status: ['DEAD_LETTER'] }, { status: ['COMPLETED'] }, { jobType: ['type.3'] }]
  const answers = { exact: 0, capped: 0 }
  for (const filter of words.flatMap((one) => rest.map((other) => ({ ...one, ...other })))) {
    const { count, capped } = await countJobs(db, filter, everything)
    let all = 0
    for (const id of ids) all += (await countJobs(db, filter, { organizationIds: [id] })).count
    const named = JSON.stringify(filter)
    if (capped) expect(count, named).toBeGreaterThan(0)
    if (capped) expect(count, named).toBeLessThanOrEqual(all)
    else expect(count, named).toBe(all)
    answers[capped ? 'capped' : 'exact']++
  }
  expect(answers.exact).toBeGreaterThan(5)
  expect(answers.capped).toBeGreaterThan(5)
}, 120_000)

test('a page of jobs with some parameters is the same for all organizations as for each of them', async () => {
  for (const [path, value] of [
    ['number', 4711],
    ['group', 7],
    ['kind', 'common'],
  ] as const)
    for (const status of [undefined, ['DEAD_LETTER'], ['COMPLETED'], ['RUNNING']] satisfies JobFilter['status'][]) {
      const filter: JobFilter = { args: [{ path, value }], status }
      let cursor: string | undefined
      for (let page = 0; page < 3; page++) {
        const [mine, theirs] = await Promise.all(
          [everything, byName].map((scope) => listJobs(db, { filter, limit: 20, cursor }, scope)),
        )
        expect(
          mine!.items.map(({ id }) => id),
          JSON.stringify(filter),
        ).toEqual(theirs!.items.map(({ id }) => id))
        cursor = mine!.nextCursor ?? undefined
        if (!cursor) break
      }
    }
}, 120_000)
