import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineError } from '../../domain/errors'
import { clearJobs, ends, finish, holding, openWorld, refusal, running, submit, tester, unique } from '@/testing/engine'
import { cancelJob, foldUsage, retryJob, submitJob, submitJobs, unfinishedJobs } from '../../index'
import { FEW_JOBS } from '../../store/admission/usage'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 20 })

beforeEach(async () => {
  await db.jobType.updateMany({ data: { rateLimitCount: null, rateLimitWindowSeconds: null } })
  await db.organization.updateMany({ data: { maxUnfinished: 100_000 } })
})
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})

const limitRate = (count: number | null, windowSeconds: number | null = 60) =>
  db.jobType.update({
    where: { name: 'plain' },
    data: { rateLimitCount: count, rateLimitWindowSeconds: count === null ? null : windowSeconds },
  })
const limitUnfinished = (maxUnfinished: number) =>
  db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished } })
const batch = (count: number, organizationId = world.organizationId) =>
  submitJobs(db, {
    organizationId,
    actor: tester,
    jobs: Array.from({ length: count }, () => ({ jobType: 'plain', parameters: unique() })),
  })
/** Moves all admissions so many seconds into the past. */
const passTime = (seconds: number) =>
  db.$executeRaw`UPDATE rate_admissions SET at = at - ${seconds} * interval '1 second'`
const reasons = (settled: PromiseSettledResult<unknown>[]) =>
  settled.flatMap((each) => (each.status === 'rejected' ? [(each.reason as EngineError).reason] : []))

describe('a rate limit', () => {
  test('60 submissions at once against a rate limit of 10: exactly 10 are admitted, and the others are told when to try again', async () => {
    await limitRate(10)
    const all = await Promise.allSettled(Array.from({ length: 60 }, () => submit(world)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    expect(reasons(all)).toEqual(Array(50).fill('RATE_LIMITED'))
    const waits = all.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as EngineError).data.retryAfterSeconds!] : [],
    )
    for (const seconds of waits) expect(seconds).toBeGreaterThan(0)
    expect(Math.max(...waits)).toBeLessThanOrEqual(60)

    // The time that a refusal gives is right: a moment before it a job is refused, and at that time one is admitted.
    const { data } = await refusal(submit(world))
    await passTime(data.retryAfterSeconds! - 1.5)
    expect((await refusal(submit(world))).reason).toBe('RATE_LIMITED')
    await passTime(1.5)
    await submit(world)
  })

  test('the window of a rate limit slides: each job that leaves it makes room for one', async () => {
    await limitRate(3, 100)
    await submit(world)
    await passTime(50)
    await submit(world)
    await submit(world)
    const refused = await refusal(submit(world))
    expect(refused).toMatchObject({ reason: 'RATE_LIMITED', data: { retryAfterSeconds: 50 } })
    await passTime(51)
    await submit(world)
    // Two of the jobs in the middle and the one of just now are in the window.
    expect(await refusal(submit(world))).toMatchObject({ reason: 'RATE_LIMITED', data: { retryAfterSeconds: 49 } })
  })

  test('a rate limit counts each job of a batch, and a batch that can never be admitted is told so', async () => {
    await limitRate(5)
    await batch(3)
    expect((await refusal(batch(3))).reason).toBe('RATE_LIMITED')
    await batch(2)
    const never = await refusal(batch(6))
    expect(never).toMatchObject({ reason: 'RATE_LIMITED', data: { retryAfterSeconds: 60 } })
    expect(never.message).toContain('Split the batch')
  })

  test('a rate limit of 0 admits nothing, and null is no limit', async () => {
    await limitRate(0)
    expect(await refusal(submit(world))).toMatchObject({ reason: 'RATE_LIMITED', data: { retryAfterSeconds: 60 } })
    await limitRate(null)
    await batch(100)
  })

  test('a rate limit counts each organization and each job type by itself', async () => {
    await limitRate(1)
    await submit(world)
    expect((await refusal(submit(world))).reason).toBe('RATE_LIMITED')
    await batch(1, world.otherOrganizationId)
    await submit(world, { jobType: 'zero' })
  })

  test('a caller who rolls back gets its admissions back, and jobs that exist already take none', async () => {
    await limitRate(2)
    const order = db.$transaction(async (tx) => {
      await submitJob(tx, {
        organizationId: world.organizationId,
        actor: tester,
        job: { jobType: 'plain', parameters: unique() },
      })
      throw new Error('the order fails')
    })
    await expect(order).rejects.toThrow('the order fails')
    const job = { jobType: 'plain', parameters: unique(), idempotencyKey: 'once' }
    const { id } = await submit(world, job)
    expect((await submit(world, job)).id).toBe(id)
    expect((await refusal(submit(world, { parameters: job.parameters }))).reason).toBe('DUPLICATE_JOB')
    await submit(world)
    expect((await refusal(submit(world))).reason).toBe('RATE_LIMITED')
    expect((await submit(world, job)).id).toBe(id)
  })

  test('batches with two limited types in opposite orders do not deadlock', async () => {
    await limitRate(1000)
    await db.jobType.update({ where: { name: 'zero' }, data: { rateLimitCount: 1000, rateLimitWindowSeconds: 60 } })
    const jobs = (types: string[]) => types.map((jobType) => ({ jobType, parameters: unique() }))
    const both = (types: string[]) =>
      submitJobs(db, { organizationId: world.organizationId, actor: tester, jobs: jobs(types) })
    await Promise.all(Array.from({ length: 20 }, (_, n) => both(n % 2 ? ['plain', 'zero'] : ['zero', 'plain'])))
    expect(await db.rateAdmission.count()).toBe(40)
  })
})

describe('the quota of unfinished jobs', () => {
  test('8 connections that submit against the quota get exactly as many jobs in as fit, and at no moment more', async () => {
    await limitUnfinished(25)
    let stop = false
    let most = 0
    const watch = (async () => {
      while (!stop) most = Math.max(most, await db.job.count({ where: { organizationId: world.organizationId } }))
    })()
    const each = async () => {
      const settled: PromiseSettledResult<unknown>[] = []
      for (let n = 0; n < 8; n++) settled.push(...(await Promise.allSettled([n % 3 === 0 ? batch(2) : submit(world)])))
      return settled
    }
    const all = (await Promise.all(Array.from({ length: 8 }, each))).flat()
    stop = true
    await watch
    expect(new Set(reasons(all))).toEqual(new Set(['QUEUE_FULL']))
    expect(most).toBeLessThanOrEqual(25)
    expect(await unfinishedJobs(db, world.organizationId)).toBe(25)
    expect(await db.job.count()).toBe(25)
  })

  test('submissions from far below the quota up to it, singly and in batches at once, never exceed it', async () => {
    const [{ connections }] = await db.$queryRaw<
      [{ connections: number }]
    >`SELECT current_setting('max_connections')::int AS connections`
    // So far below the limit nobody counts exactly.
    const distance = FEW_JOBS * connections
    const limit = distance + 60
    await limitUnfinished(limit)
    const refused: string[] = []
    const each = async (size: (n: number) => number) => {
      for (let n = 0; refused.length < 8; n++) {
        const [settled] = await Promise.allSettled([size(n) === 1 ? submit(world) : batch(size(n))])
        if (settled!.status === 'rejected') refused.push(...reasons([settled!]))
      }
    }
    await Promise.all([
      ...Array.from({ length: 6 }, () => each(() => 1)),
      each((n) => (n < 3 ? 7 : 300)),
      each((n) => (n < 3 ? FEW_JOBS : 300)),
    ])
    expect(new Set(refused)).toEqual(new Set(['QUEUE_FULL']))
    expect(await unfinishedJobs(db, world.organizationId)).toBeLessThanOrEqual(limit)
    while (
      await submit(world).then(
        () => true,
        () => false,
      )
    );
    expect(await db.job.count({ where: { organizationId: world.organizationId } })).toBe(limit)
  })

  test('every end of a job makes room in the quota, and a retry of a job that has ended takes it', async () => {
    await limitUnfinished(2)
    const done = await running(world)
    const dead = await running(world)
    expect((await refusal(submit(world))).reason).toBe('QUEUE_FULL')
    await finish(world, ends.complete(done))
    await finish(world, ends.dead(dead))
    const { id } = await submit(world)
    await submit(world)
    expect((await refusal(retryJob(db, { jobId: dead.jobId, actor: tester }))).reason).toBe('QUEUE_FULL')
    expect(await db.job.findUniqueOrThrow({ where: { id: dead.jobId } })).toMatchObject({ status: 'DEAD_LETTER' })
    await cancelJob(db, { jobId: id, actor: tester })
    await retryJob(db, { jobId: dead.jobId, actor: tester })
    expect((await refusal(submit(world))).reason).toBe('QUEUE_FULL')
  })

  test('a job that waits for its retry counts already, so it may come back although the quota was lowered', async () => {
    const failed = await running(world)
    await finish(world, ends.fail(failed))
    await submit(world)
    await limitUnfinished(1)
    await retryJob(db, { jobId: failed.jobId, actor: tester })
    expect(await db.job.findUniqueOrThrow({ where: { id: failed.jobId } })).toMatchObject({
      status: 'PENDING',
      failures: 0,
    })
    expect((await refusal(submit(world))).reason).toBe('QUEUE_FULL')
  })

  test('a quota of 0 admits nothing, and another organization is not affected', async () => {
    await limitUnfinished(0)
    expect((await refusal(submit(world))).reason).toBe('QUEUE_FULL')
    expect(await db.job.count()).toBe(0)
    await batch(1, world.otherOrganizationId)
  })

  test('the sum of the quota stays right when differences are added up while submissions and ends are open', async () => {
    const work = async () => {
      for (let n = 0; n < 10; n++) await finish(world, ends.complete(await running(world)))
      await batch(7)
    }
    const fold = async () => {
      for (let n = 0; n < 30; n++) await foldUsage(db)
    }
    await Promise.all([work(), fold(), fold()])
    // A caller's transaction that has submitted holds the organization's row until it ends. The leader goes on with
    // other work.
    await holding(
      world,
      'SELECT 1 FROM organization_usage WHERE organization_id = $1::uuid FOR UPDATE',
      [world.organizationId],
      async () => {
        await foldUsage(db)
        return []
      },
    )
    await foldUsage(db)
    expect(await db.usageDelta.count()).toBe(0)
    expect(await unfinishedJobs(db, world.organizationId)).toBe(7)
  })

  test('an outcome does not wait for a submission that is not committed yet', async () => {
    const claimed = await running(world)
    await db.$transaction(async (tx) => {
      await submitJob(tx, {
        organizationId: world.organizationId,
        actor: tester,
        job: { jobType: 'plain', parameters: unique() },
      })
      expect(await finish(world, ends.complete(claimed))).toBe('written')
    })
  })
})

test('a submission with several faults is refused for the first of these: duplicate, rate, quota', async () => {
  const { parameters } = await submit(world, { parameters: { order: 1 } })
  await limitRate(0)
  await limitUnfinished(0)
  expect((await refusal(submit(world, { parameters }))).reason).toBe('DUPLICATE_JOB')
  expect((await refusal(submit(world))).reason).toBe('RATE_LIMITED')
  await limitRate(null)
  expect((await refusal(submit(world))).reason).toBe('QUEUE_FULL')
})
