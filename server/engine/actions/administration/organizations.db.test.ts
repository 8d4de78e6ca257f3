import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Db } from '@/server/db'
import {
  dispatch,
  ends,
  finish,
  history,
  openWorld,
  read,
  refusal,
  start,
  tester,
  unique,
  workerId,
} from '@/testing/engine'
import {
  claimJobs,
  deleteOrganization,
  dispatchJobs,
  getJob,
  resumeOrganization,
  submitJob,
  submitJobs,
  suspendOrganization,
  sweepDeletedOrganizations,
  type SubmitInput,
} from '../../index'
import { checkInvariants } from '../../invariants'
import { rowsRead } from '../../store/reads/rows-read.fixture'
import { CHANNELS } from '../../store/signals'

const { database, db, world } = await openWorld({ max: 4 })
let organizationId: string

beforeEach(async () => {
  organizationId = uuidv7()
  await db.organization.create({ data: { id: organizationId, name: 'Initech', slug: `initech-${organizationId}` } })
})
afterEach(async () => expect(await checkInvariants(db)).toEqual([]))

const by = { actor: tester, address: '10.0.0.7' }
const submit = (job: Partial<SubmitInput> = {}) =>
  submitJob(db, { organizationId, job: { jobType: 'plain', parameters: unique(), ...job }, actor: tester })
const audit = () => db.auditEvent.findMany({ where: { organizationId }, orderBy: { id: 'asc' } })

describe('suspended', () => {
  test('nothing of a suspended organization is submitted or dispatched until it is resumed, and both acts are audited', async () => {
    const { id } = await submit()
    expect(await suspendOrganization(db, { organizationId, reason: 'unpaid', ...by })).toMatchObject({
      status: 'SUSPENDED',
      suspendReason: 'unpaid',
      suspendedAt: expect.any(Date),
      deletedAt: null,
    })
    expect((await refusal(submit())).reason).toBe('ORGANIZATION_SUSPENDED')
    expect(await dispatch(world, id)).toBeUndefined()
    expect(await resumeOrganization(db, { organizationId, reason: 'paid', ...by })).toMatchObject({
      status: 'ACTIVE',
      suspendReason: null,
      suspendedAt: null,
    })
    expect(await dispatch(world, id)).toBe(1)
    expect(await audit()).toMatchObject([
      {
        action: 'organization.suspend',
        reason: 'unpaid',
        before: { status: 'ACTIVE' },
        after: { status: 'SUSPENDED', suspendReason: 'unpaid' },
        targetId: organizationId,
        address: '10.0.0.7',
      },
      { action: 'organization.resume', reason: 'paid', before: { status: 'SUSPENDED' }, after: { status: 'ACTIVE' } },
    ])
  })

  test('suspending an organization twice keeps its time and reason, and is audited once', async () => {
    const first = await suspendOrganization(db, { organizationId, reason: 'one', ...by })
    expect(await suspendOrganization(db, { organizationId, reason: 'two', ...by })).toEqual(first)
    await resumeOrganization(db, { organizationId, ...by })
    await resumeOrganization(db, { organizationId, ...by })
    expect((await audit()).map(({ action }) => action)).toEqual(['organization.suspend', 'organization.resume'])
  })

  test('a suspension in the caller’s transaction is rolled back with it', async () => {
    await expect(
      db.$transaction(async (tx) => {
        await suspendOrganization(tx, { organizationId, ...by })
        throw new Error('the caller fails')
      }),
    ).rejects.toThrow('the caller fails')
    expect(await db.organization.findUnique({ where: { id: organizationId } })).toMatchObject({
      status: 'ACTIVE',
      suspendedAt: null,
    })
    expect(await audit()).toEqual([])
  })
})

describe('deleted', () => {
  test('waiting jobs of a deleted organization end in DEAD_LETTER "Organization not found", and free their hashes', async () => {
    const pending = await submit()
    const failed = await submit()
    await finish(world, ends.fail(await start(world, failed.id)))
    const timedOut = await submit()
    await finish(world, ends.timeOut(await start(world, timedOut.id)))
    const later = await submit({ runAt: new Date(Date.now() + 3_600_000) })
    const queued = await submit()
    await dispatch(world, queued.id)
    const done = await submit()
    await finish(world, ends.complete(await start(world, done.id)))

    const gone = await deleteOrganization(db, { organizationId, reason: 'left', ...by })
    expect(gone).toMatchObject({ status: 'DELETED', deletedAt: expect.any(Date) })
    expect(await dispatch(world, pending.id)).toBeUndefined()
    expect(await sweepDeletedOrganizations(db)).toBe(5)
    for (const { id } of [pending, failed, timedOut, later, queued]) {
      expect(await read(world, id)).toMatchObject({
        status: 'DEAD_LETTER',
        errorMessage: 'Organization not found',
        errorClass: 'PERMANENT',
        nextRetryAt: null,
      })
    }
    expect((await read(world, done.id)).status).toBe('COMPLETED')
    expect(await db.dedupeClaim.count({ where: { organizationId, jobId: { not: done.id } } })).toBe(0)
    expect(await sweepDeletedOrganizations(db)).toBe(0)
    expect(await audit()).toMatchObject([
      { action: 'organization.delete', reason: 'left', before: { status: 'ACTIVE' }, after: { status: 'DELETED' } },
    ])
  })

  test('running jobs of a deleted organization are condemned and workers are told which, even when they are more than one signal can carry', async () => {
    const listener = new Client({ connectionString: database.url })
    await listener.connect()
    const told: string[] = []
    listener.on('notification', ({ payload }) => told.push(...(JSON.parse(payload!) as { cancel: string[] }).cancel))
    await listener.query(`LISTEN ${CHANNELS.signal}`)
    const jobs = Array.from({ length: 400 }, () => ({ jobType: 'plain', parameters: unique() }))
    const ids = (await submitJobs(db, { organizationId, jobs, actor: tester })).map(({ id }) => id).sort()
    const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 500))
    expect(claimed.map(({ jobId }) => jobId).sort()).toEqual(ids)
    await deleteOrganization(db, { organizationId, ...by })
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(400)
    expect([...told].sort()).toEqual(ids)
    expect(
      await db.job.count({ where: { id: { in: ids }, status: 'RUNNING', condemned: 'Organization not found' } }),
    ).toBe(400)
    await listener.end()
  })

  test('a job that started while its organization was being deleted is condemned by the sweep', async () => {
    const claimed = await start(world, (await submit()).id)
    await db.organization.update({ where: { id: organizationId }, data: { status: 'DELETED', deletedAt: new Date() } })
    expect(await sweepDeletedOrganizations(db)).toBe(1)
    expect(await read(world, claimed.jobId)).toMatchObject({ status: 'RUNNING', condemned: 'Organization not found' })
    expect(await sweepDeletedOrganizations(db)).toBe(0)
  })

  test('a condemned attempt ends in DEAD_LETTER, whatever it reports', async () => {
    const claimed = await start(world, (await submit()).id)
    await deleteOrganization(db, { organizationId, ...by })
    await finish(world, ends.complete(claimed))
    expect(await read(world, claimed.jobId)).toMatchObject({
      status: 'DEAD_LETTER',
      errorMessage: 'Organization not found',
      condemned: null,
    })
    expect(await history(world, claimed.jobId)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'DEAD_LETTER'])
  })

  test('jobs that waited and jobs that ran when their organization was deleted die of one cause', async () => {
    const waiting = await submit()
    const claimed = await start(world, (await submit()).id)
    const queued = await submit()
    const number = await dispatch(world, queued.id)
    await deleteOrganization(db, { organizationId, ...by })
    await claimJobs(db, workerId, [{ jobId: queued.id, dispatch: number! }])
    await finish(world, ends.complete(claimed))
    await sweepDeletedOrganizations(db)
    const dead = await Promise.all([waiting.id, claimed.jobId, queued.id].map((id) => read(world, id)))
    expect(dead.map(({ status }) => status)).toEqual(['DEAD_LETTER', 'DEAD_LETTER', 'DEAD_LETTER'])
    expect(new Set(dead.map(({ errorFingerprint }) => errorFingerprint))).toEqual(new Set(['Organization not found']))
  })

  test('the sweep of deleted organizations passes over locked jobs, and takes them the next time', async () => {
    const jobs = await Promise.all(Array.from({ length: 3 }, () => submit()))
    await db.$executeRaw`UPDATE organizations SET status = 'DELETED', deleted_at = now() WHERE id = ${organizationId}::uuid`
    const holder = new Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [jobs[1]!.id])
    expect(await sweepDeletedOrganizations(db)).toBe(2)
    await holder.query('COMMIT')
    await holder.end()
    expect(await sweepDeletedOrganizations(db)).toBe(1)
  })

  test('the sweep of deleted organizations reads no more where there are thousands that are not deleted', async () => {
    const pages = async () => (await rowsRead(db, (tx) => sweepDeletedOrganizations(tx as Db), 'worker')).pages
    await db.$executeRaw`ANALYZE organizations`
    const before = await pages()
    await db.$executeRaw`
      INSERT INTO organizations (id, name, slug) SELECT gen_random_uuid(), 'Many ' || n, 'many-' || n FROM generate_series(1, 5000) n`
    await db.$executeRaw`ANALYZE organizations`
    expect((await pages()) - before).toBeLessThan(20)
    await db.$executeRaw`DELETE FROM organizations WHERE slug LIKE 'many-%'`
  })

  test('a deleted organization is gone for its members, for ever', async () => {
    const { id } = await submit()
    const gone = await deleteOrganization(db, { organizationId, ...by })
    expect((await refusal(getJob(db, id, { organizationIds: [organizationId] }))).reason).toBe('NOT_FOUND')
    for (const act of [suspendOrganization, resumeOrganization]) {
      expect(await refusal(act(db, { organizationId, ...by }))).toMatchObject({
        reason: 'ILLEGAL_TRANSITION',
        data: { from: 'DELETED' },
      })
    }
    expect(await deleteOrganization(db, { organizationId, ...by })).toEqual(gone)
    expect((await refusal(deleteOrganization(db, { organizationId: uuidv7(), ...by }))).reason).toBe('NOT_FOUND')
    await sweepDeletedOrganizations(db)
  })
})
