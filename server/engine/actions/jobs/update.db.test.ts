import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
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
  unique,
  workerId,
} from '@/testing/engine'
import {
  cancelJob,
  changeJobType,
  claimJobs,
  createJobType,
  dispatchJobs,
  getJob,
  resumeOrganization,
  retryJob,
  submitJob,
  suspendOrganization,
  updateJob,
} from '../../index'
import type { JobChanges } from '../../domain/job-changes'
import type { JobView } from '../../domain/types'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 20 })

beforeEach(() => clearJobs(db))
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const ROUNDS = 12
const person = { type: 'user', id: '01900000-0000-7000-8000-00000000abcd', name: 'Ada' } as const
/** Changes a job and reads it again. */
async function update(jobId: string, changes: JobChanges, reason?: string): Promise<JobView> {
  await updateJob(db, { jobId, changes, actor: person, reason })
  return getJob(db, jobId, { all: true })
}
const hours = (count: number) => new Date(Date.now() + count * 3_600_000)
const lastLine = (jobId: string) => db.executionLog.findFirstOrThrow({ where: { jobId }, orderBy: { id: 'desc' } })
const failed = async () => {
  const claimed = await running(world)
  await finish(world, ends.fail(claimed, 3600))
  return claimed.jobId
}

describe('a job that waits', () => {
  test('a waiting job gets the given changes, and the history says what changed, by whom and why', async () => {
    const { id } = await submit(world, { parameters: { order: 1, token: 'secret-1' } })
    const runAt = hours(2)
    const job = await update(
      id,
      { priority: 'HIGH', runAt, maxRetries: 0, timeoutSeconds: 60, parameters: { order: 1, token: 'secret-2' } },
      'it was wrong',
    )
    expect(job).toMatchObject({
      status: 'PENDING',
      priority: 'HIGH',
      runAt,
      maxRetries: 0,
      timeoutSeconds: 60,
      parameters: { order: 1, token: 'secret-2' },
    })
    const line = await lastLine(id)
    expect(line).toMatchObject({
      fromStatus: 'PENDING',
      toStatus: 'PENDING',
      attempt: 0,
      actorType: 'USER',
      actorId: person.id,
      actorName: 'Ada',
    })
    expect(line.message).toMatch(
      /^Changed priority from NORMAL to HIGH, run time from .* to .*, retries from 5 to 0, timeout from 300 s to 60 s, parameters \(token\): it was wrong$/,
    )
    expect(line.message).not.toContain('secret')
    expect(await history(world, id)).toEqual(['PENDING', 'PENDING'])
  })

  test('a change of a waiting job that changes nothing leaves no trace', async () => {
    const { id, runAt } = await submit(world, { runAt: hours(1), parameters: { a: 1, b: [2] } })
    const job = await update(id, { priority: 'NORMAL', runAt, maxRetries: 5, parameters: { b: [2], a: 1 } })
    expect(job.runAt).toEqual(runAt)
    expect(await history(world, id)).toEqual(['PENDING'])
  })

  test('a waiting job whose time and priority change is dispatched when it is due, and in its new place', async () => {
    const [first, second, later] = [await submit(world), await submit(world), await submit(world)]
    await update(later.id, { runAt: hours(1) })
    await update(second.id, { priority: 'CRITICAL' })
    expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)).toEqual([second.id, first.id])
    await update(later.id, { runAt: new Date(0) })
    expect((await dispatchJobs(db, 'INLINE', 10)).map(({ jobId }) => jobId)).toEqual([later.id])
    // A time in the past means now. Otherwise the job would overtake those that wait.
    expect((await read(world, later.id)).runAt.getTime()).toBeGreaterThan(Date.now() - 600_000)
  })

  test('a waiting job keeps its place when its priority goes up and down again', async () => {
    const { id } = await submit(world)
    const { rankAt } = await read(world, id)
    await update(id, { priority: 'LOW' })
    // A priority is worth ten minutes.
    expect((await read(world, id)).rankAt.getTime()).toBe(rankAt.getTime() + 600_000)
    await update(id, { priority: 'NORMAL' })
    expect((await read(world, id)).rankAt).toEqual(rankAt)
  })

  test('a changed job runs with its new parameters and options', async () => {
    const { id } = await submit(world)
    await update(id, { parameters: { fresh: true }, timeoutSeconds: 7, maxRetries: 2 })
    expect(await start(world, id)).toMatchObject({ parameters: { fresh: true }, timeoutSeconds: 7, maxRetries: 2 })
  })

  test('a job that is changed to run now is dispatched when the transaction of the change commits, and not before', async () => {
    const { id } = await submit(world, { runAt: hours(1) })
    await db.$transaction(async (tx) => {
      await updateJob(tx, { jobId: id, changes: { runAt: new Date(0) }, actor: tester })
      expect(await dispatch(world, id)).toBeUndefined()
    })
    expect(await dispatch(world, id)).toBe(1)
  })
})

describe('a job that waits for its retry', () => {
  test.each(['fail', 'timeOut'] as const)(
    'a job that waits for its retry (%s) gets another time for the retry, and keeps its run time',
    async (kind) => {
      const claimed = await running(world)
      await finish(world, ends[kind](claimed, 3600))
      const before = await read(world, claimed.jobId)
      const later = hours(5)
      expect(await update(claimed.jobId, { runAt: later })).toMatchObject({
        status: before.status,
        nextRetryAt: later,
        runAt: before.runAt,
      })
      expect((await lastLine(claimed.jobId)).message).toContain('Changed next retry from')
      expect(await dispatch(world, claimed.jobId)).toBeUndefined()
      await update(claimed.jobId, { runAt: new Date() })
      expect(await dispatch(world, claimed.jobId)).toBe(2)
    },
  )

  test('a change of priority does not change the time of a retry', async () => {
    const jobId = await failed()
    const { nextRetryAt, rankAt } = await read(world, jobId)
    await update(jobId, { priority: 'CRITICAL' })
    const after = await read(world, jobId)
    expect(after.nextRetryAt).toEqual(nextRetryAt)
    // CRITICAL is two priorities above NORMAL, and each is worth ten minutes.
    expect(after.rankAt.getTime()).toBe(rankAt.getTime() - 1_200_000)
  })

  test('a job cannot get fewer retries than it has used', async () => {
    const jobId = await failed()
    expect(await refusal(update(jobId, { maxRetries: 0 }))).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'changes.maxRetries' }] },
    })
    expect(await update(jobId, { maxRetries: 1 })).toMatchObject({ maxRetries: 1, failures: 1 })
  })
})

describe('a change that is refused', () => {
  test('a job that does not wait cannot be changed, and the refusal names its status', async () => {
    const { id } = await submit(world)
    const refuses = async (status: string) => {
      expect(await refusal(update(id, { priority: 'LOW' }))).toMatchObject({
        reason: 'ILLEGAL_TRANSITION',
        data: { from: status, to: status },
      })
      expect((await read(world, id)).priority).toBe('NORMAL')
    }
    await dispatch(world, id)
    await refuses('QUEUED')
    const [claimed] = await claimJobs(db, workerId, [{ jobId: id, dispatch: 1 }])
    await refuses('RUNNING')
    await finish(world, ends.complete(claimed!))
    await refuses('COMPLETED')
    const other = await submit(world)
    await cancelJob(db, { jobId: other.id, actor: tester })
    expect(await refusal(update(other.id, { priority: 'LOW' }))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      data: { from: 'CANCELED' },
    })
  })

  test('a job that never existed cannot be changed, nor one of a suspended organization until it is resumed', async () => {
    expect((await refusal(update('01900000-0000-7000-8000-000000000000', { priority: 'LOW' }))).reason).toBe(
      'NOT_FOUND',
    )
    const { id } = await submit(world)
    const organization = { organizationId: world.organizationId, actor: tester, address: null }
    await suspendOrganization(db, organization)
    expect((await refusal(update(id, { priority: 'LOW' }))).reason).toBe('ORGANIZATION_SUSPENDED')
    await resumeOrganization(db, organization)
    expect(await update(id, { priority: 'LOW' })).toMatchObject({ priority: 'LOW' })
  })

  test.each([
    [{ maxRetries: -1 }, 'changes.maxRetries'],
    [{ maxRetries: 1.5 }, 'changes.maxRetries'],
    [{ timeoutSeconds: 0 }, 'changes.timeoutSeconds'],
    [{ runAt: new Date(NaN) }, 'changes.runAt'],
  ])('the change %j is refused, also for callers in the same process', async (changes, path) => {
    const { id } = await submit(world)
    expect(await refusal(update(id, changes))).toMatchObject({ reason: 'INVALID_INPUT', data: { fields: [{ path }] } })
  })
})

describe('new parameters', () => {
  test('new parameters are checked by the schema of the version that the job was submitted with', async () => {
    const { id } = await submit(world, { jobType: 'strict', parameters: { count: 1 } })
    const loose = { type: 'object', properties: { count: { type: 'string' } } }
    await changeJobType(db, { name: 'strict', changes: { parameterSchema: loose }, actor: tester, address: null })
    expect(await refusal(update(id, { parameters: { count: 'two' } }))).toMatchObject({
      reason: 'INVALID_PARAMETERS',
      data: { fields: [{ path: 'changes.parameters.count' }] },
    })
    expect(await update(id, { parameters: { count: 2 } })).toMatchObject({
      parameters: { count: 2 },
      jobTypeVersion: 1,
    })
    expect((await refusal(update(id, { parameters: { count: NaN } }))).reason).toBe('INVALID_PARAMETERS')
    const large = await submit(world)
    expect((await refusal(update(large.id, { parameters: { text: 'x'.repeat(300_000) } }))).reason).toBe('TOO_LARGE')
  })

  test('new parameters take their hash, and free the old one', async () => {
    const [old, fresh] = [unique(), unique()]
    const { id } = await submit(world, { parameters: old })
    await update(id, { parameters: fresh })
    expect(await refusal(submit(world, { parameters: fresh }))).toMatchObject({
      reason: 'DUPLICATE_JOB',
      data: { existingJobId: id },
    })
    const second = await submit(world, { parameters: old })
    expect(await refusal(update(second.id, { parameters: fresh }))).toMatchObject({
      reason: 'DUPLICATE_JOB',
      data: { existingJobId: id, existingStatus: 'PENDING' },
    })
    expect((await getJob(db, second.id, { all: true })).parameters).toEqual(old)
    await cancelJob(db, { jobId: id, actor: tester })
    await update(second.id, { parameters: fresh })
  })

  test('new sensitive parameters are stored as those of a submission, and their mask is not accepted as a value', async () => {
    const parameterSchema = { type: 'object', properties: { token: { type: 'string', 'x-sensitive': true } } }
    await createJobType(db, {
      type: { name: 'secret', displayName: 'Secret', handler: 'sample.noop', parameterSchema },
      actor: tester,
      address: null,
    })
    const { id } = await submit(world, { jobType: 'secret', parameters: { token: 'one', n: 1 } })
    await update(id, { parameters: { token: 'two', n: 1 } })
    expect((await getJob(db, id, { all: true })).parameters).toEqual({ token: '[masked]', n: 1 })
    expect((await getJob(db, id, { all: true }, { all: true })).parameters).toEqual({ token: 'two', n: 1 })
    expect((await lastLine(id)).message).toBe('Changed parameters (token)')
    expect(await refusal(update(id, { parameters: { token: '[masked]', n: 2 } }))).toMatchObject({
      reason: 'INVALID_PARAMETERS',
      data: { fields: [{ path: 'changes.parameters.token' }] },
    })
    await update(id, { priority: 'LOW' })
    expect((await start(world, id)).parameters).toEqual({ token: 'two', n: 1 })
  })

  test('new parameters of a job without a hash take none', async () => {
    const fresh = unique()
    const { id } = await submit(world, { dedupe: false })
    await update(id, { parameters: fresh })
    await submit(world, { parameters: fresh })
  })

  test('a change of parameters is undone with the caller’s transaction, with hash and history', async () => {
    const [old, fresh] = [unique(), unique()]
    const { id } = await submit(world, { parameters: old })
    const work = db.$transaction(async (tx) => {
      await updateJob(tx, { jobId: id, changes: { parameters: fresh }, actor: tester })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect((await getJob(db, id, { all: true })).parameters).toEqual(old)
    expect(await history(world, id)).toEqual(['PENDING'])
    await submit(world, { parameters: fresh })
    expect((await refusal(submit(world, { parameters: old }))).reason).toBe('DUPLICATE_JOB')
  })
})

describe('races, decided under the row lock', () => {
  const outcome = (settled: PromiseSettledResult<unknown>) =>
    settled.status === 'fulfilled' ? 'done' : (settled.reason as { reason?: string }).reason

  /** Runs both at once, in either order, in some rounds with a row lock and in others without. */
  async function race(round: number, jobId: string, change: () => Promise<unknown>, other: () => Promise<unknown>) {
    if (round % 2) return Promise.allSettled([change(), other()])
    const [first, second] = round % 4 ? [change, other] : [other, change]
    const settled = await contest(world, jobId, [first, second])
    return (round % 4 ? settled : settled.reverse()) as [PromiseSettledResult<unknown>, PromiseSettledResult<unknown>]
  }

  test('a change and a dispatch at once: the job is changed and waits, or it is QUEUED as it was', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      const [changed, taken] = await Promise.allSettled([
        update(id, { runAt: hours(1), parameters: { round } }),
        dispatchJobs(db, 'INLINE', 10),
      ])
      const dispatched = (taken as PromiseFulfilledResult<{ jobId: string }[]>).value.some(({ jobId }) => jobId === id)
      const job = await getJob(db, id, { all: true })
      expect([outcome(changed), dispatched, job.status]).toEqual(
        dispatched ? ['ILLEGAL_TRANSITION', true, 'QUEUED'] : ['done', false, 'PENDING'],
      )
      expect(job.parameters).toEqual(dispatched ? expect.objectContaining({ serial: expect.any(Number) }) : { round })
      await clearJobs(db)
    }
  })

  test('a change that meets a dispatch which has the row waits for it and is refused', async () => {
    const { id } = await submit(world)
    const [taken, changed] = await contest<unknown>(world, id, [
      // Does to a row what the dispatcher does, but waits for the row instead of skipping it.
      async () =>
        db.$executeRaw`UPDATE jobs SET status = 'QUEUED', dispatch = 1, queued_at = clock_timestamp() WHERE id = ${id}::uuid`,
      () => update(id, { priority: 'HIGH' }),
    ])
    expect([taken!.status, outcome(changed!)]).toEqual(['fulfilled', 'ILLEGAL_TRANSITION'])
    expect((await read(world, id)).priority).toBe('NORMAL')
    // The history of these jobs is not complete after that, so they are removed.
    await clearJobs(db)
  })

  test('a change and a claim at once: a job that is handed to a worker is not changed, whichever comes first', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      await dispatch(world, id)
      const [changed, claimed] = await race(
        round,
        id,
        () => update(id, { parameters: { round } }),
        () => claimJobs(db, workerId, [{ jobId: id, dispatch: 1 }]),
      )
      expect(outcome(changed)).toBe('ILLEGAL_TRANSITION')
      expect((claimed as PromiseFulfilledResult<{ parameters: unknown }[]>).value).toMatchObject([
        { parameters: { serial: expect.any(Number) } },
      ])
      expect(await history(world, id)).toEqual(['PENDING', 'QUEUED', 'RUNNING'])
    }
  })

  test('a change and a cancel at once: the cancel always happens, the change before it or not at all', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world)
      const [changed, canceled] = await race(
        round,
        id,
        () => update(id, { parameters: { round } }),
        () => cancelJob(db, { jobId: id, actor: tester }),
      )
      expect(outcome(canceled)).toBe('done')
      expect(await history(world, id)).toEqual(
        outcome(changed) === 'done' ? ['PENDING', 'PENDING', 'CANCELED'] : ['PENDING', 'CANCELED'],
      )
      if (outcome(changed) !== 'done') expect(outcome(changed)).toBe('ILLEGAL_TRANSITION')
    }
  })

  test('a change and a retry of a job that waits for its retry at once: both happen', async () => {
    for (let round = 0; round < 4; round++) {
      const jobId = await failed()
      const [changed, retried] = await race(
        round,
        jobId,
        () => update(jobId, { priority: 'HIGH' }),
        () => retryJob(db, { jobId, actor: tester }),
      )
      expect([outcome(changed), outcome(retried)]).toEqual(['done', 'done'])
      expect(await read(world, jobId)).toMatchObject({ status: 'PENDING', priority: 'HIGH', failures: 0 })
      const line = await db.executionLog.findFirstOrThrow({ where: { jobId, message: { startsWith: 'Changed' } } })
      expect(line.fromStatus).toBe(line.toStatus)
    }
  })

  test('two changes at once: one comes after the other, and the second says what the first has made of the job', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await submit(world, { parameters: { n: 'zero' } })
      const settled = await race(
        round,
        id,
        () => update(id, { timeoutSeconds: 10, parameters: { n: 'one' } }),
        () => update(id, { timeoutSeconds: 20, parameters: { n: 'two', m: 1 } }),
      )
      expect(settled.map(outcome)).toEqual(['done', 'done'])
      const lines = await db.executionLog.findMany({ where: { jobId: id }, orderBy: { id: 'asc' } })
      const [first, second] = lines.slice(1).map(({ message }) => message)
      const twoWon = first!.includes('from 300 s to 10 s')
      expect(second).toContain(twoWon ? 'from 10 s to 20 s' : 'from 20 s to 10 s')
      expect(second).toContain('parameters (m, n)')
      const { parameters } = await getJob(db, id, { all: true })
      expect(parameters).toEqual(twoWon ? { n: 'two', m: 1 } : { n: 'one' })
      // The job holds the hash of its own parameters, and no other.
      expect(
        (
          await refusal(
            submitJob(db, {
              organizationId: world.organizationId,
              job: { jobType: 'plain', parameters },
              actor: tester,
            }),
          )
        ).reason,
      ).toBe('DUPLICATE_JOB')
      await clearJobs(db)
    }
  })

  test('two jobs that are to get each other’s parameters are both refused, and neither waits for ever', async () => {
    for (let round = 0; round < 6; round++) {
      const [a, b] = [unique(), unique()]
      const [first, second] = [await submit(world, { parameters: a }), await submit(world, { parameters: b })]
      const settled = await Promise.allSettled([
        update(first.id, { parameters: b }),
        update(second.id, { parameters: a }),
      ])
      expect(settled.map(outcome)).toEqual(['DUPLICATE_JOB', 'DUPLICATE_JOB'])
    }
  })
})
