import { afterEach, describe, expect, test } from 'vitest'
import { createJobTypes } from '@/testing/job-types'
import { jobType } from '@/server/engine/domain/job-type-config'
import {
  clearJobs,
  contest,
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
} from '@/testing/engine'
import {
  attemptOfToken,
  cancelJob,
  completeAttempt,
  deleteOrganization,
  failAttempt,
  getJob,
  issueAttemptToken,
  removeExpired,
  requireHolder,
  rescueLost,
  type Claimed,
  type ReportedJob,
} from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 10 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  await db.organization.updateMany({ data: { status: 'ACTIVE', deletedAt: null } })
})

const complete = ({ jobId, attempt }: Claimed, result?: { [key: string]: number }) =>
  completeAttempt(db, { jobId, attempt, result })
const attempts = (jobId: string) =>
  db.jobAttempt.findMany({
    where: { jobId },
    orderBy: { attempt: 'asc' },
    select: { outcome: true, errorMessage: true },
  })
const late = { reason: 'ILLEGAL_TRANSITION' }

describe('a token', () => {
  test('an attempt token is valid while its attempt has time, and only its hash is stored', async () => {
    const claimed = await running(world, { timeoutSeconds: 60 })
    const token = (await issueAttemptToken(db, claimed))!
    expect(token).toMatch(/^jy_attempt_[0-9A-Za-z_-]{43}$/)
    expect(await attemptOfToken(db, token)).toEqual({ jobId: claimed.jobId, attempt: 1 })
    expect(await attemptOfToken(db, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeNull()
    const [row] = await db.attemptToken.findMany({ where: { jobId: claimed.jobId } })
    expect(Buffer.from(row!.hash).toString()).not.toContain(token)
    expect(row!.expiresAt.getTime() - (await read(world, claimed.jobId)).startedAt!.getTime()).toBe(60_000)

    await db.$executeRaw`UPDATE attempt_tokens SET expires_at = clock_timestamp() - interval '1 second'`
    expect(await attemptOfToken(db, token)).toBeNull()
    await removeExpired(db, null)
    expect(await db.attemptToken.count()).toBe(0)
  })

  test('an attempt that no longer holds its job gets no token, and a token is removed with its job', async () => {
    const first = await running(world)
    await finish(world, ends.fail(first, 0))
    expect(await issueAttemptToken(db, first)).toBeNull()
    const second = await start(world, first.jobId)
    expect(await issueAttemptToken(db, second)).not.toBeNull()
    expect(await issueAttemptToken(db, first)).toBeNull()
    await finish(world, ends.complete(second))
    await clearJobs(db)
    expect(await db.attemptToken.count()).toBe(0)
  })
})

describe('a report', () => {
  test('a service that reports completion ends the attempt with its result, and a later report of the worker is late', async () => {
    const claimed = await running(world)
    expect(await complete(claimed, { total: 3 })).toEqual({
      jobId: claimed.jobId,
      attempt: 1,
      status: 'COMPLETED',
      nextRetryAt: null,
    })
    expect(await getJob(db, claimed.jobId, { all: true })).toMatchObject({
      status: 'COMPLETED',
      progress: 100,
      result: { total: 3 },
    })
    expect(await finish(world, ends.complete(claimed))).toBe('refused')
    expect(await finish(world, ends.handBack(claimed))).toBe('refused')
    expect(await attempts(claimed.jobId)).toEqual([{ outcome: 'COMPLETED', errorMessage: null }])
    const last = await db.executionLog.findFirstOrThrow({ where: { jobId: claimed.jobId }, orderBy: { id: 'desc' } })
    expect(last).toMatchObject({ toStatus: 'COMPLETED', actorType: 'SYSTEM', actorName: 'service outside' })
  })

  test('a completion that a service reports releases children and holds the hash for the window, like every completion', async () => {
    const parent = await submit(world, { parameters: { same: 1 } })
    const child = await submit(world, { dependsOn: [parent.id] })
    await complete(await start(world, parent.id))
    expect((await read(world, child.id)).pendingParents).toBe(0)
    expect(await refusal(submit(world, { parameters: { same: 1 } }))).toMatchObject({ reason: 'DUPLICATE_JOB' })
    expect((await read(world, parent.id)).status).toBe('COMPLETED')
  })

  test('a failure that a service reports is retried by the job’s policy, or ends the job', async () => {
    const claimed = await running(world, { maxRetries: 1 })
    const failed = await failAttempt(db, { ...claimed, message: 'Printer 7 is out of paper', retryAfterSeconds: 3_600 })
    expect(failed).toMatchObject({ jobId: claimed.jobId, status: 'FAILED' })
    expect(Math.round((failed.nextRetryAt!.getTime() - Date.now()) / 60_000)).toBe(60)
    expect(await getJob(db, claimed.jobId, { all: true })).toMatchObject({
      failures: 1,
      error: { message: 'Printer 7 is out of paper', class: 'TRANSIENT' },
    })
    // The retry is due. An hour is more than the head start of any priority, by which a rank lies before the due time.
    await db.$executeRaw`UPDATE jobs SET next_retry_at = clock_timestamp(), rank_at = clock_timestamp() - interval '1 hour' WHERE id = ${claimed.jobId}::uuid`
    const again = await start(world, claimed.jobId)
    expect(await failAttempt(db, { ...again, message: 'Printer 9 is out of paper' })).toMatchObject({
      attempt: 2,
      status: 'DEAD_LETTER',
      nextRetryAt: null,
    })

    const other = await running(world)
    expect(
      await failAttempt(db, { ...other, message: 'No such order', class: 'PERMANENT', retryAfterSeconds: 5 }),
    ).toMatchObject({ status: 'DEAD_LETTER' })
    expect((await attempts(other.jobId))[0]).toEqual({ outcome: 'FAILED', errorMessage: 'No such order' })
    // The two messages about the printer differ in a number only, so both attempts failed for one cause.
    const prints = await db.jobAttempt.findMany({
      where: { jobId: claimed.jobId },
      select: { errorFingerprint: true },
      distinct: ['errorFingerprint'],
    })
    expect(prints).toHaveLength(1)
  })

  test('a reported result over 256 KiB is refused, and the attempt goes on', async () => {
    const claimed = await running(world)
    const { jobId, attempt } = claimed
    expect(await refusal(completeAttempt(db, { jobId, attempt, result: 'x'.repeat(256 * 1024) }))).toMatchObject({
      reason: 'TOO_LARGE',
    })
    expect(await complete(claimed)).toMatchObject({ status: 'COMPLETED' })
    expect((await getJob(db, jobId, { all: true })).result).toBeNull()
  })

  test('a report on a past attempt is refused, whether it failed, was handed back, was lost or was retried', async () => {
    const first = await running(world)
    await finish(world, ends.fail(first, 0))
    expect(await refusal(complete(first))).toMatchObject({ ...late, data: { from: 'FAILED', to: 'COMPLETED' } })
    const second = await start(world, first.jobId)
    await finish(world, ends.handBack(second))
    const third = await start(world, first.jobId)
    // Its lease is over, so its worker counts as lost.
    await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${first.jobId}::uuid`
    await pastStart()
    expect(await rescueLost(db)).toBe(1)
    const fourth = await start(world, first.jobId)
    for (const past of [first, second, third]) {
      expect(await refusal(complete(past))).toMatchObject(late)
      expect(await refusal(failAttempt(db, { ...past, message: 'late' }))).toMatchObject({
        ...late,
        data: { from: 'RUNNING' },
      })
      expect(await refusal(requireHolder(db, past))).toMatchObject(late)
    }
    expect(await requireHolder(db, fourth)).toMatchObject({ organizationId: world.organizationId })
    expect(await complete(fourth)).toMatchObject({ status: 'COMPLETED', attempt: 4 })
  })

  test('a report on an attempt of a deleted organization is refused, and its worker ends it in DEAD_LETTER', async () => {
    const claimed = await running(world)
    await deleteOrganization(db, { organizationId: world.organizationId, actor: tester, address: null })
    expect(await refusal(complete(claimed))).toMatchObject(late)
    const refused = await refusal(requireHolder(db, claimed))
    expect(refused).toMatchObject(late)
    expect(refused.message).toContain('its organization was deleted')
    expect(refused.message).not.toContain('canceled')
    expect(await finish(world, ends.complete(claimed))).toBe('condemned')
  })

  test('a reported error does not repeat sensitive parameters', async () => {
    const type = jobType({
      name: 'secretive',
      displayName: 'Secretive',
      description: '',
      handler: 'sample.noop',
      parameterSchema: { type: 'object', properties: { headers: { type: 'object', 'x-sensitive': true } } },
    })
    await createJobTypes(db, [type])
    const claimed = await running(world, {
      jobType: 'secretive',
      parameters: { headers: { authorization: 'Bearer s3cret-0123' } },
    })
    expect((await requireHolder(db, claimed)).redact('sent Bearer s3cret-0123')).toBe('sent [masked]')
    await failAttempt(db, { ...claimed, message: 'The printer refused Bearer s3cret-0123' })
    expect((await getJob(db, claimed.jobId, { all: true })).error?.message).toBe('The printer refused [masked]')
  })

  test('a report on a deleted job is told that the job is gone', async () => {
    const claimed = await running(world)
    await finish(world, ends.complete(claimed))
    await clearJobs(db)
    expect(await refusal(complete(claimed))).toMatchObject({ reason: 'NOT_FOUND' })
  })
})

/** Waits until PostgreSQL has run for the length of a lease. Until then no lease counts as over. */
const pastStart = () =>
  expect
    .poll(
      async () =>
        (
          await db.$queryRaw<
            { ok: boolean }[]
          >`SELECT clock_timestamp() > pg_postmaster_start_time() + interval '15 seconds' AS ok`
        )[0]!.ok,
      { timeout: 30_000 },
    )
    .toBe(true)

describe('a report of completion that meets something else', () => {
  type Contestant = (claimed: Claimed) => Promise<unknown>
  const report: Contestant = (claimed) => complete(claimed, { by: 1 })
  /** Holds the row until both wait for it. So `a` comes first. */
  const both = async (a: Contestant, b: Contestant) => {
    const claimed = await running(world)
    const results = await contest<unknown>(world, claimed.jobId, [() => a(claimed), () => b(claimed)])
    return { claimed, results, path: await history(world, claimed.jobId) }
  }
  const value = (result: PromiseSettledResult<unknown> | undefined) =>
    result?.status === 'fulfilled' ? result.value : (result?.reason as { reason?: string }).reason

  test('two reports of completion at once: the first is written, the second refused', async () => {
    const { claimed, results, path } = await both(report, (claimed) => complete(claimed, { by: 2 }))
    expect(value(results[0])).toMatchObject({ status: 'COMPLETED' })
    expect(value(results[1])).toBe('ILLEGAL_TRANSITION')
    expect(path).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'COMPLETED'])
    expect((await getJob(db, claimed.jobId, { all: true })).result).toEqual({ by: 1 })
  })

  test('a report of completion and one of failure at once: the first is written, the second refused', async () => {
    const { results, path } = await both((claimed) => failAttempt(db, { ...claimed, message: 'broken' }), report)
    expect(value(results[0])).toMatchObject({ status: 'FAILED' })
    expect(value(results[1])).toBe('ILLEGAL_TRANSITION')
    expect(path.at(-1)).toBe('FAILED')
  })

  const cancel: Contestant = ({ jobId }) => cancelJob(db, { jobId, actor: tester })
  test('a cancel before a report of completion: the report is refused, and CANCELED is written when the handler has ended', async () => {
    const { claimed, results, path } = await both(cancel, report)
    expect(results[0]!.status).toBe('fulfilled')
    expect(value(results[1])).toBe('ILLEGAL_TRANSITION')
    expect(path.at(-1)).toBe('RUNNING')
    expect(await refusal(requireHolder(db, claimed))).toMatchObject(late)
    expect(await finish(world, ends.handBack(claimed))).toBe('canceled')
    expect((await history(world, claimed.jobId)).at(-1)).toBe('CANCELED')
  })

  test('a report of completion before a cancel: COMPLETED, and nothing is left to cancel', async () => {
    const { results, path } = await both(report, cancel)
    expect(value(results[0])).toMatchObject({ status: 'COMPLETED' })
    expect(value(results[1])).toBe('ILLEGAL_TRANSITION')
    expect(path.at(-1)).toBe('COMPLETED')
  })

  const timeOut: Contestant = (claimed) => finish(world, ends.timeOut(claimed, 0))
  test('a timeout before a report of completion: TIMED_OUT, to be retried', async () => {
    const { results, path } = await both(timeOut, report)
    expect(results.map(value)).toEqual(['written', 'ILLEGAL_TRANSITION'])
    expect(path).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'TIMED_OUT'])
  })
  test('a report of completion before a timeout: COMPLETED', async () => {
    const { results, path } = await both(report, timeOut)
    expect(results.map(value)).toEqual([expect.objectContaining({ status: 'COMPLETED' }), 'refused'])
    expect(path.at(-1)).toBe('COMPLETED')
  })

  test.each([
    ['the report', false],
    ['the rescue', true],
  ])(
    'a report of completion and the rescue of a lost worker, %s begun first: one of them ends the attempt, and the service is told which',
    async (_, rescueFirst) => {
      await pastStart()
      // The rescue passes over rows that somebody holds, so it cannot be made to wait as the others are. In six rounds
      // each of them probably wins at some time.
      for (let round = 0; round < 6; round++) {
        const claimed = await running(world)
        await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${claimed.jobId}::uuid`
        const work = [() => complete(claimed).catch((error: { reason: string }) => error.reason), () => rescueLost(db)]
        const answers = await Promise.all(
          rescueFirst ? work.reverse().map((begin) => begin()) : work.map((begin) => begin()),
        )
        const [service, rescued] = rescueFirst ? answers.reverse() : answers
        const path = await history(world, claimed.jobId)
        if (rescued === 1) expect([service, path.at(-1)]).toEqual(['ILLEGAL_TRANSITION', 'PENDING'])
        else expect([(service as ReportedJob).status, path.at(-1)]).toEqual(['COMPLETED', 'COMPLETED'])
        expect(path).toHaveLength(4)
        await clearJobs(db)
      }
    },
  )

  test('a report is accepted when its worker is lost, but the job has not been brought back yet', async () => {
    const claimed = await running(world)
    await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${claimed.jobId}::uuid`
    expect(await complete(claimed)).toMatchObject({ status: 'COMPLETED' })
    expect(await rescueLost(db)).toBe(0)
  })
})
