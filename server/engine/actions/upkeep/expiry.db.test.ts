import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearJobs, openWorld, submit, tester, unique } from '@/testing/engine'
import { checkInvariants } from '../../invariants'
import { removeExpired, submitJob } from '../../index'

// The removal of expired rows beside submissions.

const { db, world } = await openWorld({ max: 10 })

beforeEach(() =>
  db.jobType.update({ where: { name: 'plain' }, data: { rateLimitCount: 100, rateLimitWindowSeconds: 60 } }),
)
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})

const others = { ...world, organizationId: world.otherOrganizationId }
/** The organizations that have admissions older than a day. */
const expired = async () =>
  (
    await db.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT organization_id AS id FROM rate_admissions WHERE at < clock_timestamp() - interval '25 hours'`
  ).map(({ id }) => id)
/** True where the work is done within five seconds. */
const inTime = (work: Promise<unknown>) => Promise.race([work.then(() => true), sleep(5_000, false, { ref: false })])

test('expired admissions are removed while a submission that removes its own is not committed, and others may submit', async () => {
  await submit(others)
  await submit(world)
  await db.$executeRaw`UPDATE rate_admissions SET at = at - interval '26 hours'`
  const { removing, submitting } = await db.$transaction(
    async (tx) => {
      const job = { jobType: 'plain', parameters: unique() }
      await submitJob(tx, { organizationId: world.organizationId, job, actor: tester })
      const removing = removeExpired(db, null)
      expect(await inTime(removing), 'the removal').toBe(true)
      const submitting = submit(others)
      expect(await inTime(submitting), 'the other submission').toBe(true)
      expect(await expired()).toEqual([world.organizationId])
      return { removing, submitting }
    },
    { timeout: 60_000 },
  )
  await Promise.all([removing, submitting])
  expect(await expired()).toEqual([])
})

test('many submissions under a rate limit and the removal of expired rows go on beside each other', async () => {
  for (let round = 0; round < 12; round++) {
    await Promise.all([world, others].flatMap((one) => [submit(one), submit(one)]))
    await db.$executeRaw`UPDATE rate_admissions SET at = at - interval '26 hours'`
    const all = await Promise.allSettled([
      ...[world, others, world, others].map((one) => submit(one)),
      removeExpired(db, null),
      removeExpired(db, null),
    ])
    expect(all.filter(({ status }) => status === 'rejected')).toEqual([])
    // Those of this round are new, and nothing else is left.
    await removeExpired(db, null)
    expect(await expired()).toEqual([])
    expect(await db.$queryRaw`SELECT sum(jobs)::int AS jobs FROM rate_admissions`).toEqual([{ jobs: 4 }])
  }
})
