import { afterEach, describe, expect, test } from 'vitest'
import { clearJobs, openWorld, refusal, tester } from '@/testing/engine'
import { jobsOf, makeSchedule, planned, runAll, runsOf } from '@/testing/schedules'
import {
  forecastBackfill,
  getBulk,
  listJobs,
  runBulks,
  scheduleDay,
  startBackfill,
  suspendOrganization,
  resumeOrganization,
  skippedItems,
  updateSchedule,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld()
const by = { actor: tester, address: null }
const everywhere = { all: true } as const
const HOUR_MS = 3_600_000

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await db.$executeRaw`DELETE FROM schedules`
  await db.$executeRaw`DELETE FROM bulk_actions`
  await clearJobs(db)
})

/** The last `count` hours before the last midnight: so many runs of an hourly schedule. */
const hours = (count: number) => ({
  from: new Date(planned().getTime() - (count - 1) * HOUR_MS),
  to: planned(),
})
const hourly = () => makeSchedule(world, { cron: '0 * * * *', overlap: 'skip' })
const start = (scheduleId: string, count: number) =>
  startBackfill(db, { scheduleId, ...hours(count), role: 'ADMIN', reason: 'They were lost', ...by })
const forecast = (scheduleId: string, count: number) => forecastBackfill(db, { scheduleId, ...hours(count) })

test('for a day of hourly runs, the preview tells how many jobs would be submitted, and the receipt how many were', async () => {
  const id = await hourly()
  expect(await forecast(id, 24)).toEqual({ matched: 24, capped: false, would: 24, skipped: [], warnings: [] })
  const result = await start(id, 24)
  expect(result).toEqual({ matched: 24, changed: 24, skipped: [], receiptId: expect.any(String) })
  const bulk = await getBulk(db, result.receiptId!, everywhere)
  expect(bulk).toMatchObject({
    action: 'BACKFILL',
    status: 'COMPLETED',
    processed: 24,
    reason: 'They were lost',
    backfill: { scheduleId: id, from: hours(24).from.toISOString() },
    auditId: expect.any(String),
  })
  const jobs = await jobsOf(world, id)
  expect(jobs).toHaveLength(24)
  const listed = await listJobs(db, { filter: { bulkId: bulk.id }, limit: 100 }, everywhere)
  expect(listed.items.map((job) => job.id).sort()).toEqual(jobs.map((job) => job.id).sort())
  expect((await runsOf(world, id)).map(({ plannedAt }) => plannedAt.getTime())).toEqual(
    Array.from({ length: 24 }, (_, n) => hours(24).from.getTime() + n * HOUR_MS),
  )
  const entries = await db.auditEvent.findMany({ where: { action: 'schedule.backfill' } })
  expect(entries).toHaveLength(1)
})

test('planned times that have a job are left alone, however often the period is backfilled', async () => {
  const id = await hourly()
  await start(id, 5)
  expect(await forecast(id, 8)).toMatchObject({ matched: 8, would: 3, skipped: [{ reason: 'ALREADY_RUN', count: 5 }] })
  const again = await start(id, 8)
  expect(again).toMatchObject({ matched: 8, changed: 3 })
  const jobs = await jobsOf(world, id)
  expect(jobs).toHaveLength(8)
  const { items } = await skippedItems(db, { bulkId: again.receiptId!, limit: 9 })
  expect(items.map(({ reason }) => reason)).toEqual(Array(5).fill('ALREADY_RUN'))
  expect(items.every(({ jobId, plannedAt }) => plannedAt && jobs.some((job) => job.id === jobId))).toBe(true)
})

test('the runs that a backfill skipped are listed by their planned times, page by page', async () => {
  const id = await hourly()
  await start(id, 3)
  await db.$executeRaw`UPDATE schedules SET job_type = 'strict'`
  const { receiptId } = await start(id, 10)
  const listed: (Date | undefined)[] = []
  let cursor: string | undefined
  do {
    const page = await skippedItems(db, { bulkId: receiptId!, cursor, limit: 3 })
    listed.push(...page.items.map(({ plannedAt }) => plannedAt))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(listed).toEqual(Array.from({ length: 10 }, (_, n) => new Date(hours(10).from.getTime() + n * HOUR_MS)))
})

test('a run that was missed becomes one that has a job', async () => {
  const id = await hourly()
  await db.scheduleRun.create({
    data: {
      scheduleId: id,
      organizationId: world.organizationId,
      plannedAt: planned(),
      decidedAt: new Date(),
      skipped: 'MISSED',
    },
  })
  await start(id, 1)
  const [job] = await jobsOf(world, id)
  expect(await runsOf(world, id)).toEqual([{ plannedAt: planned(), jobId: job!.id, skipped: null, count: 1 }])
})

/** One entry that stands for the missed runs of four hours, up to the last midnight. */
const missFourHours = (scheduleId: string) =>
  db.scheduleRun.create({
    data: {
      scheduleId,
      organizationId: world.organizationId,
      plannedAt: planned(),
      decidedAt: new Date(Date.now() - HOUR_MS),
      skipped: 'MISSED',
      missed: 3,
    },
  })

test('when the last of four missed runs is backfilled, the other three still count as missed', async () => {
  const id = await hourly()
  await missFourHours(id)
  await start(id, 1)
  const { items } = await scheduleDay(db, everywhere)
  expect(items.map(({ past }) => past)).toMatchObject([[{ count: 4, skipped: 3, unfinished: 1 }]])
})

test('when all of four missed runs are backfilled, none counts as missed', async () => {
  const id = await hourly()
  await missFourHours(id)
  await start(id, 4)
  expect((await runsOf(world, id)).map(({ skipped, count }) => [skipped, count])).toEqual(Array(4).fill([null, 1]))
})

test('more than 500 runs are submitted by the leader, part by part', async () => {
  const id = await hourly()
  const { bulkId } = await start(id, 560)
  expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'RUNNING', processed: 0, matched: 560 })
  // One part of 50 runs, because no time is left after it.
  await runBulks(db, { forMs: 0 })
  expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'RUNNING', processed: 50, changed: 50 })
  await runBulks(db, { forMs: 120_000 })
  expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'COMPLETED', changed: 560 })
  expect(await jobsOf(world, id)).toHaveLength(560)
})

test('a backfill that a rate limit lets no further waits, and goes on when the limit lets more in', async () => {
  const id = await hourly()
  const limit = (count: number | null) =>
    db.$executeRaw`UPDATE job_types SET rate_limit_count = ${count}, rate_limit_window_seconds = ${count && 3_600} WHERE name = 'plain'`
  await limit(3)
  expect((await forecast(id, 5)).warnings).toMatchObject([{ code: 'RATE_LIMITED' }])
  const { bulkId, changed } = await start(id, 5)
  expect(changed).toBe(3)
  await runBulks(db, { forMs: 60_000 })
  expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'RUNNING', changed: 3, skipped: {} })
  await limit(null)
  await runBulks(db, { forMs: 60_000 })
  expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'COMPLETED', changed: 5 })
})

describe('what stops a backfill', () => {
  test('a backfill ends where its schedule is deleted', async () => {
    const id = await hourly()
    const { bulkId } = await start(id, 600)
    await db.$executeRaw`DELETE FROM schedules`
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({
      status: 'ABORTED',
      abortReason: 'The schedule was deleted',
    })
  })

  test('a backfill ends when its organization is suspended, and no other begins', async () => {
    const id = await hourly()
    const { bulkId } = await start(id, 600)
    await suspendOrganization(db, { organizationId: world.organizationId, ...by })
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, bulkId!, everywhere)).toMatchObject({ status: 'ABORTED', changed: 0 })
    expect((await refusal(start(id, 1))).reason).toBe('ORGANIZATION_SUSPENDED')
    expect(await forecast(id, 2)).toMatchObject({ would: 0, warnings: [{ code: 'ORGANIZATION_SUSPENDED' }] })
    await resumeOrganization(db, { organizationId: world.organizationId, ...by })
  })
})

test('where the parameters no longer fit, each run is named as skipped for that, and nothing is submitted', async () => {
  const id = await hourly()
  await db.$executeRaw`UPDATE schedules SET job_type = 'strict'`
  const result = await start(id, 3)
  expect(result).toMatchObject({ matched: 3, changed: 0 })
  expect(result.skipped.map(({ reason }) => reason)).toEqual(Array(3).fill('INVALID_PARAMETERS'))
  expect(await jobsOf(world, id)).toEqual([])
})

test.each([
  ['that is not over', { from: new Date(), to: new Date(Date.now() + HOUR_MS) }, 'to', /has passed/],
  ['whose end comes first', { from: planned(), to: planned(1) }, 'to', /after `from`/],
  ['with too many runs', { from: planned(600), to: planned() }, 'from', /more than 10,000/],
])('a period %s is refused', async (_, period, path, message) => {
  const id = await hourly()
  const thrown = await refusal(startBackfill(db, { scheduleId: id, ...period, role: 'ADMIN', ...by }))
  expect(thrown.data.fields![0]!.path).toBe(path)
  expect(thrown.message).toMatch(message)
})

test('a period in which nothing was planned leaves no receipt', async () => {
  const id = await makeSchedule(world, { cron: '0 0 29 2 *' })
  expect(await start(id, 1)).toEqual({ matched: 0, changed: 0, skipped: [] })
  expect(await db.bulkAction.count()).toBe(0)
})

test('the overlap rule of later runs does not look at backfilled jobs', async () => {
  const id = await hourly()
  await start(id, 3)
  await updateSchedule(db, { scheduleId: id, changes: { cron: '* * * * * *' }, ...by })
  await expect.poll(async () => (await runAll(world)).submitted).toBeGreaterThan(0)
  const runs = await db.scheduleRun.findMany({
    where: { scheduleId: id, trigger: 'DUE' },
    orderBy: { plannedAt: 'asc' },
  })
  expect(runs[0]).toMatchObject({ skipped: null, jobId: expect.any(String) })
})
