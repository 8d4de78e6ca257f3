import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase } from '@/testing/database'
import { createDb, type Db } from '@/server/db'
import { createMissingJobTypes, indexJobs, type IndexCursor } from '@/server/engine'
import type { Json } from '@/server/engine/domain/types'
import { queueOf, SHIPPED_JOB_TYPES } from '@/worker/catalog/catalog'
import { createOrganizationData } from './data'
import type { ExportedJob } from '../handler'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let db: Db
let data: ReturnType<typeof createOrganizationData>
const ours = randomUUID()
const theirs = randomUUID()
const start = Date.UTC(2026, 0, 10)
const HOUR = 3_600_000

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.url, { max: 2 })
  await createMissingJobTypes(db, SHIPPED_JOB_TYPES, queueOf)
  await db.organization.createMany({
    data: [
      { id: ours, name: 'Ours', slug: 'ours' },
      { id: theirs, name: 'Theirs', slug: 'theirs' },
    ],
  })
  data = createOrganizationData(database.url, ours)
  // One job a minute for 42 hours, of which every tenth died: more than two batches of 1,000. And 50 such jobs of another
  // organization.
  await insertJobs(ours, 2520)
  await insertJobs(theirs, 50)
}, 60_000)
afterAll(async () => {
  await data?.close()
  await db?.$disconnect()
  await database?.drop()
})

async function insertJobs(
  organizationId: string,
  many: number,
  parameters: (n: number) => Json = (n) => ({ order: `SO-N${n}` }),
) {
  const rows = Array.from({ length: many }, (_, n) => {
    const at = new Date(start + n * 60_000)
    const dead = n % 10 === 0
    return {
      id: uuidv7({ msecs: at.getTime() }),
      at,
      dead,
      end: new Date(at.getTime() + 2000),
      parameters: parameters(n),
      type: n % 2 ? 'sample.work' : 'sample.noop',
    }
  })
  await db.job.createMany({
    data: rows.map(({ id, at, dead, end, type }) => ({
      id,
      organizationId,
      jobType: type,
      jobTypeVersion: 1,
      queue: 'INLINE',
      status: dead ? 'DEAD_LETTER' : 'COMPLETED',
      submittedByType: 'SYSTEM',
      submittedByName: 'test',
      maxRetries: 0,
      timeoutSeconds: 60,
      rankAt: at,
      createdAt: at,
      finishedAt: end,
      errorMessage: dead ? 'broken' : null,
      errorClass: dead ? 'PERMANENT' : null,
      errorFingerprint: dead ? 'broken' : null,
    })),
  })
  await db.jobInput.createMany({
    data: rows.map(({ id, type, at, parameters }) => ({
      jobId: id,
      organizationId,
      jobType: type,
      parameters: parameters as object,
      createdAt: at,
    })),
  })
  await db.jobAttempt.createMany({
    data: rows.map(({ id, type, at, end, dead }) => ({
      jobId: id,
      attempt: 1,
      organizationId,
      jobType: type,
      readyAt: at,
      queuedAt: at,
      startedAt: at,
      endedAt: end,
      outcome: dead ? 'FAILED' : 'COMPLETED',
      errorMessage: dead ? 'broken' : null,
      errorFingerprint: dead ? 'f1' : null,
    })),
  })
  // Rows that were written past the engine are in no index for the search yet.
  let before: IndexCursor = null
  do ({ before } = await indexJobs(db, before))
  while (before)
}

async function collect(filter: Parameters<typeof data.jobs>[0]) {
  const batches: ExportedJob[][] = []
  for await (const batch of data.jobs(filter)) batches.push(batch)
  return batches
}

test('jobs come newest first in batches, each once, and none of another organization', async () => {
  const batches = await collect({})
  expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 520])
  const ids = batches.flat().map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)].sort().reverse())
  expect(await data.countJobs({})).toBe(2520)
  expect(batches[0]?.[0]).toMatchObject({
    jobType: 'sample.work',
    status: 'COMPLETED',
    submittedBy: 'test',
    parameters: { order: 'SO-N2519' },
  })
})

test.each([
  [{ status: ['DEAD_LETTER' as const] }, 252],
  [{ jobType: ['sample.work'] }, 1260],
  [{ jobType: ['sample.work'], status: ['DEAD_LETTER' as const] }, 0],
  [{ createdAfter: new Date(start + HOUR), createdBefore: new Date(start + 2 * HOUR) }, 60],
  [{ search: 'SO-N2519' }, 1],
  // The beginning of a word is enough: 17, 170 to 179, 1700 to 1799.
  [{ search: 'SO-N17' }, 111],
  [{ search: 'nothing' }, 0],
])('the filter %j finds %d', async (filter, found) => {
  expect((await collect(filter)).flat()).toHaveLength(found)
  expect(await data.countJobs(filter)).toBe(found)
})

test('a batch of large parameters ends early', async () => {
  const large = createOrganizationData(database.url, theirs)
  try {
    await db.jobInput.updateMany({
      where: { organizationId: theirs },
      data: { parameters: { text: 'x'.repeat(400_000) } },
    })
    const sizes: number[] = []
    for await (const batch of large.jobs({})) sizes.push(batch.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50)
    // 20 times 400,000 bytes is just below the 8 MiB that a batch may have.
    expect(Math.max(...sizes)).toBe(20)
  } finally {
    await large.close()
  }
})

test('a report counts what was submitted and what ended in the period', async () => {
  const starts = Array.from({ length: 24 }, (_, n) => new Date(start + n * HOUR))
  const report = await data.report({ from: new Date(start), to: new Date(start + 24 * HOUR), starts })
  expect(report.byStatus).toEqual([
    { status: 'COMPLETED', count: 1296 },
    { status: 'DEAD_LETTER', count: 144 },
  ])
  expect(report.byType).toEqual([
    { jobType: 'sample.noop', total: 720, completed: 576, failed: 144, avgRunSeconds: 2, p95RunSeconds: 2 },
    { jobType: 'sample.work', total: 720, completed: 720, failed: 0, avgRunSeconds: 2, p95RunSeconds: 2 },
  ])
  expect(report.timeline).toHaveLength(24)
  expect(report.timeline[3]).toEqual({ at: new Date(start + 3 * HOUR), completed: 54, failed: 6 })
  expect(report.topErrors).toMatchObject([{ jobType: 'sample.noop', message: 'broken', count: 144 }])
})

test('a long period is counted by whole days, of which none is missing', async () => {
  const from = new Date(start - 36 * HOUR)
  const starts = Array.from({ length: 6 }, (_, n) => new Date(start + (n - 2) * 24 * HOUR))
  const report = await data.report({ from, to: new Date(start + 96 * HOUR), starts })
  expect(report.timeline.map(({ at, completed }) => [at.toISOString().slice(0, 10), completed])).toEqual([
    ['2026-01-08', 0],
    ['2026-01-09', 0],
    ['2026-01-10', 1296],
    ['2026-01-11', 972],
    ['2026-01-12', 0],
    ['2026-01-13', 0],
  ])
})

test('an organization without jobs has an empty report', async () => {
  const empty = createOrganizationData(database.url, randomUUID())
  const report = await empty.report({
    from: new Date(start),
    to: new Date(start + HOUR),
    starts: [new Date(start)],
  })
  expect(report).toMatchObject({ byStatus: [], byType: [], topErrors: [], timeline: [{ completed: 0, failed: 0 }] })
  await empty.close()
})

test('a report follows the time zone of the organization: days that begin at its midnight are counted apart', async () => {
  await db.organization.update({ where: { id: ours }, data: { timeZone: 'Asia/Kolkata' } })
  expect(await data.timeZone()).toBe('Asia/Kolkata')
  // Midnight in Kolkata is 18:30 UTC: of the 42 hours from midnight UTC on, 18.5 lie before the first one.
  const starts = [-5.5, 18.5, 42.5].map((hours) => new Date(start + hours * HOUR))
  const report = await data.report({ from: starts[0]!, to: new Date(start + 60 * HOUR), starts })
  expect(report.timeline.map(({ completed, failed }) => completed + failed)).toEqual([1110, 1410, 0])
})

test('a report that is canceled while the database works on it ends at once, and so does the work in the database', async () => {
  const stop = new AbortController()
  const canceled = createOrganizationData(database.url, ours, () => stop.signal)
  const atWork = async () => {
    const [row] = await db.$queryRaw<{ n: number }[]>`
      SELECT count(*)::int AS n FROM pg_stat_activity
      WHERE application_name LIKE 'jobyard-handler %' AND state = 'active' AND datname = current_database()`
    return row!.n
  }
  // While somebody holds the table, nobody can read it: the statement lasts as long as one over a million rows.
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE job_attempts IN ACCESS EXCLUSIVE MODE`
    const report = canceled.report({ from: new Date(start), to: new Date(start + HOUR), starts: [new Date(start)] })
    const end = report.then(
      () => 'made',
      (error: Error) => error.message,
    )
    await expect.poll(atWork).toBe(1)
    stop.abort(new Error('canceled'))
    expect(await end).toBe('canceled')
    await expect.poll(atWork).toBe(0)
    await expect(canceled.countJobs({})).rejects.toThrow('canceled')
  })
  await canceled.close()
})
