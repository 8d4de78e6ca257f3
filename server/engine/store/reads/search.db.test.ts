import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Prisma } from '@/server/db'
import { clearJobs, ends, finish, openWorld, running, start, submit, tester } from '@/testing/engine'
import { cancelJob, claimJobs, createJobType, dispatchJobs, getJob, retryJob, updateJob } from '../../index'
import { indexJobs } from '../../actions/upkeep/index-jobs'
import { askedWords, wordsOf } from '../../domain/search-words'
import { checkInvariants } from '../../invariants'
import { listJobs } from './job-lists'
import { indexedWords, wordsOfMessage } from './search'

const { db, world } = await openWorld({ max: 6 })
const scope = { organizationIds: [world.organizationId] }
const found = async (search: string) =>
  (await listJobs(db, { filter: { search }, limit: 100 }, scope)).items.map(({ id }) => id)
const properties = {
  customer: { type: 'object', properties: { name: { type: 'string' } } },
  month: { type: 'string' },
  token: { type: 'string', 'x-sensitive': true },
}
await createJobType(db, {
  type: {
    name: 'titled',
    displayName: 'Titled',
    handler: 'sample.noop',
    parameterSchema: { type: 'object', properties },
    title: '{customer.name} · {month}',
  },
  actor: tester,
  address: null,
})

beforeEach(() => clearJobs(db))
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

describe('a job', () => {
  test('a job has its title from the moment it is submitted, and is found by it', async () => {
    const job = await submit(world, {
      jobType: 'titled',
      parameters: { month: '2026-11', customer: { name: 'Ada & Söhne' } },
    })
    expect(job.title).toBe('Ada & Söhne · 2026-11')
    expect(await getJob(db, job.id, { all: true })).toEqual(job)
    for (const search of ['sohn', '2026', 'ada söhne 11', job.id.slice(-8), job.id])
      expect(await found(search), search).toEqual([job.id])
  })

  test('a job is not found by sensitive values, and its title does not have them', async () => {
    const job = await submit(world, { jobType: 'titled', parameters: { token: 'hunter2' } })
    expect(job.title).not.toContain('hunter2')
    expect(await found('hunter2')).toEqual([])
  })

  test('a job gets another title and other words when its parameters change, and keeps them when they do not', async () => {
    const { id } = await submit(world, {
      jobType: 'titled',
      parameters: { month: 'november', customer: { name: 'Acme' } },
    })
    const title = async () => (await getJob(db, id, { all: true })).title
    const parameters = { month: 'december', customer: { name: 'Acme' } }
    await updateJob(db, { jobId: id, changes: { parameters }, actor: tester })
    expect(await title()).toBe('Acme · december')
    expect([await found('november'), await found('december'), await found(id.slice(-8))]).toEqual([[], [id], [id]])
    await updateJob(db, { jobId: id, changes: { priority: 'HIGH' }, actor: tester })
    expect(await title()).toBe('Acme · december')
    expect(await found('december')).toEqual([id])
  })

  test('a job of nothing but long words in many parts is accepted and found, though PostgreSQL cannot keep all of them', async () => {
    const long = (n: number) => ('Ωσσ'.repeat(20) + n.toString(36)).slice(0, 64)
    const { id } = await submit(world, {
      jobType: 'titled',
      parameters: { month: 'november', all: Array.from({ length: 2_000 }, (_, n) => long(n)).join(' ') },
    })
    expect([await found('november'), await found(long(3)), await found(id.slice(-8))]).toEqual([[id], [id], [id]])
  })

  test('a failed job is found by its error, together with its parameters, until another attempt begins', async () => {
    const claimed = await running(world, { parameters: { customer: 'Acme' } })
    const end = ends.fail(claimed, 0) as Parameters<typeof finish>[1] & { error: { message: string } }
    await finish(world, {
      ...end,
      error: { ...end.error, message: 'Verbindung zu ledger.example.com wurde geschloßen (ECONNRESET)' },
    } as Parameters<typeof finish>[1])
    for (const search of ['econnres', 'ledger', 'geschloß', 'acme econnreset'])
      expect(await found(search), search).toEqual([claimed.jobId])
    await dispatchJobs(db, 'INLINE', 10)
    expect(await found('econnreset')).toEqual([claimed.jobId])
    const { dispatch } = await db.job.findUniqueOrThrow({ where: { id: claimed.jobId } })
    // Any id will do for the worker, so it is that of the job.
    const [again] = await claimJobs(db, claimed.jobId, [{ jobId: claimed.jobId, dispatch }])
    expect([await found('econnreset'), await found('acme')]).toEqual([[], [claimed.jobId]])
    await finish(world, ends.dead(again!))
    expect(await found('acme')).toEqual([claimed.jobId])
  })

  test('a job that Jobyard ended is found by Jobyard’s message', async () => {
    const parent = await submit(world, { parameters: { n: 1 } })
    const child = await submit(world, { parameters: { n: 2 }, dependsOn: [parent.id] })
    await cancelJob(db, { jobId: parent.id, actor: tester })
    expect(await found('waited for CANCELED')).toEqual([child.id])
    // Both come back, and the invariants are checked after that (`afterEach`).
    await retryJob(db, { jobId: parent.id, actor: tester })
    await start(world, parent.id)
  })

  test('a job from before titles existed gets its title and the words of its error, once', async () => {
    const claimed = await running(world, { jobType: 'titled', parameters: { month: 'may', customer: { name: 'Old' } } })
    await finish(world, ends.dead(claimed))
    const before = await getJob(db, claimed.jobId, { all: true })
    await db.$executeRaw`DELETE FROM job_search`
    expect([(await getJob(db, claimed.jobId, { all: true })).title, await found('may')]).toEqual(['titled', []])
    expect(await indexJobs(db, null)).toEqual({ indexed: 1, before: null })
    expect(await indexJobs(db, null)).toEqual({ indexed: 0, before: null })
    expect(await getJob(db, claimed.jobId, { all: true })).toEqual(before)
    expect(await found(`may ${before.error!.message.split(' ')[0]}`)).toEqual([claimed.jobId])
  })

  test('a job whose words were cut in an older way gets new ones, once, and keeps its title', async () => {
    const job = await submit(world, {
      jobType: 'titled',
      parameters: { month: 'ABC123DEF', customer: { name: 'Old' } },
    })
    await db.$executeRaw`UPDATE job_search SET cut = 1, words = array_to_tsvector(ARRAY['none'])`
    expect(await found('123def')).toEqual([])
    expect(await indexJobs(db, null)).toEqual({ indexed: 1, before: null })
    expect(await indexJobs(db, null)).toEqual({ indexed: 0, before: null })
    expect(await found('123def')).toEqual([job.id])
    expect((await getJob(db, job.id, { all: true })).title).toBe(job.title)
  })
})

test('words that were stored before those of titles had a weight get the weight once, and the words of errors stay as they are', async () => {
  const claimed = await running(world, { jobType: 'titled', parameters: { month: 'may', customer: { name: 'Old' } } })
  await finish(world, ends.dead(claimed))
  const titled = async (title: string) => (await listJobs(db, { filter: { title }, limit: 9 }, scope)).items.length
  const words = () => db.$queryRaw`SELECT title, words::text, error_words::text FROM job_search`
  const before = await words()
  expect([await titled('old may'), await titled('broken')]).toEqual([1, 0])
  await db.$executeRaw`UPDATE job_search SET words = strip(words), cut = 1`
  expect([await titled('old'), (await found('old broken')).length]).toEqual([0, 1])
  expect(await indexJobs(db, null)).toEqual({ indexed: 1, before: null })
  expect(await indexJobs(db, null)).toEqual({ indexed: 0, before: null })
  expect(await words()).toEqual(before)
})

test('SQL cuts what Jobyard says of a job into the words by which a search, which TypeScript cuts, finds it', async () => {
  for (const message of [
    'worker lost 5 times',
    'Organization not found',
    'submitter no longer permitted',
    `It waited for job ${world.organizationId}, which is DEAD_LETTER`,
  ]) {
    const [row] = await db.$queryRaw<{ words: string[] }[]>`
      SELECT tsvector_to_array(${wordsOfMessage(Prisma.sql`${world.organizationId}::uuid`, Prisma.sql`${message}::text`)}) AS words`
    const marked = (words: string[]) => indexedWords(world.organizationId, words).split(' ')
    // Ids that the message names are not cut into parts there: nobody looks for a part of them.
    expect(marked(wordsOf([message]))).toEqual(expect.arrayContaining(row!.words))
    expect(row!.words).toEqual(expect.arrayContaining(marked(askedWords(message))))
  }
})
