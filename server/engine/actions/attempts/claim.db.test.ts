import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Prisma } from '@/server/db'
import {
  dispatch,
  ends,
  finish,
  history,
  openWorld,
  read,
  refusal,
  running,
  submit,
  unique,
  workerId,
} from '@/testing/engine'
import { claimJobs, dispatchJobs, getJob, retryJob, submitJob } from '../../index'
import { checkInvariants } from '../../invariants'
import type { Actor } from '../../domain/types'

const { db, world } = await openWorld({ max: 4 })

afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

/** Submits a job as an actor, has it dispatched, changes something, and lets a worker claim it. */
async function claimedAfter(change: () => Promise<unknown>, actor?: Actor) {
  const job = { jobType: 'plain', parameters: unique() }
  const { id } = actor
    ? await submitJob(db, { organizationId: world.organizationId, job, actor })
    : await submit(world, job)
  const number = (await dispatch(world, id))!
  await change()
  const [claimed] = await claimJobs(db, workerId, [{ jobId: id, dispatch: number }])
  return { id, claimed, job: await read(world, id), path: await history(world, id), parameters: job.parameters }
}

const organization = (status: 'ACTIVE' | 'SUSPENDED' | 'DELETED') =>
  db.organization.update({ where: { id: world.organizationId }, data: { status } })
const type = (data: Prisma.JobTypeUpdateInput) => db.jobType.update({ where: { name: 'plain' }, data })

describe('an organization or job type that changes after the dispatch', () => {
  afterEach(async () => {
    await organization('ACTIVE')
    await type({ enabled: true, requiredRole: 'OPERATOR' })
  })

  test('a claim starts a job for which nothing has changed since its dispatch', async () => {
    expect(await claimedAfter(() => Promise.resolve())).toMatchObject({
      claimed: { attempt: 1 },
      job: { status: 'RUNNING' },
    })
  })

  test('a claim sends a job of a suspended organization back, and the job runs when the organization is resumed', async () => {
    const { id, claimed, job, path } = await claimedAfter(() => organization('SUSPENDED'))
    expect(claimed).toBeUndefined()
    expect(job).toMatchObject({ status: 'PENDING', attempt: 0, failures: 0, queuedAt: null })
    expect(path).toEqual(['PENDING', 'QUEUED', 'PENDING'])
    expect(await dispatch(world, id)).toBeUndefined()
    await organization('ACTIVE')
    expect(await dispatch(world, id)).toBe(2)
  })

  test('running jobs of a suspended organization end normally, none is retried, and members do not get the results', async () => {
    const [done, dead] = [await running(world), await running(world)]
    await organization('SUSPENDED')
    expect(await finish(world, ends.complete(done, { result: { secret: 1 } }))).toBe('written')
    expect(await finish(world, ends.dead(dead))).toBe('written')
    expect(
      (await refusal(retryJob(db, { jobId: dead.jobId, actor: { type: 'system', id: null, name: 't' } }))).reason,
    ).toBe('ORGANIZATION_SUSPENDED')
    const members = { organizationIds: [world.organizationId] }
    expect(await getJob(db, done.jobId, members)).toMatchObject({
      status: 'COMPLETED',
      result: null,
      artifacts: null,
      withheld: true,
    })
    expect(await getJob(db, done.jobId, { all: true })).toMatchObject({ result: { secret: 1 }, withheld: false })
  })

  test('a claim ends a job of a deleted organization in DEAD_LETTER "Organization not found", without a retry', async () => {
    const { id, claimed, job, path } = await claimedAfter(() => organization('DELETED'))
    expect(claimed).toBeUndefined()
    expect(job).toMatchObject({ status: 'DEAD_LETTER', errorMessage: 'Organization not found', attempt: 0 })
    expect(path).toEqual(['PENDING', 'QUEUED', 'DEAD_LETTER'])
    expect((await refusal(retryJob(db, { jobId: id, actor: { type: 'system', id: null, name: 't' } }))).reason).toBe(
      'NOT_FOUND',
    )
    expect((await refusal(getJob(db, id, { organizationIds: [world.organizationId] }))).reason).toBe('NOT_FOUND')
  })

  test('a claim sends a job of a disabled type back, and the job waits until the type is enabled', async () => {
    const { id, claimed, job } = await claimedAfter(() => type({ enabled: false }))
    expect(claimed).toBeUndefined()
    expect(job.status).toBe('PENDING')
    expect(await dispatch(world, id)).toBeUndefined()
    await type({ enabled: true })
    expect(await dispatch(world, id)).toBe(2)
  })

  test('a claim of a batch sends each job where it belongs', async () => {
    const other = await submitJob(db, {
      organizationId: world.otherOrganizationId,
      job: { jobType: 'plain', parameters: unique() },
      actor: { type: 'system', id: null, name: 't' },
    })
    const own = await submit(world)
    // This dispatches both jobs.
    const number = (await dispatch(world, own.id))!
    await organization('SUSPENDED')
    const claimed = await claimJobs(
      db,
      workerId,
      [own, other].map(({ id }) => ({ jobId: id, dispatch: number })),
    )
    expect(claimed.map(({ jobId }) => jobId)).toEqual([other.id])
    expect((await read(world, own.id)).status).toBe('PENDING')
  })
})

describe('the submitter’s right at the start', () => {
  let user: Actor
  let personId: string
  let key: Actor
  beforeEach(async () => {
    const [userId, keyId] = [uuidv7(), uuidv7()]
    personId = uuidv7()
    await db.user.create({ data: { id: userId, email: `${userId}@example.com` } })
    await db.person.create({
      data: {
        id: personId,
        userId,
        name: 'Ada',
        memberships: { create: { organizationId: world.organizationId, role: 'OPERATOR' } },
      },
    })
    await db.apiKey.create({
      data: {
        id: keyId,
        organizationId: world.organizationId,
        role: 'OPERATOR',
        name: 'key',
        prefix: 'jy',
        hash: new Uint8Array(32).map(() => Math.random() * 256),
      },
    })
    user = { type: 'user', id: userId, name: 'Ada' }
    key = { type: 'key', id: keyId, name: 'key' }
  })
  afterEach(() => type({ requiredRole: 'OPERATOR' }))
  const member = {
    get where() {
      return { organizationId_personId: { organizationId: world.organizationId, personId } }
    },
  }
  const ofUser = (data: Prisma.UserUpdateInput) => db.user.update({ where: { id: user.id! }, data })
  const ofKey = (data: Prisma.ApiKeyUpdateInput) => db.apiKey.update({ where: { id: key.id! }, data })

  test.each<[string, () => Actor, () => Promise<unknown>]>([
    ['a member with the role', () => user, () => Promise.resolve()],
    ['a member whose role rose', () => user, () => db.orgMember.update({ ...member, data: { role: 'ADMIN' } })],
    [
      'a system admin who is no member',
      () => user,
      async () => [await db.orgMember.delete(member), await ofUser({ systemAdmin: true })],
    ],
    ['a key', () => key, () => Promise.resolve()],
    ['a key that has expired meanwhile', () => key, () => ofKey({ expiresAt: new Date(0) })],
  ])('a job of %s is started by a claim', async (_, actor, change) => {
    expect(await claimedAfter(change, actor())).toMatchObject({ claimed: { attempt: 1 }, job: { status: 'RUNNING' } })
  })

  test.each<[string, () => Actor | Promise<Actor>, () => Promise<unknown>]>([
    ['a member who was removed', () => user, () => db.orgMember.delete(member)],
    [
      'a member whose role is not enough any more',
      () => user,
      () => db.orgMember.update({ ...member, data: { role: 'VIEWER' } }),
    ],
    ['a user who was disabled', () => user, () => ofUser({ disabledAt: new Date() })],
    ['a user who was deleted', () => user, () => db.user.delete({ where: { id: user.id! } })],
    [
      'a system admin without a membership, who is no system admin any more',
      async () => {
        await db.orgMember.delete(member)
        await ofUser({ systemAdmin: true })
        return user
      },
      () => ofUser({ systemAdmin: false }),
    ],
    ['a member where the type now needs more', () => user, () => type({ requiredRole: 'ADMIN' })],
    ['a key that was revoked', () => key, () => ofKey({ revokedAt: new Date() })],
    ['a key whose role is not enough any more', () => key, () => ofKey({ role: 'VIEWER' })],
    ['a key where the type now needs more', () => key, () => type({ requiredRole: 'ADMIN' })],
    [
      'a key of another organization',
      () => key,
      () => ofKey({ organization: { connect: { id: world.otherOrganizationId } } }),
    ],
    ['a key that was deleted', () => key, () => db.apiKey.delete({ where: { id: key.id! } })],
  ])('a job of %s ends in DEAD_LETTER when it is claimed, and its hash is free', async (_, actor, change) => {
    const { claimed, job, path, parameters } = await claimedAfter(change, await actor())
    expect(claimed).toBeUndefined()
    expect(job).toMatchObject({
      status: 'DEAD_LETTER',
      errorMessage: 'submitter no longer permitted',
      errorClass: 'PERMANENT',
      failures: 0,
      attempt: 0,
    })
    expect(path).toEqual(['PENDING', 'QUEUED', 'DEAD_LETTER'])
    expect((await submit(world, { parameters })).status).toBe('PENDING')
  })
})

test('jobs of several versions of a type that are claimed together each go by the settings of their own version', async () => {
  const { config, createdBy } = await db.jobTypeVersion.findUniqueOrThrow({
    where: { jobType_version: { jobType: 'plain', version: 1 } },
  })
  const changed = { ...(config as Prisma.JsonObject), backoffBaseSeconds: 7, dedupeWindowSeconds: 11 }
  await db.jobTypeVersion.create({
    data: { jobType: 'plain', version: 2, config: changed, createdBy: createdBy as Prisma.JsonObject },
  })
  // Jobs of earlier tests that wait are dispatched before.
  await dispatchJobs(db, 'INLINE', 500)
  const [first, second, third, fourth] = await Promise.all(Array.from({ length: 4 }, () => submit(world)))
  await db.job.updateMany({ where: { id: { in: [second!.id, fourth!.id] } }, data: { jobTypeVersion: 2 } })
  const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 4))
  const settingsOf = (id: string) => {
    const { handler, backoffBaseSeconds, dedupeWindowSeconds } = claimed.find(({ jobId }) => jobId === id)!
    return { handler, backoffBaseSeconds, dedupeWindowSeconds }
  }
  const { handler, backoffBaseSeconds, dedupeWindowSeconds } = config as Record<string, unknown>
  for (const id of [first!.id, third!.id])
    expect(settingsOf(id)).toEqual({ handler, backoffBaseSeconds, dedupeWindowSeconds })
  for (const id of [second!.id, fourth!.id])
    expect(settingsOf(id)).toEqual({ handler, backoffBaseSeconds: 7, dedupeWindowSeconds: 11 })
})
