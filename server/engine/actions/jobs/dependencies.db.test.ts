import { afterEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  history,
  holding,
  openWorld,
  read,
  refusal,
  running,
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
  finishAttempts,
  rescueLost,
  retryJob,
  submitJob,
  submitJobs,
  sweepDependents,
  type Claimed,
} from '../../index'
import { killDependents, releaseDependents } from './dependents'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 20 })

afterEach(async () => {
  expect(await checkInvariants(db, { quiet: true })).toEqual([])
  await clearJobs(db)
})

const after = async (...dependsOn: string[]) => (await submit(world, { dependsOn })).id
const batch = (jobs: { ref?: string; dependsOn?: string[] }[]) =>
  submitJobs(db, {
    organizationId: world.organizationId,
    actor: tester,
    jobs: jobs.map((job) => ({ jobType: 'plain', parameters: unique(), ...job })),
  })
/** Starts a job that may run, whether or not it was dispatched together with another one before. */
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

describe('a job waits for all its parents', () => {
  test('jobs in a chain run one after the other', async () => {
    const a = (await submit(world)).id
    const b = await after(a)
    const c = await after(b)
    expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)).toEqual([a])
    await complete(a)
    expect(await dispatch(world, c)).toBeUndefined()
    // The dispatch that looked for c took b, because b was free.
    expect(await statuses(a, b, c)).toEqual(['COMPLETED', 'QUEUED', 'PENDING'])
  })

  test('a job with two parents that share a parent waits for both of them', async () => {
    const a = (await submit(world)).id
    const [b, c] = [await after(a), await after(a)]
    const d = await after(b, c)
    expect((await read(world, d)).pendingParents).toBe(2)
    await complete(a)
    await complete(b)
    expect(await dispatch(world, d)).toBeUndefined()
    await complete(c)
    await complete(d)
  })

  test('a thousand children wait for one parent, and one child waits for a thousand parents', async () => {
    const a = (await submit(world)).id
    const children = await batch(Array.from({ length: 1000 }, () => ({ dependsOn: [a] })))
    const child = await after(...children.map(({ id }) => id))
    expect((await read(world, child)).pendingParents).toBe(1000)
    await complete(a)
    const taken = new Set<string>()
    for (let got = await dispatchJobs(db, 'INLINE', 500); got.length > 0; got = await dispatchJobs(db, 'INLINE', 500)) {
      for (const { jobId } of got) taken.add(jobId)
      const claimed = await claimJobs(db, workerId, got)
      await finishAttempts(
        db,
        claimed.map((job) => ends.complete(job)),
      )
    }
    expect(taken.size).toBe(1001)
    expect(await statuses(child)).toEqual(['COMPLETED'])
  })

  test('a COMPLETED parent is not waited for, a parent named twice counts once, and the answer names the parents', async () => {
    const a = (await submit(world)).id
    await complete(a)
    const job = await submit(world, { dependsOn: [a, a.toUpperCase()] })
    expect(job.dependsOn).toEqual([a])
    expect((await read(world, job.id)).pendingParents).toBe(0)
    await complete(job.id)
  })

  test('two parents that end at once release their child once, and counting again does no harm', async () => {
    for (let round = 0; round < 10; round++) {
      const parents = [await running(world), await running(world)]
      const child = await after(...parents.map(({ jobId }) => jobId))
      await Promise.all(parents.map((claimed) => finish(world, ends.complete(claimed))))
      await Promise.all([
        releaseDependents(
          db,
          parents.map(({ jobId }) => jobId),
        ),
        releaseDependents(db, [parents[0]!.jobId]),
        sweepDependents(db),
      ])
      expect((await read(world, child)).pendingParents).toBe(0)
      await complete(child)
    }
  })
})

describe('a batch', () => {
  test('jobs of a batch name each other by ref, in any order', async () => {
    const [last, first, middle] = await batch([
      { dependsOn: ['first', 'middle'] },
      { ref: 'first' },
      { ref: 'middle', dependsOn: ['first'] },
    ])
    expect(last!.dependsOn).toEqual([first!.id, middle!.id].sort())
    await complete(first!.id)
    await complete(middle!.id)
    await complete(last!.id)
  })

  test.each([
    ['itself', [{ ref: 'a', dependsOn: ['a'] }], 'jobs[0].dependsOn[0]', /cannot wait for itself/],
    [
      'a circle',
      [
        { ref: 'a', dependsOn: ['b'] },
        { ref: 'b', dependsOn: ['c'] },
        { ref: 'c', dependsOn: ['a'] },
      ],
      undefined,
      /jobs\[\d\] → jobs\[\d\] → jobs\[\d\] → jobs\[\d\]/,
    ],
    [
      'a name that is nothing',
      [{ ref: 'a' }, { dependsOn: ['b'] }],
      'jobs[1].dependsOn[0]',
      /neither the id of a job nor a ref/,
    ],
  ])('a batch with a job that waits for %s is refused as a whole', async (_, jobs, path, message) => {
    const refused = await refusal(batch(jobs))
    expect(refused.reason).toBe('INVALID_DEPENDENCY')
    expect(refused.message).toMatch(message)
    if (path) expect(refused.data.fields?.[0]?.path).toBe(path)
    expect(await db.job.count()).toBe(0)
  })

  test('a batch with one ref twice is refused', async () => {
    expect(await refusal(batch([{ ref: 'a' }, { ref: 'a' }]))).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'jobs[1].ref' }] },
    })
  })

  test('a child in a batch waits for the job that its parent’s idempotency key stands for', async () => {
    const parent = { jobType: 'plain', parameters: unique(), idempotencyKey: 'parent' }
    const { id } = await submit(world, parent)
    const [again, child] = await submitJobs(db, {
      organizationId: world.organizationId,
      actor: tester,
      jobs: [
        { ...parent, ref: 'p' },
        { jobType: 'plain', parameters: unique(), dependsOn: ['p'] },
      ],
    })
    expect(again!.id).toBe(id)
    expect(child!.dependsOn).toEqual([id])
  })
})

test('dead, canceled, unknown and foreign parents are refused with their place, and the last two in the same words', async () => {
  const dead = (await submit(world)).id
  await kill(dead)
  const canceled = (await submit(world)).id
  await cancel(canceled)
  const [foreign] = await submitJobs(db, {
    organizationId: world.otherOrganizationId,
    actor: tester,
    jobs: [{ jobType: 'plain', parameters: unique() }],
  })
  const unknown = '01900000-0000-7000-8000-000000000000'
  const messages: string[] = []
  for (const id of [dead, canceled, foreign!.id, unknown]) {
    const refused = await refusal(submit(world, { dependsOn: [id] }))
    expect(refused).toMatchObject({ reason: 'INVALID_DEPENDENCY', data: { fields: [{ path: 'dependsOn[0]' }] } })
    messages.push(refused.message.replace(id, 'X'))
  }
  expect(messages[2]).toBe(messages[3])
})

describe('with a parent dies what waits for it', () => {
  /** Makes a ← b ← c, and d that waits for c and for another job. */
  async function family() {
    const a = (await submit(world)).id
    const b = await after(a)
    const c = await after(b)
    const other = await running(world)
    const d = await after(c, other.jobId)
    return { a, b, c, d, other }
  }

  test.each([
    ['died', kill, 'DEAD_LETTER'],
    ['was canceled waiting', cancel, 'CANCELED'],
    [
      'was canceled running',
      async (id: string) => {
        const claimed = await begin(id)
        await cancel(id)
        await finish(world, ends.complete(claimed))
      },
      'CANCELED',
    ],
    [
      'lost its worker five times',
      async (id: string) => {
        await begin(id)
        await db.$executeRaw`UPDATE jobs SET lost = 4, lease_until = clock_timestamp() - interval '1 second' WHERE id = ${id}::uuid`
        await expect.poll(() => rescueLost(db), { timeout: 30_000 }).toBe(1)
      },
      'DEAD_LETTER',
    ],
  ] as const)('all jobs that wait for a job, directly or through others, die when it %s', async (_, end, status) => {
    const { a, b, c, d, other } = await family()
    await end(a)
    expect(await statuses(a, b, c, d)).toEqual([status, 'DEAD_LETTER', 'DEAD_LETTER', 'DEAD_LETTER'])
    for (const id of [b, c, d]) {
      expect(await read(world, id)).toMatchObject({
        causeJobId: a,
        errorMessage: `It waited for job ${a}, which is ${status}`,
        errorClass: 'PERMANENT',
      })
    }
    await finish(world, ends.complete(other))
    expect(await statuses(d)).toEqual(['DEAD_LETTER'])
  })

  test('a retry of a dead job brings back exactly those that died of it', async () => {
    const { a, b, c, d, other } = await family()
    const elsewhere = await after((await submit(world)).id)
    await cancel(elsewhere)
    const canceledBefore = await after(b)
    await cancel(canceledBefore)
    await kill(a)
    await retry(a)
    expect(await statuses(a, b, c, d)).toEqual(['PENDING', 'PENDING', 'PENDING', 'PENDING'])
    expect(await statuses(elsewhere, canceledBefore)).toEqual(['CANCELED', 'CANCELED'])
    expect(await history(world, b)).toEqual(['PENDING', 'DEAD_LETTER', 'PENDING'])
    expect(await read(world, b)).toMatchObject({ causeJobId: null, errorMessage: null, pendingParents: 1 })
    await finish(world, ends.complete(other))
    for (const id of [a, b, c, d]) await complete(id)
  })

  test('a descendant of two dead jobs comes back with the second of them', async () => {
    const [a, b] = [(await submit(world)).id, (await submit(world)).id]
    const both = await after(a, b)
    const below = await after(both)
    await kill(a)
    await kill(b)
    await retry(a)
    expect(await statuses(both, below)).toEqual(['DEAD_LETTER', 'DEAD_LETTER'])
    expect((await read(world, both)).causeJobId).toBe(b)
    expect((await read(world, below)).causeJobId).toBe(b)
    await retry(b)
    expect(await statuses(a, b, both, below)).toEqual(['PENDING', 'PENDING', 'PENDING', 'PENDING'])
  })

  test('a retry of a child whose parent is dead is refused, and says to retry the parent', async () => {
    const { a, b, other } = await family()
    await kill(a)
    const refused = await refusal(retry(b))
    expect(refused.reason).toBe('INVALID_DEPENDENCY')
    expect(refused.message).toContain(a)
    await finish(world, ends.complete(other))
  })

  test('a child of a dead parent that was deleted can never run, and its refusal says so', async () => {
    const a = (await submit(world)).id
    const b = await after(a)
    await kill(a)
    await deleteJob(db, { jobId: a, actor: tester, address: null })
    const refused = await refusal(retry(b))
    expect(refused.reason).toBe('INVALID_DEPENDENCY')
    expect(refused.message).toMatch(/was deleted before it was COMPLETED/)
  })

  test('a retry that would bring back a job whose hash was taken is refused as a whole', async () => {
    const a = (await submit(world)).id
    const parameters = unique()
    const b = (await submit(world, { dependsOn: [a], parameters })).id
    await kill(a)
    const twin = await submit(world, { parameters })
    expect(await refusal(retry(a))).toMatchObject({ reason: 'DUPLICATE_JOB', data: { existingJobId: twin.id } })
    expect(await statuses(a, b)).toEqual(['DEAD_LETTER', 'DEAD_LETTER'])
  })

  test('a job that is refused at its claim counts as dead for the jobs that wait for it', async () => {
    const a = (await submit(world)).id
    const b = await after(a)
    const number = await dispatch(world, a)
    await db.$executeRaw`UPDATE jobs SET submitted_by_type = 'USER', submitted_by_id = '01900000-0000-7000-8000-000000000000' WHERE id = ${a}::uuid`
    expect(await claimJobs(db, workerId, [{ jobId: a, dispatch: number! }])).toEqual([])
    expect(await statuses(a, b)).toEqual(['DEAD_LETTER', 'DEAD_LETTER'])
  })
})

describe('a parent that ends or is retried at the same moment', () => {
  test.each([
    ['completes', (id: string) => complete(id), 'PENDING', 0],
    ['dies', (id: string) => kill(id), 'DEAD_LETTER', 1],
    ['is canceled', (id: string) => cancel(id), 'DEAD_LETTER', 1],
  ] as const)(
    'a parent that %s while its child is being submitted: neither waits for the other, and the sweep corrects the child',
    async (_, end, status, open) => {
      const a = (await submit(world)).id
      const child = await db.$transaction(async (tx) => {
        const job = await submitJob(tx, {
          organizationId: world.organizationId,
          actor: tester,
          job: { jobType: 'plain', parameters: unique(), dependsOn: [a] },
        })
        // This happens on another connection, while this transaction has locked the parent.
        await end(a)
        return job
      })
      expect(await read(world, child.id)).toMatchObject({ status: 'PENDING', pendingParents: 1 })
      const swept = await sweepDependents(db)
      expect(swept).toEqual(status === 'PENDING' ? { released: 1, dead: 0 } : { released: 0, dead: 1 })
      expect(await read(world, child.id)).toMatchObject({ status, pendingParents: open })
      expect(await sweepDependents(db)).toEqual({ released: 0, dead: 0 })
    },
  )

  test('a retry of a parent that comes before its children are killed leaves no child dead', async () => {
    for (let round = 0; round < 15; round++) {
      const a = (await submit(world)).id
      const b = await after(a)
      const claimed = await begin(a)
      // The end is written without what follows for the children, as by a worker that dies in between.
      await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR NO KEY UPDATE', [b], async () => [
        finish(world, ends.dead(claimed)),
      ])
      await Promise.all([retry(a), killDependents(db, [a]), sweepDependents(db)])
      await sweepDependents(db)
      expect(await statuses(a, b)).toEqual(['PENDING', 'PENDING'])
    }
  })
})
