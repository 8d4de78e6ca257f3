import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  history,
  holding,
  openWorld,
  read,
  running,
  runningMany,
  start,
  submit,
  tester,
  workerId,
} from '@/testing/engine'
import {
  appendLogs,
  cancelJob,
  claimJobs,
  dispatchJobs,
  finishAttempts,
  renewLeases,
  reportProgress,
  rescueLost,
  retryJob,
  returnToPending,
  type Claimed,
  type Outcome,
} from '../../index'
import { checkInvariants } from '../../invariants'
import { CHANNELS } from '../../store/signals'

const { database, db, world } = await openWorld({ max: 20 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  // Jobs that a test leaves unfinished must not disturb the next test.
  await clearJobs(db)
})

/** Lets the lease of a job be over, by the database's clock. */
const expire = (jobId: string) =>
  db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 ms' WHERE id = ${jobId}::uuid`
/** Lets the leases of jobs be over, and brings the jobs back as those of a lost worker. */
async function lose(...jobIds: string[]): Promise<void> {
  for (const jobId of jobIds) await expire(jobId)
  // PostgreSQL may have started less than a lease length ago. Until then no job counts as lost.
  let rescued = 0
  await vi.waitFor(async () => expect((rescued += await rescueLost(db))).toBe(jobIds.length), {
    timeout: 30_000,
    interval: 100,
  })
}
const attempts = (jobId: string) => db.jobAttempt.findMany({ where: { jobId }, orderBy: { attempt: 'asc' } })
const logs = (jobId: string) => db.jobLog.findMany({ where: { jobId }, orderBy: { line: 'asc' } })
const progress = ({ jobId, attempt }: Claimed, percent: number, message: string | null = null) => ({
  jobId,
  attempt,
  organizationId: world.organizationId,
  progress: percent,
  message,
})
const line = ({ jobId, attempt }: Claimed, message: string) => ({
  jobId,
  attempt,
  level: 'INFO' as const,
  message,
  at: new Date(),
})

describe('dispatch and attempt fence', () => {
  test('a claim with an old dispatch is refused, and also one with a dispatch that never was', async () => {
    const { id } = await submit(world)
    const first = (await dispatch(world, id))!
    expect(await returnToPending(db, [{ jobId: id, dispatch: first }], 'Its message was lost')).toBe(1)
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: first }])).toEqual([])
    const second = (await dispatch(world, id))!
    expect(second).toBe(first + 1)
    for (const stale of [first, second + 1])
      expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: stale }])).toEqual([])
    expect(await returnToPending(db, [{ jobId: id, dispatch: first }], 'stale')).toBe(0)
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: second }])).toMatchObject([{ jobId: id, attempt: 1 }])
    expect(await claimJobs(db, workerId, [{ jobId: id, dispatch: second }])).toEqual([])
    expect(await history(world, id)).toEqual(['PENDING', 'QUEUED', 'PENDING', 'QUEUED', 'RUNNING'])
  })

  test('messages of two dispatches of one job, and the same message twice, in one batch: the job is claimed once, by the newer dispatch', async () => {
    const { id } = await submit(world)
    const first = (await dispatch(world, id))!
    await returnToPending(db, [{ jobId: id, dispatch: first }], 'Its message was lost')
    const second = (await dispatch(world, id))!
    const batch = [first, second, second, first].map((number) => ({ jobId: id, dispatch: number }))
    expect(await claimJobs(db, workerId, batch)).toMatchObject([{ jobId: id, dispatch: second, attempt: 1 }])
  })

  test('when twenty workers claim the same messages, each job goes to one of them', async () => {
    const jobs = await Promise.all(Array.from({ length: 30 }, () => submit(world)))
    const dispatched = await dispatchJobs(db, 'INLINE', 100)
    expect(dispatched).toHaveLength(30)
    const claimed = (
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => claimJobs(db, uuidv7(), n % 2 ? dispatched : dispatched.toReversed())),
      )
    ).flat()
    expect(claimed.map(({ jobId }) => jobId).sort()).toEqual(jobs.map(({ id }) => id).sort())
    expect(claimed.every(({ attempt }) => attempt === 1)).toBe(true)
  })

  test('eight dispatchers at once never dispatch one job twice', async () => {
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 40 }, () => submit(world)))
      const taken = (await Promise.all(Array.from({ length: 8 }, () => dispatchJobs(db, 'INLINE', 10)))).flat()
      const left = await dispatchJobs(db, 'INLINE', 100)
      const all = [...taken, ...left].map(({ jobId }) => jobId)
      expect(new Set(all).size).toBe(40)
      expect(all).toHaveLength(40)
      expect([...taken, ...left].every((job) => job.dispatch === 1)).toBe(true)
    }
  })

  test('a late report of an old attempt is refused, whatever it says, and so is a report after the end', async () => {
    const old = await running(world)
    await lose(old.jobId)
    for (const end of Object.values(ends)) expect(await finish(world, end(old))).toBe('refused')
    const present = await start(world, old.jobId)
    expect(present.attempt).toBe(2)
    for (const end of Object.values(ends)) expect(await finish(world, end(old))).toBe('refused')
    expect(await finish(world, ends.complete(present, { result: { by: 2 } }))).toBe('written')
    for (const end of Object.values(ends)) expect(await finish(world, end(present))).toBe('refused')
    expect(await history(world, old.jobId)).toEqual([
      'PENDING',
      'QUEUED',
      'RUNNING',
      'PENDING',
      'QUEUED',
      'RUNNING',
      'COMPLETED',
    ])
    expect((await attempts(old.jobId)).map(({ outcome }) => outcome)).toEqual(['LOST', 'COMPLETED'])
  })

  test('an old and the present attempt in one batch of reports each get their own answer', async () => {
    const old = await running(world)
    await lose(old.jobId)
    const present = await start(world, old.jobId)
    expect(await finishAttempts(db, [ends.complete(old), ends.complete(present), ends.complete(old)])).toEqual([
      'refused',
      'written',
      'refused',
    ])
  })

  test('progress and log lines of an old attempt are ignored', async () => {
    const old = await running(world)
    await reportProgress(db, [progress(old, 30, 'by the first')])
    await appendLogs(db, [line(old, 'one'), line(old, 'two')])
    expect(await read(world, old.jobId)).toMatchObject({ progress: 30, progressMessage: 'by the first' })
    await lose(old.jobId)
    await reportProgress(db, [progress(old, 60)])
    expect(await read(world, old.jobId)).toMatchObject({ status: 'PENDING', progress: 0, progressMessage: null })
    const present = await start(world, old.jobId)
    await reportProgress(db, [progress(present, 10, 'by the second'), progress(old, 99, 'late')])
    await reportProgress(db, [progress(old, 99, 'late')])
    await appendLogs(db, [line(old, 'late'), line(present, 'three')])
    expect(await read(world, old.jobId)).toMatchObject({ progress: 10, progressMessage: 'by the second' })
    expect((await logs(old.jobId)).map(({ line: number, attempt, message }) => [number, attempt, message])).toEqual([
      [1, 1, 'one'],
      [2, 1, 'two'],
      [3, 2, 'three'],
    ])
    await finish(world, ends.complete(present))
    await reportProgress(db, [progress(present, 50)])
    expect(await read(world, old.jobId)).toMatchObject({ progress: 100 })
  })

  test('progress of a locked job is left out and returned, its neighbours’ is written, and a lock FOR KEY SHARE does not matter', async () => {
    const [held, free] = [await running(world), await running(world)]
    await holding(world, 'SELECT id FROM jobs WHERE id = $1::uuid FOR UPDATE', [held.jobId], async () => {
      expect(await reportProgress(db, [progress(held, 20), progress(free, 30)])).toEqual([progress(held, 20)])
      expect(await read(world, held.jobId)).toMatchObject({ progress: 0 })
      expect(await read(world, free.jobId)).toMatchObject({ progress: 30 })
      return []
    })
    // The lock of a caller who submits a child of this job.
    await holding(world, 'SELECT id FROM jobs WHERE id = $1::uuid FOR KEY SHARE', [held.jobId], async () => {
      expect(await reportProgress(db, [progress(held, 40)])).toEqual([])
      return []
    })
    expect(await read(world, held.jobId)).toMatchObject({ progress: 40 })
    for (const claimed of [held, free]) await finish(world, ends.complete(claimed))
  })

  test('viewers are told of every progress, also where its message is long and JSON writes its characters at length', async () => {
    const told: string[] = []
    const listener = new Client({ connectionString: database.url })
    await listener.connect()
    listener.on('notification', ({ payload }) => {
      const { progress: some = [] } = JSON.parse(payload || '{}') as {
        progress?: [string, string, number, number, string][]
      }
      told.push(...some.map(([, jobId, , , message]) => `${jobId} ${message.length}`))
    })
    await listener.query(`LISTEN ${CHANNELS.events}`)
    const claimed = await runningMany(world, 7)
    await reportProgress(
      db,
      claimed.map((one) => progress(one, 30, '\u0001'.repeat(400))),
    )
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(7)
    expect(told.sort()).toEqual(claimed.map(({ jobId }) => `${jobId} 300`).sort())
    await listener.end()
    for (const one of claimed) await finish(world, ends.complete(one))
  })

  test('a job keeps 10,000 log lines and drops the rest', async () => {
    const claimed = await running(world)
    const batch = Array.from({ length: 3000 }, (_, n) => line(claimed, `line ${n}`))
    for (let n = 0; n < 4; n++) await appendLogs(db, batch)
    expect(await db.jobLog.count({ where: { jobId: claimed.jobId } })).toBe(10_000)
    await finish(world, ends.complete(claimed))
  })

  test('attempt and dispatch go on counting after a retry by a person, and failures begin at 0', async () => {
    const claimed = await running(world)
    await finish(world, ends.dead(claimed))
    await retryJob(db, { jobId: claimed.jobId, actor: tester })
    expect(await read(world, claimed.jobId)).toMatchObject({
      status: 'PENDING',
      failures: 0,
      attempt: 1,
      finishedAt: null,
    })
    const again = await start(world, claimed.jobId)
    expect(again).toMatchObject({ attempt: 2, failures: 0 })
    expect(await finish(world, ends.complete(claimed))).toBe('refused')
    await finish(world, ends.complete(again))
    expect(await read(world, claimed.jobId)).toMatchObject({ dispatch: 2, attempt: 2, failures: 0 })
  })
})

describe('an end', () => {
  test('a FAILED or TIMED_OUT job waits for its retry, and for nothing else', async () => {
    for (const [end, status] of [
      [ends.fail, 'FAILED'],
      [ends.timeOut, 'TIMED_OUT'],
    ] as const) {
      const claimed = await running(world)
      await finish(world, end(claimed, 3600))
      const row = await read(world, claimed.jobId)
      expect(row).toMatchObject({ status, failures: 1, errorMessage: 'Broken', errorClass: 'TRANSIENT' })
      expect((row.nextRetryAt!.getTime() - Date.now()) / 60_000).toBeCloseTo(60, 0)
      expect(await dispatch(world, claimed.jobId)).toBeUndefined()
      // Due now: the rank of a NORMAL job is its due time less a head start of ten minutes.
      await db.$executeRaw`UPDATE jobs SET next_retry_at = clock_timestamp(), rank_at = clock_timestamp() - interval '10 minutes' WHERE id = ${claimed.jobId}::uuid`
      const again = await start(world, claimed.jobId)
      expect(again).toMatchObject({ attempt: 2, failures: 1 })
      await finish(world, ends.dead(again))
      expect(await read(world, claimed.jobId)).toMatchObject({ status: 'DEAD_LETTER', failures: 2, nextRetryAt: null })
    }
  })

  test('a job whose retry delay is 0 is retried at once', async () => {
    const claimed = await running(world)
    await finish(world, ends.fail(claimed, 0))
    expect((await start(world, claimed.jobId)).attempt).toBe(2)
  })

  test('a job that is handed back counts no failure and waits for no backoff', async () => {
    const claimed = await running(world)
    await reportProgress(db, [progress(claimed, 40)])
    await finish(world, ends.handBack(claimed))
    expect(await read(world, claimed.jobId)).toMatchObject({
      status: 'PENDING',
      failures: 0,
      lost: 0,
      progress: 0,
      workerId: null,
      leaseUntil: null,
    })
    expect((await start(world, claimed.jobId)).attempt).toBe(2)
    expect((await attempts(claimed.jobId)).map(({ outcome }) => outcome)).toEqual(['HANDED_BACK', null])
  })

  test('a batch of outcomes of all kinds, some of them late, gets one answer for each', async () => {
    const kinds = Object.keys(ends) as (keyof typeof ends)[]
    const claimed = await runningMany(world, 30)
    const late = claimed.filter((_, n) => n % 4 === 0)
    await lose(...late.map(({ jobId }) => jobId))
    const canceled = claimed.filter((job, n) => n % 3 === 0 && !late.includes(job))
    for (const { jobId } of canceled) await cancelJob(db, { jobId, actor: tester })
    const settled = await finishAttempts(
      db,
      claimed.map((job, n): Outcome => ends[kinds[n % kinds.length]!](job)),
    )
    expect(settled).toEqual(
      claimed.map((job) => (late.includes(job) ? 'refused' : canceled.includes(job) ? 'canceled' : 'written')),
    )
  })

  test('results are stored as they were given: none, null, false, 0, nested', async () => {
    for (const result of [undefined, null, false, 0, '', { a: [1, { b: 'ü' }] }]) {
      const claimed = await running(world)
      await finish(world, ends.complete(claimed, result === undefined ? {} : { result }))
      const row = await db.jobResult.findUnique({ where: { jobId: claimed.jobId } })
      if (result === undefined) expect(row).toBeNull()
      else expect(row?.result).toEqual(result)
    }
  })

  test('a locked row delays no other outcome: the batch is written, and the locked one when its row is free', async () => {
    const claimed = await runningMany(world, 10)
    const [locked, ...others] = claimed
    const answers = await holding(
      world,
      'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE',
      [locked!.jobId],
      async (waiting) => {
        const report = finishAttempts(
          db,
          claimed.map((job) => ends.complete(job)),
        )
        await waiting(1)
        // The lock is still held here.
        for (const { jobId } of others) expect(await read(world, jobId)).toMatchObject({ status: 'COMPLETED' })
        expect(await read(world, locked!.jobId)).toMatchObject({ status: 'RUNNING' })
        return [report]
      },
    )
    expect(answers).toEqual([{ status: 'fulfilled', value: Array(10).fill('written') }])
  })
})

describe('a lease', () => {
  test('a lease is renewed for all attempts of a worker at once, and for no other worker', async () => {
    const worker = uuidv7()
    const claimed: Claimed[] = []
    for (let n = 0; n < 5; n++) claimed.push(await start(world, (await submit(world)).id, worker))
    const foreign = await running(world)
    await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() + interval '1 second' WHERE status = 'RUNNING'`
    const [, lost, canceled, ...kept] = claimed
    await lose(lost!.jobId)
    await cancelJob(db, { jobId: canceled!.jobId, actor: tester })
    const renewed = await renewLeases(db, worker, [...claimed, foreign, { jobId: kept[0]!.jobId, attempt: 7 }])
    const expected = claimed
      .filter((job) => job !== lost)
      .map((job) => ({ jobId: job.jobId, attempt: 1, cancelRequested: job === canceled, locked: false }))
    expect(renewed.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1))).toEqual(
      expected.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1)),
    )
    const [seconds] = await db.$queryRaw<{ own: number; foreign: number }[]>`
      SELECT min(EXTRACT(EPOCH FROM lease_until - clock_timestamp())) FILTER (WHERE worker_id = ${worker}::uuid)::float8 AS own,
        max(EXTRACT(EPOCH FROM lease_until - clock_timestamp())) FILTER (WHERE id = ${foreign.jobId}::uuid)::float8 AS foreign FROM jobs WHERE status = 'RUNNING'`
    expect(seconds!.own).toBeGreaterThan(10)
    expect(seconds!.foreign).toBeLessThanOrEqual(1)
    await finishAttempts(
      db,
      [...claimed, foreign].map((job) => ends.complete(job)),
    )
  })

  test('an attempt whose lease is renewed is left alone, and one whose lease ended comes back without backoff or failure', async () => {
    const [alive, gone] = [await running(world), await running(world)]
    await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 ms' WHERE id = ${alive.jobId}::uuid`
    await renewLeases(db, workerId, [alive])
    await lose(gone.jobId)
    expect(await read(world, alive.jobId)).toMatchObject({ status: 'RUNNING', lost: 0 })
    expect(await read(world, gone.jobId)).toMatchObject({ status: 'PENDING', lost: 1, failures: 0, nextRetryAt: null })
    expect((await start(world, gone.jobId)).attempt).toBe(2)
  })

  test('a job that lost its worker for the fifth time becomes DEAD_LETTER "worker lost 5 times"', async () => {
    const { id } = await submit(world)
    for (let n = 1; n <= 5; n++) {
      expect((await start(world, id)).attempt).toBe(n)
      await lose(id)
      expect((await read(world, id)).status).toBe(n < 5 ? 'PENDING' : 'DEAD_LETTER')
    }
    expect(await read(world, id)).toMatchObject({
      lost: 5,
      failures: 0,
      errorMessage: 'worker lost 5 times',
      errorClass: 'PERMANENT',
    })
    expect((await attempts(id)).map(({ outcome }) => outcome)).toEqual(Array(5).fill('LOST'))
    await retryJob(db, { jobId: id, actor: tester })
    expect(await read(world, id)).toMatchObject({ status: 'PENDING' })
    // A person's retry begins the count again.
    await start(world, id)
    await lose(id)
    expect(await read(world, id)).toMatchObject({ status: 'PENDING', lost: 1 })
  })

  test('when a report meets the rescue of its lost worker, exactly one of them ends the attempt', async () => {
    const kinds = [ends.complete, ends.fail, ends.handBack]
    for (let round = 0; round < 30; round++) {
      const claimed = await running(world)
      await expire(claimed.jobId)
      const end = kinds[round % kinds.length]!(claimed)
      const [settled, rescued] = await Promise.all([finish(world, end), rescueLost(db)])
      expect([settled, rescued]).toEqual(rescued ? ['refused', 1] : ['written', 0])
    }
  })

  test('several sweeps at once bring each lost job back once', async () => {
    const claimed = await runningMany(world, 20)
    for (const { jobId } of claimed) await expire(jobId)
    const counts = await Promise.all(Array.from({ length: 5 }, () => rescueLost(db)))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20)
  })
})
