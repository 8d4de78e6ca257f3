import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Tx } from '@/server/db'
import { clearJobs, ends, finish, openWorld, refusal, running, submit, tester, unique } from '@/testing/engine'
import {
  cancelJob,
  deleteJob,
  deleteOrganization,
  dispatchJobs,
  pause,
  resume,
  resumeOrganization,
  retryJob,
  submitJob,
  submitJobs,
  suspendOrganization,
  CHANNELS,
} from '../../index'
import { cancelJobs } from '../jobs/cancel'
import { checkInvariants } from '../../invariants'
import { inTransaction } from '../../store/transaction'

// Rule 4.1: every engine function works in its caller's transaction and never ends it.

const { database, db, world } = await openWorld({ max: 5 })
let listener: Client
const heard: string[] = []

beforeAll(async () => {
  // With a limit, submissions write admissions, too.
  await db.jobType.update({ where: { name: 'plain' }, data: { rateLimitCount: 1000, rateLimitWindowSeconds: 60 } })
  await db.$executeRaw`CREATE TABLE orders (id int PRIMARY KEY)`
  listener = new Client({ connectionString: database.url })
  await listener.connect()
  listener.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`))
  await listener.query(
    Object.values(CHANNELS)
      .map((channel) => `LISTEN ${channel}`)
      .join('; '),
  )
})
afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM orders`
})
afterAll(async () => {
  await listener?.end()
})

/** The rows of every table in which a call could leave something. */
async function everything(): Promise<unknown> {
  const tables = [
    'jobs',
    'job_inputs',
    'job_dependencies',
    'execution_logs',
    'dedupe_claims',
    'idempotency_keys',
    'rate_admissions',
    'usage_deltas',
    'organization_usage',
    'audit_events',
    'pauses',
    'organizations',
    'discarded_files',
    'orders',
  ]
  const all: Record<string, unknown> = {}
  for (const table of tables) {
    const [row] = await db.$queryRawUnsafe<{ rows: string }[]>(
      `SELECT COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '') AS rows FROM ${table} t`,
    )
    all[table] = row!.rows
  }
  return all
}

/** The signals so far. One round trip on the listener's connection brings those that are on their way. */
async function listen(): Promise<string[]> {
  await listener.query('SELECT 1')
  return heard.splice(0)
}

/** Does some work in a savepoint, as each engine function does in its caller's transaction. */
const within = (tx: Tx, work: (tx: Tx) => Promise<unknown>) => inTransaction(tx, work)

test('a call within a call that fails undoes what the outer call did, and keeps what was done before', async () => {
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`INSERT INTO orders VALUES (1)`
    const failing = within(tx, async () => {
      await tx.$executeRaw`INSERT INTO orders VALUES (2)`
      await within(tx, async () => {
        await tx.$executeRaw`INSERT INTO orders VALUES (3)`
        throw new Error('the inner one fails')
      })
    })
    await expect(failing).rejects.toThrow('the inner one fails')
    // A call that fails and is caught in between does not undo the outer call's work.
    await within(tx, async () => {
      await tx.$executeRaw`INSERT INTO orders VALUES (4)`
      await within(tx, () => Promise.reject(new Error('caught'))).catch(() => undefined)
    })
  })
  expect(await db.$queryRaw`SELECT id FROM orders ORDER BY id`).toEqual([{ id: 1 }, { id: 4 }])
})

const job = (more = {}) => ({ jobType: 'plain', parameters: unique(), ...more })
const organization = () => ({ organizationId: world.organizationId, actor: tester, address: null })
async function deadWithChild() {
  const parent = await submit(world)
  const child = await submit(world, { dependsOn: [parent.id] })
  await cancelJob(db, { jobId: parent.id, actor: tester })
  return { parent: parent.id, child: child.id }
}
async function ended(): Promise<string> {
  const claimed = await running(world)
  await finish(world, ends.complete(claimed))
  return claimed.jobId
}

/** Each call prepares what it needs, and returns the function that does it. */
const calls: [string, () => Promise<(tx: Tx) => Promise<unknown>>][] = [
  [
    'submitJob',
    async () => (tx) =>
      submitJob(tx, { organizationId: world.organizationId, actor: tester, job: job({ idempotencyKey: 'key' }) }),
  ],
  [
    'submitJobs',
    async () => (tx) =>
      submitJobs(tx, {
        organizationId: world.organizationId,
        actor: tester,
        jobs: [job({ ref: 'a' }), job({ dependsOn: ['a'] })],
      }),
  ],
  [
    'submitJob with a parent',
    async () => {
      const { id } = await submit(world)
      return (tx) =>
        submitJob(tx, { organizationId: world.organizationId, actor: tester, job: job({ dependsOn: [id] }) })
    },
  ],
  [
    'cancelJob of a waiting job and its descendants',
    async () => {
      const parent = await submit(world)
      await submit(world, { dependsOn: [parent.id] })
      return (tx) => cancelJob(tx, { jobId: parent.id, actor: tester, reason: 'no' })
    },
  ],
  [
    'cancelJob of a running job',
    async () => {
      const { jobId } = await running(world)
      return (tx) => cancelJob(tx, { jobId, actor: tester })
    },
  ],
  [
    'cancelJobs',
    async () => {
      const jobIds = [(await submit(world)).id, (await running(world)).jobId]
      return (tx) => cancelJobs(tx, { jobIds, actor: tester })
    },
  ],
  [
    'retryJob with a revival',
    async () => {
      const { parent } = await deadWithChild()
      return (tx) => retryJob(tx, { jobId: parent, actor: tester })
    },
  ],
  [
    'deleteJob',
    async () => {
      const jobId = await ended()
      return (tx) => deleteJob(tx, { jobId, actor: tester, address: null })
    },
  ],
  [
    'pause',
    async () => (tx) => pause(tx, { scope: { kind: 'platform' }, reason: 'now', actor: tester, address: null }),
  ],
  [
    'resume',
    async () => {
      await pause(db, { scope: { kind: 'platform' }, reason: 'now', actor: tester, address: null })
      return (tx) => resume(tx, { scope: { kind: 'platform' }, actor: tester, address: null })
    },
  ],
  ['suspendOrganization', async () => (tx) => suspendOrganization(tx, organization())],
  [
    'deleteOrganization',
    async () => {
      await running(world)
      return (tx) => deleteOrganization(tx, organization())
    },
  ],
]

describe('a caller that throws or commits after the call', () => {
  test.each(calls)(
    '%s in a caller’s transaction that throws leaves nothing, and no signal is sent',
    async (_, prepare) => {
      const call = await prepare()
      await listen()
      const before = await everything()
      const eligible = (await dispatchable()).sort()
      const work = db.$transaction(async (tx) => {
        await tx.$executeRaw`INSERT INTO orders VALUES (1)`
        await call(tx)
        throw new Error('the caller changed its mind')
      })
      await expect(work).rejects.toThrow('the caller changed its mind')
      expect(await everything()).toEqual(before)
      expect(await listen()).toEqual([])
      expect((await dispatchable()).sort()).toEqual(eligible)
    },
  )

  test.each(calls)(
    '%s in a caller’s transaction is committed together with what the caller did',
    async (name, prepare) => {
      const call = await prepare()
      const before = await everything()
      await db.$transaction(async (tx) => {
        await tx.$executeRaw`INSERT INTO orders VALUES (1)`
        await call(tx)
        // Nothing of it can be seen outside before the commit.
        expect(await everything()).toEqual(before)
      })
      expect(await everything()).not.toEqual(before)
      expect(await db.$queryRaw`SELECT id FROM orders`).toEqual([{ id: 1 }])
      if (name.includes('Organization'))
        await db.organization.update({
          where: { id: world.organizationId },
          data: { status: 'ACTIVE', deletedAt: null, suspendedAt: null, suspendReason: null },
        })
      // The organization is there again, so no job of it is condemned.
      await db.$executeRaw`UPDATE jobs SET condemned = NULL WHERE condemned IS NOT NULL`
    },
  )
})

/** The jobs that a dispatcher would take. They are not taken. */
async function dispatchable(): Promise<string[]> {
  const rows = await db.$queryRaw<
    { id: string }[]
  >`SELECT id FROM jobs WHERE status IN ('PENDING', 'FAILED', 'TIMED_OUT') AND pending_parents = 0`
  return rows.map(({ id }) => id)
}

test('a refusal that the caller catches undoes that call alone', async () => {
  const taken = job()
  await submitJob(db, { organizationId: world.organizationId, actor: tester, job: taken })
  const before = await db.rateAdmission.count()
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`INSERT INTO orders VALUES (2)`
    const batch = submitJobs(tx, {
      organizationId: world.organizationId,
      actor: tester,
      jobs: [job({ idempotencyKey: 'first' }), taken],
    })
    expect((await refusal(batch)).reason).toBe('DUPLICATE_JOB')
    await submitJob(tx, { organizationId: world.organizationId, actor: tester, job: job() })
  })
  expect(await db.$queryRaw`SELECT id FROM orders`).toEqual([{ id: 2 }])
  expect(await db.job.count()).toBe(2)
  expect(await db.idempotencyKey.count()).toBe(0)
  expect(await db.rateAdmission.count()).toBe(before + 1)
})

test('a job that a transaction submits is dispatched after its commit and not before', async () => {
  await listen()
  await db.$transaction(async (tx) => {
    await submitJob(tx, { organizationId: world.organizationId, actor: tester, job: job() })
    expect(await dispatchJobs(db, 'INLINE', 10)).toEqual([])
    expect(await listen()).toEqual([])
  })
  expect(await listen()).toContain(`jobyard_wake ${world.organizationId}`)
  expect(await dispatchJobs(db, 'INLINE', 10)).toHaveLength(1)
})

test('a suspended organization can be resumed in a caller’s transaction', async () => {
  await suspendOrganization(db, organization())
  await db.$transaction((tx) => resumeOrganization(tx, organization()))
  expect(await db.organization.findUniqueOrThrow({ where: { id: world.organizationId } })).toMatchObject({
    status: 'ACTIVE',
  })
})
