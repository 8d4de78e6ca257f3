import { Client } from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Db, Tx } from '@/server/db'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  openWorld,
  read,
  refusal,
  running,
  submit,
  tester,
  unique,
} from '@/testing/engine'
import { cancelJob, getJob, retryJob, sqlState, submitJob, submitJobs } from '../../index'
import { checkInvariants } from '../../invariants'

const { database, db, world } = await openWorld({ max: 4 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const one = (tx: Tx | Db, job: Parameters<typeof submitJob>[1]['job']) =>
  submitJob(tx, { organizationId: world.organizationId, job, actor: tester })

/** The numbers of rows of five tables that a submission writes. */
async function rows() {
  const [counted] = await db.$queryRaw<Record<string, number>[]>`
    SELECT (SELECT count(*)::int FROM jobs) AS jobs, (SELECT count(*)::int FROM job_inputs) AS inputs,
      (SELECT count(*)::int FROM execution_logs) AS history, (SELECT count(*)::int FROM dedupe_claims) AS claims,
      (SELECT count(*)::int FROM idempotency_keys) AS keys`
  return counted
}

/** An error that no engine function throws. It makes the transaction roll back. */
class RolledBack extends Error {}
async function rolledBack(work: (tx: Tx) => Promise<unknown>): Promise<void> {
  const transaction = db.$transaction(async (tx) => {
    await work(tx)
    throw new RolledBack()
  })
  await expect(transaction).rejects.toBeInstanceOf(RolledBack)
}

/** The signals that are sent on the engine's channels while `work` runs, in order. */
async function heard(work: () => Promise<unknown>): Promise<string[]> {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  const messages: string[] = []
  client.on('notification', ({ channel, payload }) => messages.push(payload === 'end' ? 'end' : channel))
  await client.query('LISTEN jobyard_wake; LISTEN jobyard_events; LISTEN jobyard_signal')
  await work()
  // Signals come in the order of the commits, so after this one none of `work` is to come.
  await db.$executeRaw`SELECT pg_notify('jobyard_wake', 'end')`
  await vi.waitFor(() => expect(messages.at(-1)).toBe('end'), { timeout: 10_000 })
  await client.end()
  return messages.slice(0, -1).sort()
}

describe('in the caller’s transaction', () => {
  test('a submission that is rolled back leaves no job, history, claim or key, and no signal is sent', async () => {
    const before = await rows()
    const jobs = [
      { jobType: 'plain', parameters: { order: 7 }, idempotencyKey: 'order-7' },
      { jobType: 'plain', parameters: { order: 8 } },
    ]
    const submitMany = (tx: Tx | Db) => submitJobs(tx, { organizationId: world.organizationId, jobs, actor: tester })
    expect(await heard(() => rolledBack(submitMany))).toEqual([])
    expect(await rows()).toEqual(before)
    // Everything that the submission had taken is free again.
    const views: unknown[] = []
    expect(await heard(async () => views.push(...(await submitMany(db))))).toEqual(['jobyard_events', 'jobyard_wake'])
    expect(views).toHaveLength(2)
  })

  test('the caller’s order and its job are either both stored or neither', async () => {
    const rename = (tx: Tx, name: string) =>
      tx.organization.update({ where: { id: world.otherOrganizationId }, data: { name } })
    await rolledBack(async (tx) => {
      await rename(tx, 'Renamed')
      await one(tx, { jobType: 'plain', parameters: { both: 1 } })
    })
    const job = await db.$transaction(async (tx) => {
      await rename(tx, 'Kept')
      return one(tx, { jobType: 'plain', parameters: { both: 1 } })
    })
    expect(await db.organization.findUnique({ where: { id: world.otherOrganizationId } })).toMatchObject({
      name: 'Kept',
    })
    expect(await read(world, job.id)).toMatchObject({ status: 'PENDING' })
  })

  test('a submitted job is not dispatched before the caller’s commit', async () => {
    const jobId = await db.$transaction(async (tx) => {
      const { id } = await one(tx, { jobType: 'plain', parameters: unique() })
      expect(await dispatch(world, id)).toBeUndefined()
      return id
    })
    expect(await dispatch(world, jobId)).toBe(1)
  })

  test('a cancel and a retry that are rolled back change nothing', async () => {
    const waiting = await submit(world)
    const { jobId: active } = await running(world)
    const { id: canceled } = await submit(world)
    await cancelJob(db, { jobId: canceled, actor: tester })
    const states = () => Promise.all([waiting.id, active, canceled].map((id) => read(world, id)))
    const [before, counted] = [await states(), await rows()]
    const messages = await heard(() =>
      rolledBack(async (tx) => {
        for (const jobId of [waiting.id, active]) await cancelJob(tx, { jobId, actor: tester })
        await retryJob(tx, { jobId: canceled, actor: tester })
        const inside = await Promise.all([waiting.id, active, canceled].map((id) => getJob(tx, id, { all: true })))
        expect(inside.map(({ status }) => status)).toEqual(['CANCELED', 'RUNNING', 'PENDING'])
        expect(inside[1]!.cancelRequestedAt).not.toBeNull()
      }),
    )
    expect(messages).toEqual([])
    expect(await states()).toEqual(before)
    expect(await rows()).toEqual(counted)
  })

  test('a refusal leaves the caller’s transaction usable, with what was done in it before', async () => {
    const existing = await submit(world, { parameters: { taken: true }, idempotencyKey: 'taken' })
    const [first, last] = await db.$transaction(async (tx) => {
      const before = await one(tx, { jobType: 'plain', parameters: unique() })
      const refused: Parameters<typeof one>[1][] = [
        { jobType: 'plain', parameters: { taken: true }, idempotencyKey: 'undone with it' },
        { jobType: 'plain', parameters: { other: true }, idempotencyKey: 'taken' },
        { jobType: 'strict', parameters: {} },
        { jobType: 'nothing' },
      ]
      const reasons: string[] = []
      for (const job of refused) reasons.push((await refusal(one(tx, job))).reason)
      expect(reasons).toEqual(['DUPLICATE_JOB', 'IDEMPOTENCY_MISMATCH', 'INVALID_PARAMETERS', 'UNKNOWN_JOB_TYPE'])
      await cancelJob(tx, { jobId: before.id, actor: tester })
      expect((await refusal(cancelJob(tx, { jobId: before.id, actor: tester }))).reason).toBe('ILLEGAL_TRANSITION')
      expect((await refusal(retryJob(tx, { jobId: existing.id, actor: tester }))).reason).toBe('ILLEGAL_TRANSITION')
      return [before, await one(tx, { jobType: 'plain', parameters: unique() })]
    })
    expect(await read(world, first.id)).toMatchObject({ status: 'CANCELED' })
    expect(await read(world, last.id)).toMatchObject({ status: 'PENDING' })
    expect(await db.idempotencyKey.count({ where: { key: 'undone with it' } })).toBe(0)
  })

  test('a serialization failure is retried in the engine’s own transaction, and passed on in a caller’s', async () => {
    // Sequences are not rolled back. So the trigger fails at the first insert after a restart, and not when that is
    // repeated.
    await db.$executeRawUnsafe('CREATE SEQUENCE conflicts START 1')
    await db.$executeRawUnsafe(`CREATE FUNCTION conflict_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('conflicts') = 1 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = TG_ARGV[0]; END IF; RETURN NULL; END $$`)
    try {
      for (const code of ['40001', '40P01']) {
        await db.$executeRawUnsafe(
          `CREATE OR REPLACE TRIGGER conflict_once AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION conflict_once('${code}')`,
        )
        await db.$executeRawUnsafe(`ALTER SEQUENCE conflicts RESTART`)
        expect(await submit(world)).toMatchObject({ status: 'PENDING' })
        await db.$executeRawUnsafe(`ALTER SEQUENCE conflicts RESTART`)
        const passedOn = db.$transaction((tx) => one(tx, { jobType: 'plain', parameters: unique() }))
        expect(sqlState(await passedOn.catch((error: unknown) => error))).toBe(code)
      }
    } finally {
      await db.$executeRawUnsafe('DROP TRIGGER conflict_once ON jobs')
    }
  })
})

describe('what is refused, and where, and what is just allowed', () => {
  const far = new Date(Date.UTC(12_000, 0))
  test.each([
    [{ jobType: 'nothing' }, 'UNKNOWN_JOB_TYPE', 'jobType'],
    [{ jobType: 'off' }, 'JOB_TYPE_DISABLED', 'jobType'],
    [{ jobType: 'strict' }, 'INVALID_PARAMETERS', 'parameters.count'],
    [{ jobType: 'strict', parameters: { count: 1.5 } }, 'INVALID_PARAMETERS', 'parameters.count'],
    [{ jobType: 'strict', parameters: { count: 1, item: { sku: 5 } } }, 'INVALID_PARAMETERS', 'parameters.item.sku'],
    [{ jobType: 'strict', parameters: { count: 1, more: 1 } }, 'INVALID_PARAMETERS', 'parameters.more'],
    [{ jobType: 'plain', parameters: { ratio: NaN } }, 'INVALID_PARAMETERS', 'parameters.ratio'],
    [{ jobType: 'plain', parameters: { text: 'a'.repeat(256 * 1024) } }, 'TOO_LARGE', 'parameters'],
    [{ jobType: 'plain', maxRetries: -1 }, 'INVALID_INPUT', 'maxRetries'],
    [{ jobType: 'plain', maxRetries: 0.5 }, 'INVALID_INPUT', 'maxRetries'],
    [{ jobType: 'plain', timeoutSeconds: 0 }, 'INVALID_INPUT', 'timeoutSeconds'],
    [{ jobType: 'plain', timeoutSeconds: 86_401 }, 'INVALID_INPUT', 'timeoutSeconds'],
    [{ jobType: 'plain', runAt: new Date(NaN) }, 'INVALID_INPUT', 'runAt'],
    [{ jobType: 'plain', runAt: far }, 'INVALID_INPUT', 'runAt'],
    [{ jobType: 'plain', idempotencyKey: '' }, 'INVALID_INPUT', 'idempotencyKey'],
    [{ jobType: 'plain', idempotencyKey: 'nul\0' }, 'INVALID_INPUT', 'idempotencyKey'],
    [{ jobType: 'plain', idempotencyKey: 'lone \uD800' }, 'INVALID_INPUT', 'idempotencyKey'],
    [{ jobType: 'plain', parameters: { text: 'nul\0' } }, 'INVALID_PARAMETERS', 'parameters.text'],
    [{ jobType: 'plain', parameters: { text: 'lone \uD800' } }, 'INVALID_PARAMETERS', 'parameters.text'],
  ] as const)('a wrong submission (case %#) is refused with $1 at $2', async (job, reason, path) => {
    const before = await rows()
    expect(await refusal(one(db, job))).toMatchObject({ reason, data: { fields: [{ path }] } })
    const batch = submitJobs(db, {
      organizationId: world.organizationId,
      jobs: [{ jobType: 'plain', parameters: unique() }, job],
      actor: tester,
    })
    expect(await refusal(batch)).toMatchObject({ reason, data: { fields: [{ path: `jobs[1].${path}` }] } })
    expect(await rows()).toEqual(before)
  })

  test('a batch of no jobs is refused, and one of more than 1,000', async () => {
    for (const jobs of [[], Array.from({ length: 1001 }, () => ({ jobType: 'plain', parameters: unique() }))]) {
      const work = submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })
      expect(await refusal(work)).toMatchObject({ reason: 'INVALID_INPUT', data: { fields: [{ path: 'jobs' }] } })
    }
  })

  test('a batch of 1,000 jobs comes back in order', async () => {
    const jobs = Array.from({ length: 1000 }, (_, n) => ({ jobType: 'plain', parameters: { batch: n } }))
    const views = await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })
    expect(views.map(({ parameters }) => parameters)).toEqual(jobs.map(({ parameters }) => parameters))
    await db.$executeRaw`DELETE FROM dedupe_claims`
    await clearJobs(db)
  })

  test('submissions to suspended, deleted and unknown organizations are refused', async () => {
    const job = { jobType: 'plain', parameters: unique() }
    const id = world.otherOrganizationId
    const from = (organizationId: string) => refusal(submitJob(db, { organizationId, job, actor: tester }))
    try {
      await db.organization.update({ where: { id }, data: { status: 'SUSPENDED' } })
      expect((await from(id)).reason).toBe('ORGANIZATION_SUSPENDED')
      await db.organization.update({ where: { id }, data: { status: 'DELETED' } })
      expect((await from(id)).reason).toBe('NOT_FOUND')
    } finally {
      await db.organization.update({ where: { id }, data: { status: 'ACTIVE' } })
    }
    expect((await from('01900000-0000-7000-8000-000000000000')).reason).toBe('NOT_FOUND')
  })

  test('a submission with several faults is refused for the first of these: job type, parameters, idempotency, duplicate', async () => {
    await submit(world, { jobType: 'strict', parameters: { count: 1 }, idempotencyKey: 'order' })
    const reason = async (job: Parameters<typeof one>[1]) => (await refusal(one(db, job))).reason
    expect(await reason({ jobType: 'off', parameters: { x: NaN }, idempotencyKey: 'order' })).toBe('JOB_TYPE_DISABLED')
    expect(await reason({ jobType: 'strict', parameters: { count: 'x' }, idempotencyKey: 'order' })).toBe(
      'INVALID_PARAMETERS',
    )
    expect(await reason({ jobType: 'strict', parameters: { count: 1 }, maxRetries: 1, idempotencyKey: 'order' })).toBe(
      'IDEMPOTENCY_MISMATCH',
    )
    expect(await reason({ jobType: 'strict', parameters: { count: 1 }, idempotencyKey: 'other' })).toBe('DUPLICATE_JOB')
  })
})

describe('what is kept', () => {
  test('zeros in a submission are values: no retries, no window', async () => {
    const own = await submit(world, { jobType: 'plain', maxRetries: 0 })
    expect(own.maxRetries).toBe(0)
    expect((await submit(world)).maxRetries).toBe(5)
    const job = await submit(world, { jobType: 'zero', parameters: { same: true } })
    expect(job.maxRetries).toBe(0)
    const claimed = await running(world, { jobType: 'zero' })
    expect(claimed).toMatchObject({
      maxRetries: 0,
      dedupeWindowSeconds: 0,
      backoffBaseSeconds: 0,
      backoffCapSeconds: 0,
    })
    await finish(world, ends.complete(claimed))
  })

  test('a submitted job has the defaults of its type, and what the caller gives instead', async () => {
    const at = new Date(Date.now() + 3_600_000)
    const given = {
      priority: 'HIGH',
      maxRetries: 2,
      timeoutSeconds: 7,
      runAt: at,
      parameters: { a: [1, null, { b: 'ü' }] },
    } as const
    expect(await submit(world, given)).toMatchObject({
      ...given,
      status: 'PENDING',
      attempt: 0,
      failures: 0,
      submittedBy: tester,
    })
    expect(await submit(world)).toMatchObject({
      priority: 'NORMAL',
      maxRetries: 5,
      timeoutSeconds: 300,
      jobTypeVersion: 1,
    })
  })

  test('a job keeps the version of its type that it was submitted with', async () => {
    const config = await db.jobTypeVersion.findFirstOrThrow({ where: { jobType: 'zero' } })
    const { id } = await submit(world, { jobType: 'zero' })
    await db.jobTypeVersion.create({
      data: {
        jobType: 'zero',
        version: 2,
        config: { ...(config.config as object), backoffBaseSeconds: 9 },
        createdBy: {},
      },
    })
    await db.jobType.update({ where: { name: 'zero' }, data: { version: 2, maxRetries: 3 } })
    try {
      expect(await submit(world, { jobType: 'zero' })).toMatchObject({ jobTypeVersion: 2, maxRetries: 3 })
      expect(await getJob(db, id, { all: true })).toMatchObject({ jobTypeVersion: 1, maxRetries: 0 })
    } finally {
      await db.jobType.update({ where: { name: 'zero' }, data: { version: 1, maxRetries: 0 } })
    }
  })

  test('a job with a later run time is not dispatched before that time', async () => {
    const { id } = await submit(world, { runAt: new Date(Date.now() + 3_600_000), priority: 'CRITICAL' })
    expect(await dispatch(world, id)).toBeUndefined()
    // It is due. An hour is more than the head start of any priority, by which a rank lies before the due time.
    await db.$executeRaw`UPDATE jobs SET run_at = now(), rank_at = now() - interval '1 hour' WHERE id = ${id}::uuid`
    expect(await dispatch(world, id)).toBe(1)
  })
})
