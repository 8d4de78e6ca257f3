import { v7 as uuidv7 } from 'uuid'
import { afterEach, expect, test } from 'vitest'
import { clearJobs, ends, openWorld, tester, unique, workerId } from '@/testing/engine'
import { claimJobs, dispatchRound, FIRST_TURNS, finishAttempts, submitJobs, type Turns } from '../../index'
import { checkInvariants } from '../../invariants'

// Organizations that all have more work than there are places for, and one that comes last.

const { db } = await openWorld({ max: 10, workload: 'hotPath' })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  // Otherwise the organizations of one test would take turns in the next.
  await db.organization.updateMany({ where: { slug: { startsWith: 'busy-' } }, data: { status: 'SUSPENDED' } })
  await db.jobType.updateMany({ data: { concurrencyGlobal: null } })
})

/** Makes so many organizations, each with so many jobs. Returns their ids. */
async function busy(count: number, jobsOfEach: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => crypto.randomUUID())
  await db.organization.createMany({ data: ids.map((id) => ({ id, name: `Busy ${id}`, slug: `busy-${id}` })) })
  for (const id of ids) await submit(id, jobsOfEach)
  return ids
}

const submit = (organizationId: string, count: number) =>
  submitJobs(db, {
    organizationId,
    actor: tester,
    jobs: Array.from({ length: count }, () => ({ jobType: 'plain', parameters: unique() })),
  })

/** A dispatcher with a number of places. In each round the jobs of the last one end, and as many others are taken. */
function dispatcher(places: number) {
  let turns: Turns = FIRST_TURNS
  return async (): Promise<string[]> => {
    const round = await dispatchRound(db, { INLINE: places }, [], turns)
    turns = round.turns
    const claimed = await claimJobs(db, workerId, round.taken.INLINE)
    await finishAttempts(
      db,
      claimed.map((job) => ends.complete(job)),
    )
    return claimed.map(({ organizationId }) => organizationId)
  }
}

/** Says in which round an organization is served, counted from 1. */
async function roundOf(organizationId: string, round: () => Promise<string[]>): Promise<number> {
  for (let n = 1; n <= 500; n++) if ((await round()).includes(organizationId)) return n
  throw new Error('it was not served in 500 rounds')
}

test('a newcomer behind forty organizations with old jobs waits until each of them was served once, and no longer', async () => {
  await busy(40, 30)
  const round = dispatcher(4)
  for (let n = 0; n < 3; n++) await round()
  const newcomer = uuidv7()
  await db.organization.create({ data: { id: newcomer, name: 'Newcomer', slug: `busy-${newcomer}` } })
  await submit(newcomer, 1)
  // Forty others take ten rounds of four places.
  expect(await roundOf(newcomer, round)).toBeLessThanOrEqual(11)
})

test('organizations that always have work are all served equally often', async () => {
  const ids = await busy(10, 12)
  const round = dispatcher(3)
  // A dispatcher that has just started knows of no turns, and begins with the oldest job.
  await round()
  const served = new Map(ids.map((id) => [id, 0]))
  for (let n = 0; n < 20; n++) for (const id of await round()) served.set(id, served.get(id)! + 1)
  expect([...served.values()].sort()).toEqual(Array.from({ length: 10 }, () => 6))
})

test('each of 264 organizations is served before any is served twice, although one statement sees only some of them', async () => {
  // With so few places, a statement walks at most 256 lanes (store/lanes.ts), which here is one for each organization.
  const ids = await busy(264, 2)
  const round = dispatcher(8)
  const order: string[] = []
  while (order.length < 528) order.push(...(await round()))
  expect(new Set(order.slice(0, 264)).size).toBe(264)
  expect(new Set(order.slice(264))).toEqual(new Set(ids))
})

test('the places of a job type with a limit go to a newcomer, too, while others have old jobs of the type', async () => {
  await db.jobType.update({ where: { name: 'plain' }, data: { concurrencyGlobal: 1 } })
  await busy(5, 300)
  const round = dispatcher(10)
  await round()
  const newcomer = uuidv7()
  await db.organization.create({ data: { id: newcomer, name: 'Newcomer', slug: `busy-${newcomer}` } })
  await submit(newcomer, 1)
  // One of six is drawn by lot each time. That it is not drawn in 200 rounds has a chance of 1 in 10^15.
  expect(await roundOf(newcomer, round)).toBeLessThanOrEqual(200)
})
