import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { clearJobs, ends, openWorld, submit, tester, workerId } from '@/testing/engine'
import type { Scope } from '../../domain/types'
import {
  beat,
  changeJobType,
  claimJobs,
  dispatchJobs,
  finishAttempts,
  pause,
  registerWorker,
  resume,
  syncHandlers,
  waitingSummary,
} from '../../index'

const { db, world } = await openWorld({ max: 6 })
const { organizationId } = world
const own: Scope = { organizationIds: [organizationId] }
const by = { actor: tester, address: null }
const SLOTS = 24
const RUN_MS = 600

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
  await limit(null)
  await submitMany(SLOTS)
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

test('children take as long as everything before them, and nobody knows how long where a parent stands still', async () => {
  await limit(null)
  await submitMany(3)
  await work()
  const parent = await submit(world)
  await submit(world, { dependsOn: [parent.id] })
  const estimates = async () =>
    new Map((await waitingSummary(db, {}, own)).items.map(({ code, estimate }) => [code, estimate]))
  expect((await estimates()).get('WAITING_FOR_PARENTS')!.seconds).toBeGreaterThan(0)
  await submit(world, { jobType: 'isolated' })
  expect((await estimates()).get('WAITING_FOR_PARENTS')).toBeNull()
})
