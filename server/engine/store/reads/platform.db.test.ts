import { beforeAll, expect, it } from 'vitest'
import { pause, registerWorker, suspendOrganization } from '../../index'
import { ends, finish, openWorld, running, runningMany, submit, tester, workerId } from '@/testing/engine'
import type { Claimed } from '../../index'
import { plansOf } from './plans.fixture'
import { platformPage, type PlatformSort } from './platform'
import { rollUp } from './rollups'

const { db, world } = await openWorld()
const { organizationId: acme, otherOrganizationId: globex } = world
const other = { ...world, organizationId: globex }

const page = (over: Partial<Parameters<typeof platformPage>[1]> = {}) =>
  platformPage(db, { range: '1h', sort: 'outliers', limit: 50, ...over })
const row = async (id: string, range: '1h' | '24h' = '1h') =>
  (await page({ range })).items.find(({ organizationId }) => organizationId === id)!

// Acme fails a lot and holds most slots; Globex has little to do, and waits. Later tests change what is there, and each
// goes on with what the last one left.
let going: Claimed[]
beforeAll(async () => {
  for (const one of await runningMany(world, 12)) await finish(world, ends.dead(one))
  going = await runningMany(world, 7)
  await finish(other, ends.complete(await running(other)))
  await submit(other)
  // While no worker is alive, no slot is kept, so that all of the above could run.
  await registerWorker(db, { id: workerId, host: 'here', pid: 1, isolatedSlots: 2, inlineSlots: 8 })
})

it('an organization is shown with what waits, runs and failed', async () => {
  expect(await row(acme)).toMatchObject({
    name: 'Acme',
    slug: 'acme',
    status: 'ACTIVE',
    paused: false,
    waiting: 0,
    running: 7,
    unfinished: 7,
    completed: 0,
    failed: 12,
    failureRate: 1,
    // The default of organizations.
    maxUnfinished: 100_000,
    quotaUse: 7 / 100_000,
  })
  expect(await row(globex)).toMatchObject({ waiting: 1, running: 0, completed: 1, failed: 0, failureRate: 0 })
})

it('the slots of all workers are shared by those who have jobs in the queue', async () => {
  // Eight slots for two organizations.
  expect((await row(acme)).slots).toEqual({ queue: 'INLINE', held: 7, fairShare: 4 })
  expect((await row(globex)).slots).toEqual({ queue: 'INLINE', held: 0, fairShare: 4 })
})

it('an organization that has more than its share while another waits, and whose jobs fail, comes first, with the reasons', async () => {
  const { items, total } = await page()
  expect(total).toBe(2)
  expect(items.map(({ organizationId }) => organizationId)).toEqual([acme, globex])
  expect(items[0]!.outliers).toEqual(['FAILURES', 'SLOTS'])
  expect(items[1]!.outliers).toEqual([])
})

it('sums that exist are added to what is not summed up yet', async () => {
  const before = await row(acme, '24h')
  // What happened lies hours back now, so that it is summed up.
  await db.$executeRaw`UPDATE job_attempts SET ready_at = ready_at - interval '2 hours', queued_at = queued_at - interval '2 hours', started_at = started_at - interval '2 hours', ended_at = ended_at - interval '2 hours' WHERE ended_at IS NOT NULL`
  // Sums begin with the oldest job, so the jobs go further back than their attempts.
  await db.$executeRaw`UPDATE job_inputs SET created_at = created_at - interval '3 hours'`
  await db.$executeRaw`UPDATE jobs SET created_at = created_at - interval '3 hours'`
  await rollUp(db, { patienceMs: 60_000 })
  expect(await db.metricRollup.count()).toBeGreaterThan(0)
  await finish(world, ends.complete(going[0]!))
  const after = await row(acme, '24h')
  expect([after.completed, after.failed]).toEqual([before.completed + 1, before.failed])
  expect(await row(acme, '1h')).toMatchObject({ completed: 1, failed: 0 })
})

it('figures that were found a moment ago serve everybody who looks, and never those who ask for the present', async () => {
  const waitingNow = async (maxAgeMs: number) =>
    (await page({ maxAgeMs })).items.find(({ organizationId }) => organizationId === globex)!.waiting
  const before = await waitingNow(60_000)
  await submit(other)
  expect(await Promise.all([waitingNow(60_000), waitingNow(60_000)])).toEqual([before, before])
  expect(await waitingNow(0)).toBe(before + 1)
  expect(await waitingNow(0.001), 'figures that are too old are found anew').toBe(before + 1)
})

it('a paused or suspended organization of which jobs wait stands out', async () => {
  await pause(db, { scope: { kind: 'organization', organizationId: globex }, actor: tester, address: null })
  expect(await row(globex)).toMatchObject({ paused: true, outliers: ['HELD'] })
  await suspendOrganization(db, { organizationId: globex, actor: tester, address: null })
  expect(await row(globex)).toMatchObject({ status: 'SUSPENDED', outliers: ['HELD'] })
})

it('an organization near its limit stands out, and one without a limit has no use of it', async () => {
  await db.organization.update({ where: { id: acme }, data: { maxUnfinished: 6 } })
  expect(await row(acme)).toMatchObject({ quotaUse: 1 })
  expect((await row(acme)).outliers).toContain('QUOTA')
  await db.organization.update({ where: { id: acme }, data: { maxUnfinished: null } })
  expect(await row(acme)).toMatchObject({ quotaUse: null, maxUnfinished: null })
})

it('every order has all organizations, page by page', async () => {
  for (const sort of ['outliers', 'load', 'wait', 'failures', 'quota', 'name'] satisfies PlatformSort[]) {
    const first = await page({ sort, limit: 1 })
    const second = await page({ sort, limit: 1, cursor: first.nextCursor ?? undefined })
    expect(second.nextCursor, sort).toBeNull()
    const both = [...first.items, ...second.items].map(({ organizationId }) => organizationId)
    expect(new Set(both), sort).toEqual(new Set([acme, globex]))
  }
})

it('organizations are found by a part of their name, and deleted ones are not shown', async () => {
  expect((await page({ search: ' GLO ' })).items.map(({ slug }) => slug)).toEqual(['globex'])
  expect((await page({ search: '%' })).items).toEqual([])
  await db.organization.update({ where: { id: globex }, data: { status: 'DELETED' } })
  expect((await page()).items.map(({ slug }) => slug)).toEqual(['acme'])
})

it('jobs, attempts and sums are read by indexes', async () => {
  const plans = await plansOf(db, (tx) => platformPage(tx, { range: '1h', sort: 'outliers', limit: 50 }))
  expect(plans.length).toBeGreaterThan(2)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (jobs|job_attempts|metric_rollups)/)
})
