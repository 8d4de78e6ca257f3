import { afterEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  openWorld,
  read,
  refusal,
  submit,
  tester,
  unique,
  workerId,
} from '@/testing/engine'
import {
  cancelJob,
  claimJobs,
  deleteJob,
  dispatchJobs,
  explainJob,
  getJob,
  retryJob,
  submitJob,
  submitJobs,
  sweepDependents,
  type Claimed,
} from '../../index'
import { checkInvariants } from '../../invariants'

// Jobs that wait until another has ended, in whatever way: `{job, on: "ended"}` (rule 4.32).

const { db, world } = await openWorld({ max: 12 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})

const ended = (job: string) => ({ job, on: 'ended' as const })
const after = async (...dependsOn: (string | ReturnType<typeof ended>)[]) => (await submit(world, { dependsOn })).id
async function begin(jobId: string): Promise<Claimed> {
  await dispatch(world, jobId)
  const [claimed] = await claimJobs(db, workerId, [{ jobId, dispatch: (await read(world, jobId)).dispatch }])
  if (!claimed) throw new Error(`job ${jobId} may not run`)
  return claimed
}
const complete = async (jobId: string) => finish(world, ends.complete(await begin(jobId)))
const kill = async (jobId: string) => finish(world, ends.dead(await begin(jobId)))
const cancel = (jobId: string) => cancelJob(db, { jobId, actor: tester })
const retry = (jobId: string) => retryJob(db, { jobId, actor: tester })
const statuses = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await read(world, id)).status))
const waitsFor = async (id: string) => (await read(world, id)).pendingParents

describe.each([
  ['completed', complete, 'COMPLETED'],
  ['died', kill, 'DEAD_LETTER'],
  ['was canceled', cancel, 'CANCELED'],
] as const)('a job that waits for the end of another which %s', (_, end, status) => {
  test('a job that waits for the end of another starts when that one has ended, and not before', async () => {
    const a = (await submit(world)).id
    const b = await after(ended(a))
    expect(await dispatch(world, b)).toBeUndefined()
    await end(a)
    await complete(b)
    expect(await statuses(a, b)).toEqual([status, 'COMPLETED'])
  })

  test('a job starts at once if the other had ended before it was submitted', async () => {
    const a = (await submit(world)).id
    await end(a)
    const b = await after(ended(a))
    expect(await waitsFor(b)).toBe(0)
    await complete(b)
  })

  test('a job whose parent ended while the job was being submitted is released by the sweep', async () => {
    const a = (await submit(world)).id
    const b = await db.$transaction(async (tx) => {
      const job = await submitJob(tx, {
        organizationId: world.organizationId,
        actor: tester,
        job: { jobType: 'plain', parameters: unique(), dependsOn: [ended(a)] },
      })
      await end(a)
      return job.id
    })
    expect(await waitsFor(b)).toBe(1)
    expect(await sweepDependents(db)).toEqual({ released: 1, dead: 0 })
    await complete(b)
  })
})

test('a failed attempt is no end: the job goes on waiting while its parent waits for a retry', async () => {
  const a = (await submit(world)).id
  const b = await after(ended(a))
  await finish(world, ends.fail(await begin(a)))
  await sweepDependents(db)
  expect(await statuses(a, b)).toEqual(['FAILED', 'PENDING'])
  expect(await waitsFor(b)).toBe(1)
})

test('who needs a dead job dies, and who waits for the end of one that died with it starts', async () => {
  const a = (await submit(world)).id
  const [needs, cleansUp] = [await after(a), await after(ended(a))]
  const last = await after(ended(needs))
  await kill(a)
  expect(await statuses(a, needs, cleansUp, last)).toEqual(['DEAD_LETTER', 'DEAD_LETTER', 'PENDING', 'PENDING'])
  expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId).sort()).toEqual([cleansUp, last].sort())
})

test('a job that needs one parent and waits for the end of another dies with the first and not with the second', async () => {
  const [a, b] = [(await submit(world)).id, (await submit(world)).id]
  const [first, second] = [await after(a, ended(b)), await after(b, ended(a))]
  await kill(a)
  expect(await statuses(first, second)).toEqual(['DEAD_LETTER', 'PENDING'])
  await complete(b)
  await complete(second)
})

test('a parent is retried after its child started: the child is left alone', async () => {
  const a = (await submit(world)).id
  const b = await after(ended(a))
  await kill(a)
  await complete(b)
  await retry(a)
  expect(await statuses(a, b)).toEqual(['PENDING', 'COMPLETED'])
})

test('a parent is retried when its child may start, but has not: the child stays released', async () => {
  const a = (await submit(world)).id
  const b = await after(ended(a))
  await kill(a)
  await retry(a)
  expect(await waitsFor(b)).toBe(0)
  await sweepDependents(db)
  await complete(b)
  await complete(a)
})

test('a parent is retried while its child still waits for another job: the child waits for both again', async () => {
  const [a, b] = [(await submit(world)).id, (await submit(world)).id]
  const child = await after(ended(a), b)
  await kill(a)
  expect(await waitsFor(child)).toBe(1)
  await retry(a)
  expect(await waitsFor(child)).toBe(2)
  await complete(b)
  expect(await dispatch(world, child)).toBeUndefined()
  await cancel(a)
  await complete(child)
})

test('when a dead job comes back with its parent, a job that waits for its end and for another job waits for both again', async () => {
  const [a, other] = [(await submit(world)).id, (await submit(world)).id]
  const needs = await after(a)
  const child = await after(ended(needs), other)
  await kill(a)
  expect(await waitsFor(child)).toBe(1)
  await retry(a)
  expect(await waitsFor(child)).toBe(2)
})

test('a child that died itself is retried although its parent is dead or gone', async () => {
  const a = (await submit(world)).id
  const b = await after(ended(a))
  await kill(a)
  await kill(b)
  await retry(b)
  await kill(b)
  await deleteJob(db, { jobId: a, actor: tester, address: null })
  await retry(b)
  await complete(b)
})

test('a parent with a child that waits for its end is not deleted', async () => {
  const a = (await submit(world)).id
  await kill(a)
  const b = await after(ended(a))
  const refused = await refusal(deleteJob(db, { jobId: a, actor: tester, address: null }))
  expect(refused.reason).toBe('ILLEGAL_TRANSITION')
  await complete(b)
  await deleteJob(db, { jobId: a, actor: tester, address: null })
})

test('a job names its parents with their conditions and the refs of its batch, and explain says what it waits for', async () => {
  const [a, b] = await submitJobs(db, {
    organizationId: world.organizationId,
    actor: tester,
    jobs: [
      { jobType: 'plain', parameters: unique(), ref: 'first' },
      { jobType: 'plain', parameters: unique(), dependsOn: [{ job: 'first', on: 'ended' }] },
    ],
  })
  const expected = [{ job: a!.id, on: 'ended', ref: 'first' }]
  expect(b).toMatchObject({ dependsOn: [a!.id], dependencies: expected })
  expect(await getJob(db, b!.id, { all: true })).toMatchObject({ dependsOn: [a!.id], dependencies: expected })
  const { reasons } = await explainJob(db, b!.id, { all: true })
  expect(reasons[0]).toMatchObject({
    code: 'WAITING_FOR_PARENTS',
    data: { parents: [{ jobId: a!.id, on: 'ended' }] },
    message: expect.stringContaining('not ended'),
  })
})

test('a parent that is named with two conditions, unknown or foreign is refused with its place', async () => {
  const a = (await submit(world)).id
  const twice = await refusal(after(a, ended(a)))
  expect(twice).toMatchObject({ reason: 'INVALID_DEPENDENCY', data: { fields: [{ path: 'dependsOn[1]' }] } })
  const foreign = await submit({ ...world, organizationId: world.otherOrganizationId })
  for (const id of ['01900000-0000-7000-8000-00000000be4c', foreign.id])
    expect(await refusal(after(ended(id)))).toMatchObject({ reason: 'INVALID_DEPENDENCY' })
})

test('a submission with the same idempotency key and another condition for its parent is refused as another input', async () => {
  const a = (await submit(world)).id
  const of = (dependsOn: Parameters<typeof after>) =>
    submit(world, { parameters: { same: 1 }, idempotencyKey: 'k', dependsOn })
  const first = await of([a])
  // The same condition, written out. The helper's type knows "ended" only.
  expect((await of([{ job: a, on: 'completed' as never }])).id).toBe(first.id)
  expect(await refusal(of([ended(a)]))).toMatchObject({ reason: 'IDEMPOTENCY_MISMATCH' })
})

test('the end of a parent against its retry and the sweep, in any order: the child runs once', async () => {
  for (let round = 0; round < 20; round++) {
    const a = (await submit(world)).id
    const b = await after(ended(a))
    const claimed = await begin(a)
    await Promise.all([
      finish(world, ends.dead(claimed)),
      retry(a).catch(() => undefined),
      sweepDependents(db),
      sweepDependents(db),
    ])
    await sweepDependents(db)
    const [parent] = await statuses(a)
    // If the parent came back before its child was released, the child waits for it again.
    if (parent !== 'DEAD_LETTER') await cancel(a).catch(() => undefined)
    await sweepDependents(db)
    await complete(b)
    expect(await db.jobAttempt.count({ where: { jobId: b } })).toBe(1)
  }
})
