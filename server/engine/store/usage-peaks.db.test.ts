import { beforeEach, expect, it } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit } from '@/testing/engine'
import { foldUsage } from './admission/usage'
import { notePeaks, organizationUsage, prunePeaks, remakePeaks } from './usage-peaks'

const { db, world } = await openWorld()
const { organizationId, otherOrganizationId } = world

beforeEach(async () => {
  await clearJobs(db)
  await db.usagePeak.deleteMany()
})

const look = async () => {
  await foldUsage(db)
  return notePeaks(db)
}
const usage = async () => (await organizationUsage(db, organizationId))!
const hoursAgo = (hours: number) => new Date(Math.floor(Date.now() / 3_600_000 - hours) * 3_600_000)

it('the use of the limits is that of this moment, and the peak is the most that was seen', async () => {
  const one = await running(world)
  await submit(world)
  await look()
  expect(await usage()).toEqual({
    maxUnfinished: { limit: 100_000, used: 2, peak: 2, peakAt: null },
    maxConcurrent: { limit: null, used: 1, peak: 1, peakAt: null },
  })
  await finish(world, ends.complete(one))
  await look()
  const after = await usage()
  expect(after.maxUnfinished).toMatchObject({ used: 1, peak: 2, peakAt: expect.any(Date) })
  expect(after.maxConcurrent).toMatchObject({ used: 0, peak: 1, peakAt: expect.any(Date) })
})

it('what is used now counts as a peak before anybody noted it', async () => {
  await submit(world)
  expect((await usage()).maxUnfinished).toMatchObject({ used: 1, peak: 1, peakAt: null })
})

it('a look at organizations that have not come further writes nothing', async () => {
  await submit(world)
  expect(await look()).toBe(1)
  expect(await look()).toBe(0)
  await submit(world)
  expect(await look()).toBe(1)
})

it('peaks of one organization are not those of another', async () => {
  await submit(world)
  await look()
  expect((await organizationUsage(db, otherOrganizationId))!.maxUnfinished).toMatchObject({ used: 0, peak: 0 })
  expect(await organizationUsage(db, '00000000-0000-7000-8000-000000000000')).toBeNull()
})

it('a peak is forgotten after a week, and removed a day later', async () => {
  const peak = (hours: number, unfinished: bigint) =>
    db.usagePeak.create({ data: { organizationId, at: hoursAgo(hours), unfinished, running: 1 } })
  await peak(24, 5n)
  await peak(7 * 24 + 2, 50n)
  await peak(8 * 24 + 2, 500n)
  expect((await usage()).maxUnfinished).toEqual({ limit: 100_000, used: 0, peak: 5, peakAt: hoursAgo(24) })
  expect(await prunePeaks(db)).toBe(1)
  expect(await db.usagePeak.count()).toBe(2)
})

it('peaks that are made from jobs are those that were noted while the jobs ran', async () => {
  const claimed = [await running(world), await running(world), await running(world)]
  await submit(world)
  await look()
  for (const one of claimed) await finish(world, ends.complete(one))
  await look()
  const noted = await db.usagePeak.findMany({ select: { organizationId: true, unfinished: true, running: true } })
  await db.$transaction((tx) => remakePeaks(tx))
  const made = await db.usagePeak.findMany({ select: { organizationId: true, unfinished: true, running: true } })
  const most = (rows: typeof made) => ({
    unfinished: rows.reduce((max, row) => (row.unfinished > max ? row.unfinished : max), 0n),
    running: Math.max(...rows.map((row) => row.running)),
  })
  expect(most(noted)).toEqual({ unfinished: 4n, running: 3 })
  expect(most(made)).toEqual(most(noted))
})
