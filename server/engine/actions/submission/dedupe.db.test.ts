import { afterEach, describe, expect, test } from 'vitest'
import {
  ends,
  finish,
  history,
  openWorld,
  read,
  refusal,
  running,
  start,
  submit,
  tester,
  unique,
} from '@/testing/engine'
import type { Db, Tx } from '@/server/db'
import { cancelJob, retryJob, submitJob, submitJobs, type EngineError, type Outcome } from '../../index'
import { checkInvariants } from '../../invariants'
import type { JobView } from '../../domain/types'

const { db, world } = await openWorld({ max: 40 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const RACERS = 100

/** Starts all at once. The 40 connections of the pool are opened before, so that nobody waits for one to be opened. */
async function race<T>(count: number, work: (n: number) => Promise<T>) {
  await Promise.all(Array.from({ length: 40 }, () => db.$executeRaw`SELECT pg_sleep(0.01)`))
  const all = await Promise.allSettled(Array.from({ length: count }, (_, n) => work(n)))
  const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as EngineError] : []))
  return { won: all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])), refused }
}

describe('the dedupe hash', () => {
  test('100 identical submissions at once make one job, and the other 99 are told which', async () => {
    const parameters = unique()
    const { won, refused } = await race(RACERS, () => submit(world, { parameters }))
    expect(won).toHaveLength(1)
    expect(refused).toHaveLength(RACERS - 1)
    const data = { existingJobId: won[0]!.id, existingStatus: 'PENDING' }
    for (const error of refused) expect(error).toMatchObject({ reason: 'DUPLICATE_JOB', data })
    expect(await db.jobInput.count({ where: { parameters: { equals: parameters } } })).toBe(1)
  })

  test('batches that overlap in opposite orders make each job once, and no batch in part', async () => {
    for (let round = 0; round < 5; round++) {
      const jobs = Array.from({ length: 20 }, () => ({ jobType: 'plain', parameters: unique() }))
      const { won, refused } = await race(12, (n) =>
        submitJobs(db, { organizationId: world.organizationId, jobs: n % 2 ? jobs : jobs.toReversed(), actor: tester }),
      )
      expect(won).toHaveLength(1)
      for (const error of refused)
        expect(error).toMatchObject({ reason: 'DUPLICATE_JOB', data: { existingStatus: 'PENDING' } })
    }
  })

  test('the order of keys never matters for duplicates, and 1 is not "1"', async () => {
    const n = unique().serial
    const { id } = await submit(world, { parameters: { a: 1, b: { c: [1, 2], d: null }, n } })
    const again = refusal(submit(world, { parameters: { n, b: { d: null, c: [1, 2] }, a: 1 } }))
    expect((await again).data.existingJobId).toBe(id)
    // A map is stored as the same object.
    expect(
      (
        await refusal(
          submit(world, {
            parameters: new Map<string, unknown>([
              ['n', n],
              ['a', 1],
              ['b', { c: [1, 2], d: null }],
            ]),
          }),
        )
      ).reason,
    ).toBe('DUPLICATE_JOB')
    expect((await submit(world, { parameters: { a: '1', b: { c: [1, 2], d: null }, n } })).status).toBe('PENDING')
    expect((await submit(world, { parameters: { a: 1, b: { c: [2, 1], d: null }, n } })).status).toBe('PENDING')
  })

  test('a dedupe hash holds in one organization and for one job type', async () => {
    const parameters = unique()
    await submit(world, { parameters })
    await submit(world, { parameters, jobType: 'isolated' })
    await submitJob(db, {
      organizationId: world.otherOrganizationId,
      job: { jobType: 'plain', parameters },
      actor: tester,
    })
    expect((await refusal(submit(world, { parameters }))).reason).toBe('DUPLICATE_JOB')
  })

  test('a job with dedupe: false runs although an identical one exists, and takes no hash', async () => {
    const parameters = unique()
    const first = await submit(world, { parameters })
    const second = await submit(world, { parameters, dedupe: false })
    expect(second.id).not.toBe(first.id)
    await cancelJob(db, { jobId: first.id, actor: tester })
    // The second job holds no hash, so a third may take it.
    expect((await submit(world, { parameters })).status).toBe('PENDING')
  })

  test('a batch with the same job twice is refused, and nothing of it stays', async () => {
    const parameters = unique()
    const jobs = [
      { jobType: 'plain', parameters },
      { jobType: 'plain', parameters: unique() },
      { jobType: 'plain', parameters },
    ]
    expect((await refusal(submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester }))).reason).toBe(
      'DUPLICATE_JOB',
    )
    expect((await submit(world, { parameters })).status).toBe('PENDING')
  })

  test('a batch of 60 jobs that all exist already is refused with as few statements as a batch of one', async () => {
    const jobs = Array.from({ length: 60 }, () => ({ jobType: 'plain', parameters: unique() }))
    const batch = (tx: Db | Tx, some = jobs) =>
      submitJobs(tx, { organizationId: world.organizationId, jobs: some, actor: tester })
    const [first] = await batch(db)
    const counted = async (some: typeof jobs) => {
      let statements = 0
      const refused = await db.$transaction((tx) =>
        refusal(
          batch(
            new Proxy(tx, {
              get(target, name) {
                if (name === '$queryRaw' || name === '$executeRaw') statements++
                return Reflect.get(target, name) as unknown
              },
            }),
            some,
          ),
        ),
      )
      expect(refused).toMatchObject({ reason: 'DUPLICATE_JOB', data: { existingJobId: first!.id } })
      return statements
    }
    expect(await counted(jobs)).toBe(await counted(jobs.slice(0, 1)))
  })

  /** Jobs with statuses in which a job holds its hash: COMPLETED for its dedupe window, the others until they end. */
  const holders: [string, (parameters: JobView['parameters']) => Promise<string>][] = [
    ['PENDING', async (parameters) => (await submit(world, { parameters })).id],
    ['RUNNING', async (parameters) => (await running(world, { parameters })).jobId],
    ['FAILED', (parameters) => ended(parameters, ends.fail)],
    ['TIMED_OUT', (parameters) => ended(parameters, ends.timeOut)],
    ['COMPLETED', (parameters) => ended(parameters, ends.complete)],
  ]
  async function ended(
    parameters: JobView['parameters'],
    end: (claimed: Awaited<ReturnType<typeof running>>) => Outcome,
    jobType = 'plain',
  ) {
    const claimed = await running(world, { parameters, jobType })
    expect(await finish(world, end(claimed))).toBe('written')
    return claimed.jobId
  }

  test.each(holders)('a job holds its dedupe hash while it is %s', async (status, create) => {
    const parameters = unique()
    const jobId = await create(parameters)
    expect(await refusal(submit(world, { parameters }))).toMatchObject({
      reason: 'DUPLICATE_JOB',
      data: { existingJobId: jobId, existingStatus: status },
    })
  })

  test('a COMPLETED job frees its hash when the window is over, and not before', async () => {
    const parameters = unique()
    const jobId = await ended(parameters, ends.complete)
    const [claim] = await db.$queryRaw<{ seconds: number }[]>`
      SELECT EXTRACT(EPOCH FROM c.held_until - j.finished_at)::float8 AS seconds FROM dedupe_claims c JOIN jobs j ON j.id = c.job_id WHERE j.id = ${jobId}::uuid`
    expect(claim?.seconds).toBeCloseTo(300, 0)
    const elapse = (seconds: number) =>
      db.$executeRaw`UPDATE dedupe_claims SET held_until = held_until - ${seconds} * interval '1 second' WHERE job_id = ${jobId}::uuid`
    await elapse(240)
    expect((await refusal(submit(world, { parameters }))).reason).toBe('DUPLICATE_JOB')
    await elapse(61)
    const { won, refused } = await race(20, () => submit(world, { parameters }))
    expect(won).toHaveLength(1)
    expect(refused.map(({ data }) => data.existingJobId)).toEqual(Array(19).fill(won[0]!.id))
  })

  test('a dedupe window of 0 frees the hash at completion', async () => {
    const parameters = unique()
    const first = await ended(parameters, ends.complete, 'zero')
    expect((await submit(world, { parameters, jobType: 'zero' })).id).not.toBe(first)
  })

  test('a CANCELED or DEAD_LETTER job frees its hash at once', async () => {
    const [one, two] = [unique(), unique()]
    await cancelJob(db, { jobId: (await submit(world, { parameters: one })).id, actor: tester })
    await ended(two, ends.dead)
    for (const parameters of [one, two]) expect((await submit(world, { parameters })).status).toBe('PENDING')
  })

  test('a submission that meets a cancel which is just committing waits for it, or is a duplicate', async () => {
    for (let round = 0; round < 20; round++) {
      const parameters = unique()
      const { id } = await submit(world, { parameters })
      const { won, refused } = await race(2, (n): Promise<JobView | void> =>
        n ? submit(world, { parameters }) : cancelJob(db, { jobId: id, actor: tester }),
      )
      expect(won.length + refused.length).toBe(2)
      for (const error of refused) expect(error).toMatchObject({ reason: 'DUPLICATE_JOB', data: { existingJobId: id } })
      expect(await history(world, id)).toEqual(['PENDING', 'CANCELED'])
    }
  })

  test('a retry takes the hash again, or is told which job has it', async () => {
    const parameters = unique()
    const jobId = await ended(parameters, ends.dead)
    const { id: other } = await submit(world, { parameters })
    expect(await refusal(retryJob(db, { jobId, actor: tester }))).toMatchObject({
      reason: 'DUPLICATE_JOB',
      data: { existingJobId: other, existingStatus: 'PENDING' },
    })
    expect(await read(world, jobId)).toMatchObject({ status: 'DEAD_LETTER' })
    await cancelJob(db, { jobId: other, actor: tester })
    await retryJob(db, { jobId, actor: tester })
    expect(await read(world, jobId)).toMatchObject({ status: 'PENDING', failures: 0 })
    expect((await refusal(submit(world, { parameters }))).data.existingJobId).toBe(jobId)
  })

  test('when a retry and an identical submission come at once, exactly one gets the hash', async () => {
    for (let round = 0; round < 20; round++) {
      const parameters = unique()
      const jobId = await ended(parameters, ends.dead)
      const { won, refused } = await race(2, async (n) => {
        if (n) return (await submit(world, { parameters })).id
        await retryJob(db, { jobId, actor: tester })
        return jobId
      })
      expect(won).toHaveLength(1)
      expect(refused).toMatchObject([{ reason: 'DUPLICATE_JOB', data: { existingJobId: won[0] } }])
    }
  })
})

describe('the idempotency key', () => {
  const key = () => `key-${unique().serial as number}`

  test('the same idempotency key with the same input returns its job, whatever has become of that job', async () => {
    const job = { parameters: unique(), idempotencyKey: key(), priority: 'HIGH' } as const
    const { id } = await submit(world, job)
    expect((await submit(world, { ...job, dedupe: true })).id).toBe(id)
    const claimed = await start(world, id)
    expect(await submit(world, job)).toMatchObject({ id, status: 'RUNNING', attempt: 1 })
    await finish(world, ends.dead(claimed))
    // The hash is free and another job may hold it. The key still belongs to its own job.
    await submit(world, { parameters: job.parameters })
    expect(await submit(world, job)).toMatchObject({ id, status: 'DEAD_LETTER' })
    expect(await history(world, id)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'DEAD_LETTER'])
  })

  test('100 submissions with one idempotency key at once make one job, and all 100 get it', async () => {
    const job = { parameters: unique(), idempotencyKey: key() }
    const { won, refused } = await race(RACERS, () => submit(world, job))
    expect(refused).toEqual([])
    expect(new Set(won.map(({ id }) => id)).size).toBe(1)
    expect(await db.jobInput.count({ where: { parameters: { equals: job.parameters } } })).toBe(1)
  })

  test('submissions with one idempotency key and different input at once make one job, and the others are refused', async () => {
    const idempotencyKey = key()
    const { won, refused } = await race(20, () => submit(world, { parameters: unique(), idempotencyKey }))
    expect(won).toHaveLength(1)
    for (const error of refused)
      expect(error).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH', data: { existingJobId: won[0]!.id } })
  })

  test.each([
    ['parameters', { parameters: { n: 2 } }],
    ['priority', { priority: 'LOW' }],
    ['run time', { runAt: new Date(Date.UTC(2040, 0)) }],
    ['retries', { maxRetries: 0 }],
    ['timeout', { timeoutSeconds: 1 }],
    ['dedupe', { dedupe: false }],
  ] as const)('the same idempotency key with another value of %s is refused, and takes nothing', async (_, other) => {
    const job = { parameters: { n: 1, key: key() }, idempotencyKey: key() }
    const { id } = await submit(world, job)
    const before = await db.job.count()
    expect(await refusal(submit(world, { ...job, ...other }))).toMatchObject({
      reason: 'IDEMPOTENCY_MISMATCH',
      data: { existingJobId: id },
    })
    expect(await db.job.count()).toBe(before)
  })

  test('an idempotency key holds in one organization and for one job type, and another job’s key does not hide a duplicate', async () => {
    const job = { parameters: unique(), idempotencyKey: key() }
    const { id } = await submit(world, job)
    expect((await submit(world, { ...job, jobType: 'isolated' })).id).not.toBe(id)
    const foreign = await submitJob(db, {
      organizationId: world.otherOrganizationId,
      job: { ...job, jobType: 'plain' },
      actor: tester,
    })
    expect(foreign.id).not.toBe(id)
    expect((await refusal(submit(world, { ...job, idempotencyKey: key() }))).reason).toBe('DUPLICATE_JOB')
  })

  test('a submission that is refused does not keep its idempotency key', async () => {
    const parameters = unique()
    await submit(world, { parameters })
    const idempotencyKey = key()
    expect((await refusal(submit(world, { parameters, idempotencyKey }))).reason).toBe('DUPLICATE_JOB')
    expect((await submit(world, { parameters: unique(), idempotencyKey })).status).toBe('PENDING')
  })

  test('an idempotency key is forgotten after 24 hours', async () => {
    const idempotencyKey = key()
    const first = await submit(world, { parameters: unique(), idempotencyKey })
    const [row] = await db.$queryRaw<{ hours: number }[]>`
      SELECT (EXTRACT(EPOCH FROM k.expires_at - j.created_at) / 3600)::float8 AS hours FROM idempotency_keys k JOIN jobs j ON j.id = k.job_id WHERE k.key = ${idempotencyKey}`
    expect(row?.hours).toBeCloseTo(24, 2)
    await db.$executeRaw`UPDATE idempotency_keys SET expires_at = now() WHERE key = ${idempotencyKey}`
    expect((await submit(world, { parameters: unique(), idempotencyKey })).id).not.toBe(first.id)
  })

  test('a batch with known, new and repeated idempotency keys gets each job in its place', async () => {
    const [old, fresh, bare] = [
      { jobType: 'plain', parameters: unique(), idempotencyKey: key() },
      { jobType: 'plain', parameters: unique(), idempotencyKey: key() },
      { jobType: 'plain', parameters: unique() },
    ]
    const batch = (jobs: (typeof bare)[]) =>
      submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })
    const [known] = await batch([old])
    const ids = (await batch([fresh, old, bare, fresh, old])).map(({ id }) => id)
    expect(ids[1]).toBe(known!.id)
    expect(ids[4]).toBe(known!.id)
    expect(ids[3]).toBe(ids[0])
    expect(new Set(ids).size).toBe(3)
    const mismatch = batch([bare, { ...fresh, parameters: unique() }])
    expect(await refusal(mismatch)).toMatchObject({
      reason: 'IDEMPOTENCY_MISMATCH',
      data: { existingJobId: ids[0], fields: [{ path: 'jobs[1].idempotencyKey' }] },
    })
    const twice = { ...fresh, idempotencyKey: key() }
    expect((await refusal(batch([twice, { ...twice, parameters: unique() }]))).reason).toBe('IDEMPOTENCY_MISMATCH')
  })
})
