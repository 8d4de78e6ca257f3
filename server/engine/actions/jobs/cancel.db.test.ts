import { Client } from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  contest,
  dispatch,
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
  workerId,
} from '@/testing/engine'
import {
  cancelJob,
  claimJobs,
  dispatchJobs,
  getJob,
  rescueLost,
  retryJob,
  returnToPending,
  type EngineError,
  type JobView,
  type Settled,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { database, db, world } = await openWorld({ max: 20 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const ROUNDS = 20
const person = { type: 'user', id: '01900000-0000-7000-8000-00000000abcd', name: 'Ada' } as const
const cancel = (jobId: string) => cancelJob(db, { jobId, actor: person, reason: 'not wanted' })
/** The job as the cancel leaves it. Whoever waits for its row goes on only after this. */
const cancelAndRead = (jobId: string) =>
  db.$transaction(async (tx) => {
    await cancelJob(tx, { jobId, actor: person, reason: 'not wanted' })
    return getJob(tx, jobId, { all: true })
  })
const kinds = Object.keys(ends) as (keyof typeof ends)[]

/**
 * Runs both at once. In every second round a row lock sets the order, once this and once that. In the others both begin
 * at once, and nothing sets it.
 */
async function race<A, B>(
  round: number,
  jobId: string,
  a: () => Promise<A>,
  b: () => Promise<B>,
): Promise<[PromiseSettledResult<A>, PromiseSettledResult<B>]> {
  if (round % 2) return Promise.allSettled([a(), b()])
  const [first, second] = round % 4 ? [a, b] : [b, a]
  const settled = await contest<A | B>(world, jobId, [first, second])
  return (round % 4 ? settled : settled.reverse()) as [PromiseSettledResult<A>, PromiseSettledResult<B>]
}

describe('a job that does not run', () => {
  test.each(['PENDING', 'QUEUED', 'FAILED', 'TIMED_OUT'] as const)(
    'a %s job is CANCELED at once, and stays so',
    async (status) => {
      const { id } = await submit(world)
      if (status === 'QUEUED') await dispatch(world, id)
      if (status === 'FAILED') await finish(world, ends.fail(await start(world, id)))
      if (status === 'TIMED_OUT') await finish(world, ends.timeOut(await start(world, id)))
      expect(await read(world, id)).toMatchObject({ status })
      const canceled = await cancelAndRead(id)
      expect(canceled).toMatchObject({
        status: 'CANCELED',
        canceledBy: person,
        cancelReason: 'not wanted',
        nextRetryAt: null,
      })
      expect(canceled.canceledAt).not.toBeNull()
      expect(await refusal(cancel(id))).toMatchObject({
        reason: 'ILLEGAL_TRANSITION',
        data: { from: 'CANCELED', to: 'CANCELED' },
      })
      await dispatchJobs(db, 'INLINE', 500)
      expect((await read(world, id)).status).toBe('CANCELED')
      const last = await db.executionLog.findFirst({ where: { jobId: id }, orderBy: { id: 'desc' } })
      expect(last).toMatchObject({
        fromStatus: status,
        toStatus: 'CANCELED',
        actorType: 'USER',
        actorId: person.id,
        actorName: 'Ada',
        message: 'not wanted',
      })
    },
  )

  test.each([
    ['COMPLETED', ends.complete],
    ['DEAD_LETTER', ends.dead],
  ] as const)('a %s job cannot be canceled', async (status, end) => {
    const claimed = await running(world)
    await finish(world, end(claimed))
    expect(await refusal(cancel(claimed.jobId))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      data: { from: status, to: 'CANCELED' },
    })
  })

  test('canceling a job that never existed is refused', async () => {
    expect((await refusal(cancel('01900000-0000-7000-8000-000000000000'))).reason).toBe('NOT_FOUND')
  })

  test('a claim of a canceled job’s message is refused', async () => {
    const { id } = await submit(world)
    const number = (await dispatch(world, id))!
    await cancel(id)
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: number }])).toEqual([])
    await retryJob(db, { jobId: id, actor: tester })
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: number }])).toEqual([])
    const again = (await dispatch(world, id))!
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: number }])).toEqual([])
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: again }])).toMatchObject([{ attempt: 1 }])
  })
})

describe('a job that runs', () => {
  test.each(kinds)('a running job is CANCELED when its attempt ends with %s after the cancel', async (kind) => {
    const claimed = await running(world)
    expect(await cancelAndRead(claimed.jobId)).toMatchObject({
      status: 'RUNNING',
      canceledAt: null,
      canceledBy: person,
    })
    expect(await history(world, claimed.jobId)).toEqual(['PENDING', 'QUEUED', 'RUNNING'])
    expect(await finish(world, ends[kind](claimed))).toBe('canceled')
    expect(await read(world, claimed.jobId)).toMatchObject({
      status: 'CANCELED',
      failures: 0,
      cancelReason: 'not wanted',
      nextRetryAt: null,
    })
    expect(await db.jobAttempt.findFirst({ where: { jobId: claimed.jobId } })).toMatchObject({ outcome: 'CANCELED' })
    expect(await finish(world, ends[kind](claimed))).toBe('refused')
  })

  test('a running job is CANCELED when its worker is lost after the cancel, also for the fifth time', async () => {
    for (const lost of [0, 4]) {
      const claimed = await running(world)
      await cancel(claimed.jobId)
      // Its lease is over, so its worker counts as lost.
      await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 ms', lost = ${lost} WHERE id = ${claimed.jobId}::uuid`
      // Nothing is rescued until 15 s after PostgreSQL's start, which may have been a moment ago.
      await vi.waitFor(async () => expect(await rescueLost(db)).toBe(1), { timeout: 30_000, interval: 100 })
      expect(await read(world, claimed.jobId)).toMatchObject({ status: 'CANCELED' })
    }
  })

  test('a second cancel of a job that runs changes nothing', async () => {
    const claimed = await running(world)
    const first = await cancelAndRead(claimed.jobId)
    await cancelJob(db, { jobId: claimed.jobId, actor: tester, reason: 'again' })
    expect(await getJob(db, claimed.jobId, { all: true })).toEqual(first)
    await finish(world, ends.complete(claimed))
    expect(await read(world, claimed.jobId)).toMatchObject({ status: 'CANCELED', cancelReason: 'not wanted' })
  })

  test('the worker of a running job is told of a cancel when it commits, and not before', async () => {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const heard: string[] = []
    client.on('notification', ({ payload }) => heard.push(payload ?? ''))
    await client.query('LISTEN jobyard_signal')
    const claimed = await running(world)
    await db.$transaction(async (tx) => {
      await cancelJob(tx, { jobId: claimed.jobId, actor: person })
      // With the answer a notification would arrive that was sent already.
      await client.query('SELECT 1')
      expect(heard).toEqual([])
    })
    await vi.waitFor(
      () => expect(heard.map((payload) => JSON.parse(payload) as unknown)).toEqual([{ cancel: [claimed.jobId] }]),
      { timeout: 10_000 },
    )
    await client.end()
    await finish(world, ends.complete(claimed))
  })

  test('an outcome that meets a cancel which is not yet committed waits for it, and the job is CANCELED', async () => {
    for (const kind of kinds) {
      const claimed = await running(world)
      let report: Promise<Settled | undefined> | undefined
      await db.$transaction(async (tx) => {
        await cancelJob(tx, { jobId: claimed.jobId, actor: person })
        report = finish(world, ends[kind](claimed))
        await vi.waitFor(
          async () => {
            const [row] = await db.$queryRaw<
              { n: number }[]
            >`SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
            expect(row?.n).toBe(1)
          },
          { timeout: 10_000 },
        )
      })
      expect(await report).toBe('canceled')
    }
  })

  test.each(kinds)('a cancel and the outcome %s of a running job at once: the earlier one decides', async (kind) => {
    const seen = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const claimed = await running(world)
      const { jobId } = claimed
      const [canceled, settled] = await race<JobView, Settled | undefined>(
        round,
        jobId,
        () => cancelAndRead(jobId),
        () => finish(world, ends[kind](claimed)),
      )
      const path = await history(world, jobId)
      const end = path.at(-1)!
      seen.add(end)
      if (settled.status === 'rejected') throw settled.reason
      if (settled.value === 'canceled') {
        // The cancel was decided while the job ran, so nothing else may follow.
        expect(canceled).toMatchObject({ status: 'fulfilled', value: { status: 'RUNNING' } })
        expect(path).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'CANCELED'])
      } else {
        expect(settled.value).toBe('written')
        const final = kind === 'complete' || kind === 'dead'
        if (final)
          expect(canceled).toMatchObject({
            status: 'rejected',
            reason: { reason: 'ILLEGAL_TRANSITION', data: { from: end } },
          })
        else expect(canceled).toMatchObject({ status: 'fulfilled', value: { status: 'CANCELED' } })
        expect(path).toHaveLength(final ? 4 : 5)
      }
    }
    // This shows that both orders really happened.
    if (kind === 'complete') expect([...seen].sort()).toEqual(['CANCELED', 'COMPLETED'])
  })

  // That the attempt ends once is one of the invariants, which are checked after each test.
  test('a cancel and the rescue of a lost worker at once: the job is CANCELED, and the attempt ends once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { jobId } = await running(world)
      await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 ms' WHERE id = ${jobId}::uuid`
      await Promise.all([cancel(jobId), rescueLost(db)])
      await rescueLost(db)
      expect((await read(world, jobId)).status).toBe('CANCELED')
    }
  })
})

describe('two acts on one job at once', () => {
  test('a cancel and a claim of a queued job at once: the job never runs, or its attempt ends CANCELED', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      const number = (await dispatch(world, id))!
      const [canceled, claims] = await race(
        round,
        id,
        () => cancelAndRead(id),
        () => claimJobs(db, workerId, [{ jobId: id, dispatch: number }]),
      )
      if (canceled.status === 'rejected') throw canceled.reason
      if (claims.status === 'rejected') throw claims.reason
      const [claimed] = claims.value
      expect(canceled.value.status).toBe(claimed ? 'RUNNING' : 'CANCELED')
      if (claimed) expect(await finish(world, ends.complete(claimed))).toBe('canceled')
      expect((await read(world, id)).status).toBe('CANCELED')
    }
  })

  test('a cancel and a dispatch of a waiting job at once: the job is CANCELED, from PENDING or from QUEUED', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      await Promise.all(
        round % 2 ? [cancel(id), dispatchJobs(db, 'INLINE', 10)] : [dispatchJobs(db, 'INLINE', 10), cancel(id)],
      )
      expect((await history(world, id)).at(-1)).toBe('CANCELED')
      expect(await dispatchJobs(db, 'INLINE', 10)).toEqual([])
    }
  })

  test('a claim and the return of a queued job at once: the job is with the worker or waits again, never both', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      const ticket = { jobId: id, dispatch: (await dispatch(world, id))! }
      const [claims, returned] = await Promise.all([
        claimJobs(db, workerId, [ticket]),
        returnToPending(db, [ticket], 'Its message was lost'),
      ])
      // The return skips a row that is being claimed. The claim waits for a row that is being returned.
      expect(claims.length + returned).toBe(1)
      expect((await read(world, id)).status).toBe(returned ? 'PENDING' : 'RUNNING')
    }
  })

  test('a retry and a cancel of a failed job at once: one comes after the other, and both are in the history', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const claimed = await running(world)
      await finish(world, ends.fail(claimed))
      const { jobId } = claimed
      const [retried, canceled] = await race(
        round,
        jobId,
        () => retryJob(db, { jobId, actor: tester }),
        () => cancel(jobId),
      )
      expect([retried.status, canceled.status]).toEqual(['fulfilled', 'fulfilled'])
      expect(['CANCELED', 'PENDING']).toContain((await read(world, jobId)).status)
      expect(await history(world, jobId)).toHaveLength(6)
    }
  })

  test('two retries of a dead job at once: one wins', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const claimed = await running(world)
      await finish(world, ends.dead(claimed))
      const { jobId } = claimed
      const retry = () => retryJob(db, { jobId, actor: tester })
      const both = await race(round, jobId, retry, retry)
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const lost = both.find((one) => one.status === 'rejected')!
      expect(lost.reason as EngineError).toMatchObject({
        reason: 'ILLEGAL_TRANSITION',
        data: { from: 'PENDING', to: 'PENDING' },
      })
    }
  })

  test('a hand-back and a late completion of the same attempt at once: one of them is written', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const claimed = await running(world)
      const both = await race(
        round,
        claimed.jobId,
        () => finish(world, ends.handBack(claimed)),
        () => finish(world, ends.complete(claimed)),
      )
      expect(both.map((one) => one.status === 'fulfilled' && one.value).sort()).toEqual(['refused', 'written'])
    }
  })
})
