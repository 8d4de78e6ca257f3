import { beforeAll, describe, expect, test } from 'vitest'
import { Prisma } from '@/server/db'
import { ends, finish, openWorld, running, runningMany, submit } from '@/testing/engine'
import type { JobFilter, Scope } from '../../domain/types'
import { failingCauses } from './failing'
import { matchingIds } from './filter'
import { countJobs, listJobs } from './job-lists'
import { metricsByType, metricsOverview, metricsTimeseries } from './metrics'

/** A filter without reasons for which jobs wait, which `matchingIds` does not take. */
type PlainFilter = Omit<JobFilter, 'waitingFor'>

const { db, world } = await openWorld({ max: 12 })
const here: Scope = { organizationIds: [world.organizationId] }
const elsewhere: Scope = { organizationIds: [world.otherOrganizationId] }
const everywhere: Scope = { all: true }
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
const window = { failedAfter: ago(6), failedBefore: ago(2) }

let died: string[]
let completed: string

// Twelve jobs died: the first half an hour ago, and each other one an hour before the last. One failed twice three hours
// ago and completed since. One waits.
beforeAll(async () => {
  const dead = await runningMany(world, 12)
  for (const one of dead) await finish(world, ends.dead(one))
  died = dead.map(({ jobId }) => jobId)
  for (const [hours, jobId] of died.entries())
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ${ago(hours + 0.5)}, started_at = ${ago(hours + 0.5)} WHERE job_id = ${jobId}::uuid`
  const one = await running(world)
  completed = one.jobId
  await finish(world, ends.complete(one))
  await db.$executeRaw`
    INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome, error_message, error_class, error_fingerprint)
    SELECT job_id, attempt + n, organization_id, job_type, ready_at, queued_at, ${ago(3)}, ${ago(3)}, 'FAILED', 'It broke', 'TRANSIENT', 'broken-before'
    FROM job_attempts, generate_series(1, 2) n WHERE job_id = ${completed}::uuid`
  await submit(world)
})

const found = async (filter: PlainFilter, scope: Scope = here) => {
  const ids: string[] = []
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await listJobs(db, { filter, cursor, limit: 2 }, scope)
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  }
  return ids
}

test('jobs of which an attempt failed within a time are found whatever became of them, newest first, and counted with their failures', async () => {
  const expected = [completed, ...[2, 3, 4, 5].map((hours) => died[hours]!)].sort().reverse()
  expect(await found(window)).toEqual(expected)
  expect(await found(window, everywhere)).toEqual(expected)
  expect(await countJobs(db, window, here)).toEqual({ count: 5, capped: false, failures: 6 })
  expect(await countJobs(db, window, elsewhere)).toEqual({ count: 0, capped: false, failures: 0 })
})

test('a filter by an error finds jobs of which any attempt failed of it, whatever their last error is', async () => {
  expect(await found({ ...window, errorFingerprint: 'broken-before' })).toEqual([completed])
  expect(await found({ errorFingerprint: 'broken-before' }), 'without a time it is the last error').toEqual([])
  expect((await found({ ...window, errorFingerprint: 'broken' })).sort()).toEqual(died.slice(2, 6).sort())
})

describe.each<[string, PlainFilter, () => string[]]>([
  ['a status', { status: ['COMPLETED'] }, () => [completed]],
  ['a type', { jobType: ['plain'] }, () => [completed, ...died.slice(2, 6)]],
  ['another type', { jobTypePrefix: 'str' }, () => []],
  ['words', { search: 'broken' }, () => died.slice(2, 6)],
  ['an end', { endedAfter: ago(1), status: ['COMPLETED'] }, () => [completed]],
])('with %s', (_, more, expected) => {
  test('a filter by the time of a failure and something else finds only jobs that fit both', async () => {
    expect((await found({ ...window, ...more })).sort()).toEqual(expected().sort())
    expect((await countJobs(db, { ...window, ...more }, here)).count).toBe(expected().length)
  })
})

test('a filter by the time of a failure reads no table of jobs from end to end', async () => {
  const plan = await db.$transaction(async (tx) => {
    await tx.$executeRaw`SET LOCAL enable_seqscan = off`
    return tx.$queryRaw<{ 'QUERY PLAN': string }[]>(Prisma.sql`EXPLAIN ${matchingIds(window, here, { limit: 26 })!}`)
  })
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on (jobs|job_inputs|job_attempts)/)
})

test('figures between two moments count what the lists of that time hold', async () => {
  const time = { from: window.failedAfter, to: window.failedBefore }
  const overview = await metricsOverview(db, time, here)
  expect(overview).toMatchObject({ ...time, completed: 0, failed: 6, failureRate: 1 })
  expect((await metricsByType(db, { ...time, limit: 9 }, here)).items).toMatchObject([{ jobType: 'plain', failed: 6 }])
  const { points, bucketSeconds } = await metricsTimeseries(db, time, here)
  expect(points.reduce((sum, { failed }) => sum + failed, 0)).toBe(6)
  expect(points[0]!.at.getTime()).toBeLessThanOrEqual(time.from.getTime())
  expect(points.at(-1)!.at.getTime() + bucketSeconds * 1000).toBeGreaterThanOrEqual(time.to.getTime())
  expect((await metricsOverview(db, time, elsewhere)).failed).toBe(0)
})

test('causes between two moments count what failed of them then, and their trends add up', async () => {
  const { items } = await failingCauses(db, { from: window.failedAfter, to: window.failedBefore, limit: 9 }, here)
  expect(items.map(({ errorFingerprint, count, counted }) => [errorFingerprint, count, counted])).toEqual([
    ['broken', 4, 'attempts'],
    ['broken-before', 2, 'attempts'],
  ])
  for (const { count, trend } of items) expect(trend.points.reduce((sum, point) => sum + point.count, 0)).toBe(count)
  expect(items[0]!.trend.points[0]!.at).toEqual(window.failedAfter)
})
