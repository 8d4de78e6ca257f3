import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, tester, workerId } from '@/testing/engine'
import type { Scope } from '../../domain/types'
import {
  beat,
  cancelJob,
  changeJobType,
  claimJobs,
  dispatchJobs,
  finishAttempts,
  pause,
  registerWorker,
  resume,
  rollUp,
  syncHandlers,
  waitingSummary,
} from '../../index'
import { forgetRollups } from './rollups'

const { db, world } = await openWorld({ max: 6 })
const { organizationId } = world
const own: Scope = { organizationIds: [organizationId] }
const by = { actor: tester, address: null }
const SLOTS = 24
/** So long that what a crowded machine adds to each job is a small part of it. */
const RUN_MS = 1_000

beforeAll(async () => {
  await syncHandlers(db, [{ key: 'sample.noop', queue: 'INLINE' }])
  await registerWorker(db, { id: workerId, host: 'test', pid: 1, isolatedSlots: 0, inlineSlots: SLOTS })
})
beforeEach(async () => {
  await clearJobs(db)
  await beat(db, workerId, false)
})

const limit = (global: number | null) =>
  changeJobType(db, { ...by, name: 'plain', changes: { concurrency: { global } } })
const submitMany = async (count: number) => {
  for (let n = 0; n < count; n++) await submit(world)
}

/** Runs everything that waits as a worker does, each job for `RUN_MS`. Resolves with the seconds that it took. */
async function work(): Promise<number> {
  const began = performance.now()
  const running = new Set<Promise<unknown>>()
  for (;;) {
    const jobs = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', SLOTS - running.size))
    for (const claimed of jobs) {
      const job = sleep(RUN_MS).then(() => finishAttempts(db, [ends.complete(claimed)]))
      running.add(job)
      void job.finally(() => running.delete(job))
    }
    if (running.size === 0) return (performance.now() - began) / 1000
    await Promise.race(running)
  }
}

test('the estimate of a backlog is within 25 % of what a worker takes, with the present limit and with another', async () => {
  // So that it is known how long jobs of the type run. As many run at once as later, because on a crowded machine jobs
  // take the longer the more of them end together.
  await limit(6)
  await submitMany(24)
  await work()

  await limit(2)
  await submitMany(24)
  const today = (await waitingSummary(db, {}, own)).estimate!
  expect(today.limitedBy).toEqual({ of: 'jobType', jobType: 'plain', limit: 2 })
  const { estimate: then } = await waitingSummary(db, { jobType: 'plain', whatIf: { global: 6 } }, own)
  expect(then!.limitedBy).toMatchObject({ limit: 6 })
  expect(then!.seconds).toBeLessThan(today.seconds / 2)

  await limit(6)
  const quick = await work()
  expect(Math.abs(then!.seconds - quick) / quick, `${then!.seconds} s foreseen, ${quick} s taken`).toBeLessThan(0.25)

  await limit(2)
  await submitMany(24)
  const slow = await work()
  expect(Math.abs(today.seconds - slow) / slow, `${today.seconds} s foreseen, ${slow} s taken`).toBeLessThan(0.25)
})

test('nothing is estimated where no job of the type has run, where it is paused, or where its limit is 0', async () => {
  await limit(null)
  await submit(world, { jobType: 'zero' })
  expect((await waitingSummary(db, {}, own)).estimate).toBeNull()
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM job_attempts`
  await submitMany(3)
  await work()
  await submitMany(3)
  expect((await waitingSummary(db, {}, own)).estimate).not.toBeNull()
  expect((await waitingSummary(db, { jobType: 'plain', whatIf: { global: 0 } }, own)).estimate).toBeNull()
  await pause(db, { ...by, scope: { kind: 'jobType', name: 'plain' } })
  expect((await waitingSummary(db, {}, own)).items).toMatchObject([{ code: 'PAUSED', count: 3, estimate: null }])
  await resume(db, { ...by, scope: { kind: 'jobType', name: 'plain' } })
})

test('attempts that failed after a moment do not make the work look quicker than it is', async () => {
  await limit(null)
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM job_attempts`
  await db.$transaction((tx) => forgetRollups(tx))
  const attempts = async (kind: 'complete' | 'dead', count: number, seconds: number) => {
    for (let n = 0; n < count; n++) {
      const claimed = await running(world)
      await db.$executeRaw`UPDATE job_attempts SET started_at = started_at - ${seconds} * interval '1 second' WHERE job_id = ${claimed.jobId}::uuid`
      await finish(world, ends[kind](claimed))
    }
  }
  /** Estimates what waits, and then cancels it. */
  const estimateAndCancel = async () => {
    const { estimate } = await waitingSummary(db, {}, own)
    for (const { id } of await db.job.findMany({ where: { status: 'PENDING' } }))
      await cancelJob(db, { jobId: id, actor: tester })
    return estimate
  }

  // Only failures are known. How long the work takes is not.
  await attempts('dead', 4, 0)
  await submitMany(SLOTS)
  expect(await estimateAndCancel()).toBeNull()

  await attempts('complete', 2, 120)
  await submitMany(SLOTS)
  expect((await estimateAndCancel())!.seconds).toBeGreaterThan(110)

  // The same holds when all of that is in the sums of the day.
  await db.$executeRaw`UPDATE job_attempts SET started_at = started_at - interval '3 hours', ended_at = ended_at - interval '3 hours'`
  await db.$executeRaw`INSERT INTO rollup_progress (until) VALUES (date_trunc('hour', now() - interval '5 hours'))`
  await rollUp(db, { patienceMs: 60_000 })
  await submitMany(SLOTS)
  expect((await estimateAndCancel())!.seconds).toBeGreaterThan(110)
})

test('jobs for later are estimated by their time, and do not lengthen the time of what could run now', async () => {
  await limit(null)
  await submitMany(3)
  await work()
  await submit(world, { runAt: new Date(Date.now() + 3_600_000) })
  const { items, estimate } = await waitingSummary(db, {}, own)
  expect(items).toMatchObject([{ code: 'SCHEDULED', estimate: { limitedBy: { of: 'time' } } }])
  expect(Math.abs(items[0]!.estimate!.seconds - 3_600)).toBeLessThan(30)
  expect(estimate).toBeNull()
})

test('children take as long as everything before them, and nobody knows how long where something of their organization stands still', async () => {
  await limit(null)
  await submitMany(3)
  await work()
  const parent = await submit(world)
  await submit(world, { dependsOn: [parent.id] })
  const estimates = async () =>
    new Map((await waitingSummary(db, {}, own)).items.map(({ code, estimate }) => [code, estimate]))
  expect((await estimates()).get('WAITING_FOR_PARENTS')!.seconds).toBeGreaterThan(0)
  // The worker has no slots for jobs of this type.
  await submit(world, { jobType: 'isolated' })
  expect((await estimates()).get('WAITING_FOR_PARENTS')).toBeNull()
})
