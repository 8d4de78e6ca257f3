import { afterEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  openWorld,
  running,
  start,
  submit,
  tester,
  unique,
  workerId,
} from '@/testing/engine'
import {
  cancelJob,
  claimJobs,
  closeCircuit,
  dispatchJobs,
  failed,
  listCircuits,
  rescueLost,
  submitJobs,
  sweepCircuits,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 20 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
})

const circuit = (organizationId = world.organizationId) =>
  db.circuit.findUnique({ where: { jobType_organizationId: { jobType: 'plain', organizationId } } })
const ended = async (end: (typeof ends)['dead' | 'complete' | 'timeOut'], count: number) => {
  for (let n = 0; n < count; n++) await finish(world, end(await running(world)))
}
/** Makes ten outcomes, of which six failed, so that the circuit opens. */
const openCircuit = async () => {
  await ended(ends.complete, 4)
  await ended(ends.dead, 6)
  await sweepCircuits(db)
  expect(await circuit()).toMatchObject({ state: 'OPEN', failures: 6, outcomes: 10 })
}
/** Lets the worker of a running job be gone for longer than its lease, and brings the job back. */
const lose = async (jobId: string) => {
  await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${jobId}::uuid`
  // No lost job is brought back within one lease length of the server's start.
  await expect.poll(() => rescueLost(db), { timeout: 30_000 }).toBe(1)
}
const coolDown = () => db.$executeRaw`UPDATE circuits SET opened_at = opened_at - interval '15 minutes'`

describe('opens', () => {
  test('a circuit opens when over half of at least ten outcomes failed or timed out', async () => {
    await ended(ends.complete, 4)
    await ended(ends.dead, 3)
    await ended(ends.timeOut, 2)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
    await ended(ends.timeOut, 1)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 1 })
    expect(await circuit()).toMatchObject({ state: 'OPEN', failures: 6, outcomes: 10, trialJobId: null })
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
  })

  test('a circuit does not open at exactly half, nor because of failures over 30 minutes ago', async () => {
    await ended(ends.complete, 5)
    await ended(ends.dead, 5)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
    await ended(ends.dead, 1)
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ended_at - interval '31 minutes' WHERE outcome = 'COMPLETED'`
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ended_at - interval '31 minutes' WHERE job_id = (SELECT job_id FROM job_attempts WHERE outcome = 'FAILED' LIMIT 1)`
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
    expect(await circuit()).toBeNull()
  })

  test('a circuit does not open because of attempts that were canceled or handed back, nor because of seeded ones', async () => {
    await ended(ends.dead, 9)
    const canceled = await running(world)
    await cancelJob(db, { jobId: canceled.jobId, actor: tester })
    await finish(world, ends.dead(canceled))
    await finish(world, ends.handBack(await running(world)))
    await lose((await running(world)).jobId)
    expect(await db.jobAttempt.count({ where: { outcome: 'LOST' } })).toBe(1)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
    await db.$executeRaw`UPDATE job_attempts SET seeded = true WHERE outcome = 'FAILED' AND job_id = (SELECT job_id FROM job_attempts WHERE outcome = 'FAILED' LIMIT 1)`
    await ended(ends.dead, 1)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
  })

  test('a circuit opens only for its job type in its organization', async () => {
    await openCircuit()
    const [elsewhere] = await submitJobs(db, {
      organizationId: world.otherOrganizationId,
      jobs: [{ jobType: 'plain', parameters: unique() }],
      actor: tester,
    })
    const otherType = await submit(world, { jobType: 'zero' })
    const held = await submit(world)
    const taken = (await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)
    expect(taken.sort()).toEqual([elsewhere!.id, otherType.id].sort())
    expect(taken).not.toContain(held.id)
  })
})

describe('the trial', () => {
  test('one job is the trial after the cool-down, however many dispatchers there are', async () => {
    await openCircuit()
    for (let n = 0; n < 5; n++) await submit(world)
    expect(await dispatchJobs(db, 'INLINE', 10)).toEqual([])
    await coolDown()
    const taken = (await Promise.all(Array.from({ length: 4 }, () => dispatchJobs(db, 'INLINE', 10)))).flat()
    expect(taken).toHaveLength(1)
    expect(await circuit()).toMatchObject({ state: 'HALF_OPEN', trialJobId: taken[0]!.jobId, trialAttempt: 0 })
    expect(await sweepCircuits(db)).toEqual({ opened: 0, closed: 0, reopened: 0, released: 0, changes: [] })
  })

  test('a trial that succeeds closes the circuit, and earlier failures no longer count', async () => {
    await openCircuit()
    await coolDown()
    await ended(ends.complete, 1)
    expect(await sweepCircuits(db)).toMatchObject({ closed: 1, opened: 0 })
    expect(await circuit()).toMatchObject({ state: 'CLOSED', trialJobId: null, closedBy: { type: 'system' } })
    await ended(ends.dead, 1)
    expect(await sweepCircuits(db)).toMatchObject({ opened: 0 })
  })

  test('a trial that fails starts the cool-down again', async () => {
    await openCircuit()
    await coolDown()
    await ended(ends.dead, 1)
    expect(await sweepCircuits(db)).toMatchObject({ reopened: 1 })
    const { state, openedAt } = (await circuit())!
    expect(state).toBe('OPEN')
    const [{ age } = { age: Infinity }] = await db.$queryRaw<
      { age: number }[]
    >`SELECT extract(epoch FROM clock_timestamp() - ${openedAt}::timestamptz)::float8 AS age`
    expect(age).toBeLessThan(60)
    await submit(world)
    expect(await dispatchJobs(db, 'INLINE', 10)).toEqual([])
  })

  test.each([
    ['canceled', async (jobId: string) => void (await cancelJob(db, { jobId, actor: tester }))],
    [
      'lost',
      async (jobId: string) => {
        await claimJobs(db, workerId, [{ jobId, dispatch: 1 }])
        await lose(jobId)
      },
    ],
  ])('a trial that is %s is followed by another trial', async (_, end) => {
    await openCircuit()
    await submit(world)
    await submit(world)
    await coolDown()
    const [first] = await dispatchJobs(db, 'INLINE', 10)
    await end(first!.jobId)
    expect(await sweepCircuits(db)).toMatchObject({ released: 1, closed: 0, reopened: 0 })
    expect(await dispatchJobs(db, 'INLINE', 10)).toHaveLength(1)
    expect(await circuit()).toMatchObject({ state: 'HALF_OPEN' })
  })

  test('a trial is judged by its own attempt, and not by an earlier one', async () => {
    const claimed = await running(world)
    await finish(world, ends.fail(claimed, 3600))
    await ended(ends.complete, 4)
    await ended(ends.dead, 5)
    await sweepCircuits(db)
    await coolDown()
    // Due now: an hour is more than the head start of any priority.
    await db.$executeRaw`UPDATE jobs SET next_retry_at = clock_timestamp(), rank_at = clock_timestamp() - interval '1 hour' WHERE id = ${claimed.jobId}::uuid`
    // A job that failed before is the trial now. Its old attempt must not count.
    expect(await dispatch(world, claimed.jobId)).toBe(2)
    expect(await sweepCircuits(db)).toEqual({ opened: 0, closed: 0, reopened: 0, released: 0, changes: [] })
    expect(await circuit()).toMatchObject({ state: 'HALF_OPEN', trialJobId: claimed.jobId, trialAttempt: 1 })
    const [again] = await claimJobs(db, workerId, [{ jobId: claimed.jobId, dispatch: 2 }])
    await finish(world, ends.complete(again!))
    expect(await sweepCircuits(db)).toMatchObject({ closed: 1 })
  })

  test('a job that is the trial may be claimed while its circuit is half open', async () => {
    await openCircuit()
    const { id } = await submit(world)
    await coolDown()
    expect(await start(world, id)).toMatchObject({ attempt: 1 })
  })
})

describe('what a list says', () => {
  const listed = async () =>
    (await listCircuits(db, { filter: {}, limit: 5 }, { organizationIds: [world.organizationId] })).items[0]!
  const entry = async () => db.auditEvent.findUniqueOrThrow({ where: { id: (await listed()).auditId! } })

  test('an open circuit is listed with its last ten outcomes, the most frequent cause of the failures, and its entry in the audit', async () => {
    await ended(ends.complete, 4)
    await ended(ends.dead, 8)
    await sweepCircuits(db)
    const { recent, cause, closeReason } = await listed()
    expect(recent.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(2).fill('COMPLETED'),
      ...Array<string>(8).fill('FAILED'),
    ])
    expect(cause).toMatchObject({ count: 8, errorMessage: expect.any(String) as string })
    expect(closeReason).toBeNull()
    expect(await entry()).toMatchObject({
      action: 'circuit.open',
      organizationId: world.organizationId,
      actorType: 'SYSTEM',
      after: { state: 'OPEN', failures: 8, outcomes: 12 },
    })
  })

  test('where two causes of failures are equally frequent, the list names the one that failed last', async () => {
    await ended(ends.complete, 4)
    for (const fingerprint of ['disk', 'network', 'network', 'disk', 'network', 'disk']) {
      const error = { message: `The ${fingerprint} is broken`, class: 'PERMANENT', fingerprint, stack: null } as const
      await finish(world, failed(await running(world), error, null))
    }
    await sweepCircuits(db)
    expect((await listed()).cause).toMatchObject({ errorFingerprint: 'disk', count: 3 })
  })

  test('a circuit that was closed by hand is listed with the reason, one that a trial closed with that', async () => {
    await openCircuit()
    const { organizationId } = world
    await closeCircuit(db, {
      jobType: 'plain',
      organizationId,
      reason: 'The shop is back',
      actor: tester,
      address: null,
    })
    expect(await listed()).toMatchObject({ state: 'CLOSED', closeReason: 'The shop is back' })
    expect(await entry()).toMatchObject({ action: 'circuit.close', actorName: 'test' })
    await ended(ends.complete, 4)
    await ended(ends.dead, 6)
    await sweepCircuits(db)
    expect(await entry()).toMatchObject({ action: 'circuit.open' })
    await coolDown()
    await ended(ends.complete, 1)
    await sweepCircuits(db)
    expect(await listed()).toMatchObject({ state: 'CLOSED', closeReason: 'A trial succeeded.' })
    expect(await entry()).toMatchObject({ action: 'circuit.close', actorName: 'circuit breaker' })
  })
})
