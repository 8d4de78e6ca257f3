import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dispatch, ends, finish, openWorld, read, refusal, start, tester, unique, workerId } from '@/testing/engine'
import {
  beat,
  cancelJob,
  changeJobType,
  closeCircuit,
  createJobType,
  explainJob,
  finishAttempts,
  handedBack,
  pause,
  registerWorker,
  resume,
  resumeOrganization,
  deleteOrganization,
  submitJob,
  suspendOrganization,
  sweepCircuits,
  sweepDeletedOrganizations,
  syncHandlers,
  type JobTypeChanges,
  type SubmitInput,
} from '../../index'
import { checkInvariants } from '../../invariants'

// Every reason is brought about in the way in which it really arises, and must go when its cause goes.

const { db, world } = await openWorld({ max: 4 })
/**
 * The organization of a test. Each test has its own, and a job type (`sample.noop`, in the INLINE queue) of its own.
 */
let organizationId: string
let jobType: string

const by = { actor: tester, address: null }
const worker = { host: 'test', pid: 1 }

beforeAll(async () => {
  await syncHandlers(db, [
    { key: 'sample.noop', queue: 'INLINE' },
    { key: 'sample.work', queue: 'ISOLATED' },
  ])
  // This worker takes inline jobs only, so no worker takes isolated ones.
  await registerWorker(db, { id: workerId, ...worker, isolatedSlots: 0, inlineSlots: 4 })
})
beforeEach(async () => {
  organizationId = uuidv7()
  jobType = `type.${organizationId}`
  await db.organization.create({ data: { id: organizationId, name: 'Acme', slug: `acme-${organizationId}` } })
  await createJobType(db, {
    ...by,
    type: { name: jobType, displayName: 'Type', handler: 'sample.noop', parameterSchema: { type: 'object' } },
  })
  await beat(db, workerId, false)
})
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  // A test's jobs must not stand in the next test's queue. Children are canceled first, because they would die with
  // their parents.
  const left = await db.job.findMany({
    where: { status: { in: ['PENDING', 'QUEUED', 'RUNNING', 'FAILED', 'TIMED_OUT'] } },
    orderBy: { id: 'desc' },
  })
  for (const { id, status, attempt } of left) {
    if (status === 'RUNNING') await finishAttempts(db, [handedBack({ jobId: id, attempt }, 'The test is over')])
    await cancelJob(db, { jobId: id, actor: tester })
  }
})

const submit = (job: Partial<SubmitInput> = {}) =>
  submitJob(db, { organizationId, job: { jobType, parameters: unique(), ...job }, actor: tester })
const change = (changes: JobTypeChanges) => changeJobType(db, { ...by, name: jobType, changes })
const explain = async (jobId: string) => (await explainJob(db, jobId, { organizationIds: [organizationId] })).reasons
const codes = async (jobId: string) => (await explain(jobId)).map(({ code }) => code)
const fail = async (jobId: string) => finish(world, ends.fail(await start(world, jobId)))

test('a job that nothing holds is READY, or BEHIND the jobs of its organization that rank before it', async () => {
  const [first, second] = [await submit(), await submit()]
  expect(await explain(first.id)).toEqual([
    { code: 'READY', message: expect.stringContaining('within a moment'), data: {} },
  ])
  expect(await explain(second.id)).toMatchObject([
    { code: 'BEHIND', data: { jobs: 1, capped: false, queue: 'INLINE', queued: 0, running: 0, slots: 4 } },
  ])
  const urgent = await submit({ priority: 'CRITICAL' })
  expect(await codes(urgent.id)).toEqual(['READY'])
  expect(await explain(second.id)).toMatchObject([
    {
      data: { jobs: 2 },
      message: expect.stringMatching(/^2 jobs of its organization come first\. 0 of 4 slots are busy/),
    },
  ])
  await pause(db, { ...by, scope: { kind: 'jobType', name: jobType } })
  const other = `${jobType}.other`
  await createJobType(db, {
    ...by,
    type: { name: other, displayName: 'Other', handler: 'sample.noop', parameterSchema: { type: 'object' } },
  })
  // Jobs that are held back as a whole come before no other job.
  expect(await codes((await submit({ jobType: other })).id)).toEqual(['READY'])
  await resume(db, { ...by, scope: { kind: 'jobType', name: jobType } })
})

test('a job that came back, and that no dispatch has seen since, comes first as before', async () => {
  const first = await submit()
  const { attempt } = await start(world, first.id)
  await finishAttempts(db, [handedBack({ jobId: first.id, attempt }, 'Its worker stops')])
  const second = await submit()
  expect(await codes(first.id)).toEqual(['READY'])
  expect(await explain(second.id)).toMatchObject([{ code: 'BEHIND', data: { jobs: 1 } }])
})

test('a job with a later run time is SCHEDULED for that time', async () => {
  const runAt = new Date(Date.now() + 2 * 3_600_000)
  const { id } = await submit({ runAt })
  const [reason, ...rest] = await explain(id)
  expect(rest).toEqual([])
  expect(reason).toMatchObject({ code: 'SCHEDULED', data: { runAt: runAt.toISOString() } })
  expect(reason!.message).toContain(runAt.toISOString().slice(0, 16).replace('T', ' '))
  expect(reason!.message).toMatch(/in (2 h|1 h 59 min)/)
})

test('a failed job has the reason RETRY_BACKOFF, with its last error and its next retry', async () => {
  const { id } = await submit()
  await fail(id)
  const { nextRetryAt } = await read(world, id)
  expect(await explain(id)).toMatchObject([
    {
      code: 'RETRY_BACKOFF',
      data: {
        nextRetryAt: expect.any(String),
        failures: 1,
        maxRetries: 5,
        error: { message: expect.any(String), class: 'TRANSIENT' },
      },
      message: expect.stringMatching(
        /Its last attempt failed \(.+\)\. Retry 1 of at most 5 starts at .+, in (59 s|1 min|58 s)/,
      ),
    },
  ])
  const at = (await explain(id))[0]!.data.nextRetryAt as string
  expect(Math.abs(Date.parse(at) - nextRetryAt!.getTime())).toBeLessThanOrEqual(2)
})

test('a job with open parents has the reason WAITING_FOR_PARENTS, with how many and which they are', async () => {
  const parents = [await submit(), await submit({ runAt: new Date(Date.now() + 3_600_000) })]
  const child = await submit({ dependsOn: parents.map(({ id }) => id) })
  expect(await explain(child.id)).toMatchObject([
    {
      code: 'WAITING_FOR_PARENTS',
      data: { count: 2, parents: parents.map(({ id }) => ({ jobId: id, jobType, status: 'PENDING' })) },
      message: expect.stringContaining(parents[0]!.id),
    },
  ])
  const many = await Promise.all(Array.from({ length: 23 }, () => submit({ runAt: new Date(Date.now() + 3_600_000) })))
  const [reason] = await explain((await submit({ dependsOn: many.map(({ id }) => id) })).id)
  expect(reason).toMatchObject({ data: { count: 23 }, message: expect.stringContaining('and 20 more') })
  expect(reason!.data.parents).toHaveLength(20)
})

describe('PAUSED', () => {
  test.each([
    ['platform', () => ({ kind: 'platform' as const }), 'The whole platform'],
    ['jobType', () => ({ kind: 'jobType' as const, name: jobType }), 'Job type'],
    ['organization', () => ({ kind: 'organization' as const, organizationId }), 'Its organization'],
  ])(
    'a job is told by whom, why and since when its %s is paused, and no more after that',
    async (scope, target, what) => {
      const { id } = await submit()
      const { pausedAt } = await pause(db, { ...by, scope: target(), reason: 'moving house' })
      expect(await explain(id)).toMatchObject([
        {
          code: 'PAUSED',
          data: { scope, reason: 'moving house', pausedBy: tester, pausedAt: pausedAt.toISOString() },
          message: expect.stringMatching(
            new RegExp(`^${what}.* is paused by test since .* UTC \\(“moving house”\\)\\.$`),
          ),
        },
      ])
      expect(await dispatch(world, id)).toBeUndefined()
      await resume(db, { ...by, scope: target() })
      expect(await codes(id)).toEqual(['READY'])
    },
  )
})

describe('CONCURRENCY_LIMIT', () => {
  const limits: [string, () => Promise<unknown>, number][] = [
    ['organization', () => db.organization.update({ where: { id: organizationId }, data: { maxConcurrent: 2 } }), 2],
    ['jobType', () => change({ concurrency: { global: 2 } }), 2],
    ['jobTypeInOrganization', () => change({ concurrency: { perOrganization: 2 } }), 2],
  ]
  test.each(limits)(
    'a job is told that the concurrency limit of its %s is reached, and QUEUED and RUNNING jobs count',
    async (of, limit, number) => {
      await limit()
      const jobs = [await submit(), await submit(), await submit()]
      const waits = jobs.at(-1)!.id
      expect(await dispatch(world, waits)).toBeUndefined()
      expect(await explain(waits)).toMatchObject([
        {
          code: 'CONCURRENCY_LIMIT',
          data: { of, limit: number, inUse: 2 },
          message: expect.stringContaining('2 jobs at once'),
        },
      ])
      await submit({ priority: 'HIGH' })
      expect(await codes(waits)).toEqual(['CONCURRENCY_LIMIT', 'BEHIND'])
      for (const { id } of jobs.slice(0, 2)) await cancelJob(db, { jobId: id, actor: tester })
      expect(await codes(waits)).toEqual(['BEHIND'])
    },
  )

  test('a job is told that a concurrency limit of 0 lets nothing run', async () => {
    await change({ concurrency: { perOrganization: 0 } })
    expect(await explain((await submit()).id)).toMatchObject([
      { code: 'CONCURRENCY_LIMIT', data: { limit: 0, inUse: 0 }, message: expect.stringContaining('no job at all') },
    ])
  })
})

test('a job with an open circuit is told what failed, when one job may try, which one tries, and that closing it ends this', async () => {
  await change({ maxRetries: 0 })
  for (let n = 1; n <= 10; n++) await finish(world, ends.dead(await start(world, (await submit()).id)))
  expect(await sweepCircuits(db)).toMatchObject({ opened: 1 })
  const [first, second] = [await submit(), await submit()]
  const [reason] = await explain(first.id)
  expect(reason).toMatchObject({
    code: 'CIRCUIT_OPEN',
    data: { state: 'OPEN', failures: 10, outcomes: 10, trialJobId: null },
  })
  expect(reason!.message).toMatch(
    /^10 of the last 10 attempts of .* failed.* One job may try at .*, in (15 min|14 min)/,
  )
  const { openedAt, trialMayStartAt } = reason!.data as { openedAt: string; trialMayStartAt: string }
  expect(Date.parse(trialMayStartAt) - Date.parse(openedAt)).toBe(15 * 60_000)

  // The cool-down is over. The first job becomes the trial, and the second waits for how the trial ends.
  await db.$executeRaw`UPDATE circuits SET opened_at = opened_at - interval '16 minutes' WHERE organization_id = ${organizationId}::uuid`
  expect((await explain(second.id))[0]!.message).toContain('One job may try now')
  expect(await dispatch(world, first.id)).toBe(1)
  expect((await explain(second.id))[0]).toMatchObject({
    data: { state: 'HALF_OPEN', trialJobId: first.id },
    message: expect.stringContaining(`Job ${first.id} tries now`),
  })
  await cancelJob(db, { jobId: first.id, actor: tester })
  await closeCircuit(db, { ...by, jobType, organizationId })
  expect(await codes(second.id)).toEqual(['READY'])
})

test('a job of a suspended organization is told since when and why', async () => {
  const { id } = await submit()
  const { suspendedAt } = await suspendOrganization(db, { ...by, organizationId, reason: 'unpaid' })
  expect(await explain(id)).toMatchObject([
    {
      code: 'ORGANIZATION_SUSPENDED',
      data: { since: suspendedAt!.toISOString(), reason: 'unpaid' },
      message: expect.stringContaining('(“unpaid”)'),
    },
  ])
  await resumeOrganization(db, { ...by, organizationId })
  expect(await codes(id)).toEqual(['READY'])
})

test('for a job of a deleted organization system admins get the reason, and members find nothing', async () => {
  const { id } = await submit()
  await deleteOrganization(db, { ...by, organizationId })
  expect((await refusal(explainJob(db, id, { organizationIds: [organizationId] }))).reason).toBe('NOT_FOUND')
  expect((await explainJob(db, id, { all: true })).reasons).toMatchObject([{ code: 'ORGANIZATION_DELETED' }])
  await sweepDeletedOrganizations(db)
  expect((await explainJob(db, id, { all: true })).reasons).toEqual([])
})

test('a job of a disabled type has the reason JOB_TYPE_DISABLED', async () => {
  const { id } = await submit()
  await change({ enabled: false })
  expect(await explain(id)).toMatchObject([{ code: 'JOB_TYPE_DISABLED', data: { jobType } }])
  await change({ enabled: true })
  expect(await codes(id)).toEqual(['READY'])
})

test('a job has the reason NO_WORKER where no worker takes its kind of work, and draining and silent ones do not count', async () => {
  await change({ handler: 'sample.work' })
  const { id } = await submit()
  expect(await explain(id)).toMatchObject([
    { code: 'NO_WORKER', data: { queue: 'ISOLATED', draining: 0 }, message: expect.stringContaining('npm run worker') },
  ])
  const other = uuidv7()
  await registerWorker(db, { id: other, ...worker, isolatedSlots: 2, inlineSlots: 0 })
  expect(await codes(id)).toEqual(['READY'])
  await beat(db, other, true)
  expect(await explain(id)).toMatchObject([
    { code: 'NO_WORKER', data: { draining: 1 }, message: expect.stringContaining('1 worker is stopping') },
  ])
  await beat(db, other, false)
  // A worker counts as silent after 15 s.
  await db.$executeRaw`UPDATE workers SET last_seen_at = clock_timestamp() - interval '16 seconds' WHERE id = ${other}::uuid`
  expect(await explain(id)).toMatchObject([{ code: 'NO_WORKER', data: { draining: 0 } }])
})

test('a job has the reason HANDLER_MISSING where no live worker has its handler, whatever workers had it before', async () => {
  const { id } = await submit()
  await db.$executeRaw`UPDATE workers SET handlers = ARRAY['sample.other']`
  expect(await explain(id)).toMatchObject([
    { code: 'HANDLER_MISSING', data: { handler: 'sample.noop', pool: 'default' } },
  ])
  await db.$executeRaw`UPDATE workers SET handlers = ARRAY['sample.other', 'sample.noop'] WHERE id = ${workerId}::uuid`
  expect(await codes(id)).toEqual(['READY'])
  await db.$executeRaw`UPDATE workers SET handlers = NULL`
})

test('a job has the reason NO_WORKER with its pool where no live worker takes that pool, and no more when one does', async () => {
  const { id } = await submit()
  await db.$executeRaw`UPDATE workers SET pools = ARRAY['default']`
  await change({ pool: 'reports' })
  expect(await explain(id)).toMatchObject([
    {
      code: 'NO_WORKER',
      data: { pool: 'reports', queue: 'INLINE' },
      message: expect.stringContaining('No worker of pool reports is alive'),
    },
  ])
  await db.$executeRaw`UPDATE workers SET pools = ARRAY['default', 'reports']`
  expect(await codes(id)).toEqual(['READY'])
  await db.$executeRaw`UPDATE workers SET pools = NULL`
  await change({ pool: 'default' })
})

test('for a QUEUED job, explain tells since when it waits and how many slots are taken; what holds the job now comes first', async () => {
  const { id } = await submit()
  await dispatch(world, id)
  const { queuedAt } = await read(world, id)
  expect(await explain(id)).toMatchObject([
    {
      code: 'QUEUED',
      data: { queuedAt: queuedAt!.toISOString(), queue: 'INLINE', queued: 1, running: 0, slots: 4 },
      message: expect.stringContaining('waits for a free slot'),
    },
  ])
  await pause(db, { ...by, scope: { kind: 'organization', organizationId } })
  expect(await codes(id)).toEqual(['PAUSED', 'QUEUED'])
})

test('a job with several reasons gets them all, the most decisive first', async () => {
  const { id } = await submit({ runAt: new Date(Date.now() + 3_600_000) })
  await pause(db, { ...by, scope: { kind: 'organization', organizationId } })
  await suspendOrganization(db, { ...by, organizationId })
  await change({ enabled: false, concurrency: { global: 0 } })
  expect(await codes(id)).toEqual([
    'ORGANIZATION_SUSPENDED',
    'PAUSED',
    'JOB_TYPE_DISABLED',
    'SCHEDULED',
    'CONCURRENCY_LIMIT',
  ])
})

test('a job that does not wait has no reasons, and a foreign one is not found', async () => {
  const { id } = await submit()
  const claimed = await start(world, id)
  expect(await explain(id)).toEqual([])
  await finish(world, ends.complete(claimed))
  expect(await explain(id)).toEqual([])
  expect((await refusal(explainJob(db, id, { organizationIds: [uuidv7()] }))).reason).toBe('NOT_FOUND')
})
