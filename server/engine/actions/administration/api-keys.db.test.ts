import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
  contest,
  dispatch,
  ends,
  finish,
  history,
  holding,
  openWorld,
  read,
  refusal,
  tester,
  unique,
  workerId,
} from '@/testing/engine'
import { hashApiKey, isApiKey } from '../../domain/api-key'
import type { Actor } from '../../domain/types'
import { claimJobs, createApiKey, listJobs, revokeApiKey, submitJob, submitJobs, sweepRevokedKeys } from '../../index'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 4 })
let admin: Actor

beforeAll(async () => {
  const userId = uuidv7()
  await db.user.create({ data: { id: userId, email: 'ada@example.com' } })
  await db.person.create({
    data: {
      id: uuidv7(),
      userId,
      name: 'Ada',
      memberships: { create: { organizationId: world.organizationId, role: 'ADMIN' } },
    },
  })
  admin = { type: 'user', id: userId, name: 'Ada' }
})
beforeEach(() => clearJobs(db))
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const create = async (name = 'orders') => {
  const { organizationId } = world
  const { apiKey, key } = await createApiKey(db, {
    organizationId,
    name,
    role: 'OPERATOR',
    actor: admin,
    address: '203.0.113.9',
    reason: 'new service',
  })
  return { apiKey, key, actor: { type: 'key', id: apiKey.id, name } satisfies Actor }
}
const submitAs = async (actor: Actor) =>
  (
    await submitJob(db, {
      organizationId: world.organizationId,
      job: { jobType: 'plain', parameters: unique() },
      actor,
    })
  ).id
const submitManyAs = (actor: Actor, count: number) =>
  submitJobs(db, {
    organizationId: world.organizationId,
    jobs: Array.from({ length: count }, () => ({ jobType: 'plain', parameters: unique() })),
    actor,
  })
const revoke = (apiKeyId: string, waitingJobs?: 'cancel' | 'transfer', actor = admin) =>
  revokeApiKey(db, {
    organizationId: world.organizationId,
    apiKeyId,
    waitingJobs,
    actor,
    address: '203.0.113.9',
    reason: 'leaked',
  })
const submittedBy = async (jobId: string) => {
  const { submittedByType, submittedById, submittedByName } = await read(world, jobId)
  return { type: submittedByType.toLowerCase(), id: submittedById, name: submittedByName }
}
const waiting = (actor: Actor) => db.job.count({ where: { submittedById: actor.id, status: 'PENDING' } })

describe('a new key', () => {
  test('a new API key is in the answer, its hash is in the database, and the key is not in the audit', async () => {
    const { apiKey, key } = await create()
    expect(isApiKey(key)).toBe(true)
    const row = await db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })
    expect(Buffer.from(row.hash)).toEqual(hashApiKey(key))
    const [event] = await db.auditEvent.findMany({ where: { targetId: apiKey.id } })
    expect(event).toMatchObject({
      action: 'apiKey.create',
      actorName: 'Ada',
      address: '203.0.113.9',
      reason: 'new service',
      after: { name: 'orders', role: 'OPERATOR' },
    })
    expect(JSON.stringify([event, apiKey])).not.toContain(key.slice(0, 20))
  })

  test('an API key is refused with a role that does not go with its place, with an expiry in the past, and for an organization that does not exist', async () => {
    const given = { name: 'x', actor: admin, address: null }
    const fields = async (work: Promise<unknown>) => (await refusal(work)).data.fields?.map(({ path }) => path)
    expect(await fields(createApiKey(db, { ...given, organizationId: null, role: 'ADMIN' }))).toEqual(['role'])
    expect(
      await fields(createApiKey(db, { ...given, organizationId: world.organizationId, role: 'SYSTEM_ADMIN' })),
    ).toEqual(['role'])
    expect(
      await fields(
        createApiKey(db, {
          ...given,
          organizationId: world.organizationId,
          role: 'VIEWER',
          expiresAt: new Date(Date.now() - 1000),
        }),
      ),
    ).toEqual(['expiresAt'])
    expect((await refusal(createApiKey(db, { ...given, organizationId: uuidv7(), role: 'VIEWER' }))).reason).toBe(
      'NOT_FOUND',
    )
  })
})

describe('a key that is revoked', () => {
  test('revoking a key with waiting jobs is refused until the call says what becomes of them, and the refusal says how many there are', async () => {
    const { apiKey, actor } = await create()
    await submitManyAs(actor, 3)
    const refused = await refusal(revoke(apiKey.id))
    expect(refused).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'waitingJobs' }] },
      message: expect.stringContaining('3 jobs'),
    })
    expect((await db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })).revokedAt).toBeNull()
  })

  test('jobs of a revoked key are canceled by the actor who revoked it, running jobs go on, and their retries do not start', async () => {
    const { apiKey, actor } = await create()
    const runs = await submitAs(actor)
    const number = (await dispatch(world, runs))!
    const [claimed] = await claimJobs(db, workerId, [{ jobId: runs, dispatch: number }])
    const waits = await submitAs(actor)
    const others = await submitAs(tester)
    expect(await revoke(apiKey.id, 'cancel')).toMatchObject({ jobs: 1, apiKey: { revokedBy: admin } })
    expect(await read(world, waits)).toMatchObject({
      status: 'CANCELED',
      canceledBy: admin,
      cancelReason: 'API key “orders” was revoked',
    })
    expect(await read(world, others)).toMatchObject({ status: 'PENDING' })
    await finish(world, ends.fail(claimed!, 0))
    const again = (await dispatch(world, runs))!
    await claimJobs(db, workerId, [{ jobId: runs, dispatch: again }])
    expect(await read(world, runs)).toMatchObject({
      status: 'DEAD_LETTER',
      errorMessage: 'submitter no longer permitted',
    })
    expect(
      await db.auditEvent.findFirst({ where: { action: 'apiKey.cancelJobs', targetId: apiKey.id } }),
    ).toMatchObject({ after: { canceled: [waits] }, reason: 'leaked' })
  })

  test('jobs of a revoked key that are transferred belong to the actor who revoked it, also in lists, and run', async () => {
    const { apiKey, actor } = await create()
    const waits = await submitAs(actor)
    expect(await revoke(apiKey.id, 'transfer')).toMatchObject({ jobs: 1 })
    expect(await submittedBy(waits)).toEqual(admin)
    const { items } = await listJobs(
      db,
      { filter: { submittedById: admin.id! }, limit: 10 },
      { organizationIds: [world.organizationId] },
    )
    expect(items.map(({ id }) => id)).toEqual([waits])
    expect(
      await db.auditEvent.findFirst({ where: { action: 'apiKey.transferJobs', targetId: apiKey.id } }),
    ).toMatchObject({ before: { submittedBy: actor }, after: { submittedBy: admin, jobs: [waits] } })
    const number = (await dispatch(world, waits))!
    expect(await claimJobs(db, workerId, [{ jobId: waits, dispatch: number }])).toHaveLength(1)
    expect(await history(world, waits)).toEqual(['PENDING', 'QUEUED', 'RUNNING'])
  })

  test('when a key with many jobs is revoked, the first jobs change at once and the others by the sweep, and none is lost', async () => {
    const { apiKey, actor } = await create()
    await submitManyAs(actor, 700)
    await revoke(apiKey.id, 'transfer')
    expect(await waiting(admin)).toBe(500)
    // A job that is to pass on may start before it has passed on.
    const left = await db.job.findFirstOrThrow({ where: { submittedById: actor.id }, orderBy: { id: 'asc' } })
    const number = (await dispatch(world, left.id))!
    expect(await claimJobs(db, workerId, [{ jobId: left.id, dispatch: number }])).toHaveLength(1)
    expect(await sweepRevokedKeys(db)).toBe(200)
    expect(await db.job.count({ where: { submittedById: admin.id } })).toBe(700)
    expect(await db.jobInput.count({ where: { submittedById: admin.id } })).toBe(700)
    expect(await submittedBy(left.id)).toEqual(admin)
  })

  test('a locked job of a revoked key keeps back neither the other jobs nor the sweep', async () => {
    const { apiKey, actor } = await create()
    await revoke(apiKey.id, 'cancel')
    // The engine still takes jobs in the name of the key: whether it is revoked is checked where a call arrives.
    const [held, free] = [await submitAs(actor), await submitAs(actor)]
    await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE', [held], async () => {
      expect(await sweepRevokedKeys(db)).toBe(1)
      return []
    })
    expect((await read(world, free)).status).toBe('CANCELED')
    expect((await read(world, held)).status).toBe('PENDING')
    expect(await sweepRevokedKeys(db)).toBe(1)
    expect((await read(world, held)).status).toBe('CANCELED')
  })

  test('a submission that was open when its key was revoked is dealt with too, and after a minute the key is finished', async () => {
    const { apiKey, actor } = await create()
    await submitAs(actor)
    await revoke(apiKey.id, 'cancel')
    // As if this submission had begun before the revocation.
    const late = await submitAs(actor)
    expect(await sweepRevokedKeys(db)).toBe(1)
    expect(await read(world, late)).toMatchObject({ status: 'CANCELED' })
    const state = () => db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id }, select: { waitingJobs: true } })
    await sweepRevokedKeys(db)
    expect(await state()).toEqual({ waitingJobs: 'CANCEL' })
    await db.apiKey.update({ where: { id: apiKey.id }, data: { revokedAt: new Date(Date.now() - 61_000) } })
    await sweepRevokedKeys(db)
    expect(await state()).toEqual({ waitingJobs: null })
  })

  test('a key that revokes itself can only cancel its jobs', async () => {
    const { apiKey, actor } = await create()
    await submitAs(actor)
    expect((await refusal(revoke(apiKey.id, 'transfer', actor))).data.fields).toMatchObject([
      { path: 'waitingJobs', message: expect.stringContaining('itself') },
    ])
    expect(await revoke(apiKey.id, 'cancel', actor)).toMatchObject({ jobs: 1 })
  })

  test('revoking a key twice at once is one revocation with one audit event', async () => {
    const { apiKey } = await create()
    await Promise.all([revoke(apiKey.id), revoke(apiKey.id)])
    const first = await db.apiKey.findUniqueOrThrow({ where: { id: apiKey.id } })
    expect((await revoke(apiKey.id)).apiKey.revokedAt).toEqual(first.revokedAt)
    expect(await db.auditEvent.count({ where: { action: 'apiKey.revoke', targetId: apiKey.id } })).toBe(1)
  })

  test('a locked job does not make the revocation wait, and is transferred by the next sweep', async () => {
    const { apiKey, actor } = await create()
    const held = await submitAs(actor)
    await contest(world, held, [
      async () => {
        await revoke(apiKey.id, 'transfer')
        // This transaction waits for the row, so that the two really meet.
        await db.$executeRaw`SELECT 1 FROM jobs WHERE id = ${held}::uuid FOR UPDATE`
      },
    ])
    expect(await submittedBy(held)).toEqual(actor)
    expect(await sweepRevokedKeys(db)).toBe(1)
    expect(await submittedBy(held)).toEqual(admin)
  })
})
