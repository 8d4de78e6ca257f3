import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDb } from '@/server/db'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  history,
  holding,
  openWorld,
  read,
  refusal,
  running,
  start,
  submit,
  tester,
  unique,
} from '@/testing/engine'
import {
  abortBulk,
  cancelJob,
  countJobs,
  dispatchJobs,
  getBulk,
  listJobs,
  pruneBulks,
  resumeOrganization,
  retryJob,
  runBulks,
  skippedItems,
  startBulk,
  submitJob,
  submitJobs,
  suspendOrganization,
  type ActKind,
  type BulkView,
  type SubmitInput,
} from '../../index'
import { beginBulk, type BulkRequest } from './bulk'
import { checkInvariants } from '../../invariants'

const { database, db, world } = await openWorld({ max: 20 })

beforeEach(async () => {
  await db.$executeRaw`DELETE FROM bulk_actions`
  await clearJobs(db)
})
afterEach(async () => expect(await checkInvariants(db, { quiet: true })).toEqual([]))

const ask = (kind: ActKind, selection: BulkRequest['selection'], more: Partial<BulkRequest> = {}) =>
  startBulk(db, {
    kind,
    organizationId: world.organizationId,
    selection,
    role: 'ADMIN',
    actor: tester,
    address: '203.0.113.9',
    ...more,
  })
const scope = () => ({ organizationIds: [world.organizationId] })
const all = { filter: {} }
/** Makes so many new jobs, and returns them in the order of their ids. */
async function many(count: number, job: Partial<SubmitInput> = {}): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < count; at += 1000) {
    const jobs = Array.from({ length: Math.min(1000, count - at) }, () => ({
      jobType: 'plain',
      parameters: unique(),
      ...job,
    }))
    ids.push(
      ...(await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })).map(({ id }) => id),
    )
  }
  return ids.sort()
}
async function runToEnd(bulkId: string): Promise<BulkView> {
  for (;;) {
    await runBulks(db, { forMs: 60_000 })
    const bulk = await getBulk(db, bulkId, scope())
    if (bulk.status !== 'RUNNING') return bulk
  }
}
const countOf = (status: string) =>
  db.job.count({ where: { organizationId: world.organizationId, status: status as 'CANCELED' } })
const dead = async (job: Partial<SubmitInput> = {}) => {
  const claimed = await running(world, job)
  await finish(world, ends.dead(claimed))
  return claimed.jobId
}

describe('a few hundred', () => {
  test('a few hundred jobs are canceled within the call', async () => {
    const ids = await many(450)
    await cancelJob(db, { jobId: ids[7]!, actor: tester })
    const result = await ask('CANCEL', all, { reason: 'by mistake' })
    expect(result).toEqual({
      matched: 450,
      changed: 449,
      skipped: [{ jobId: ids[7], reason: 'ILLEGAL_TRANSITION' }],
      receiptId: expect.any(String) as unknown,
    })
    expect(await countOf('CANCELED')).toBe(450)
    const events = await db.auditEvent.findMany({ where: { action: 'job.cancelMany' }, orderBy: { id: 'asc' } })
    expect(events.map(({ after }) => (after as { part: number; parts: number }).part)).toEqual([1, 2, 3])
    expect(events[0]).toMatchObject({
      reason: 'by mistake',
      address: '203.0.113.9',
      after: { filter: {}, matched: 450, parts: 3 },
    })
    // What was done within the call is kept like what goes on in the background.
    const receipt = await getBulk(db, result.receiptId!, scope())
    expect(receipt).toMatchObject({
      action: 'CANCEL',
      status: 'COMPLETED',
      matched: 450,
      processed: 450,
      changed: 449,
      skipped: { ILLEGAL_TRANSITION: 1 },
      reason: 'by mistake',
      requestedBy: tester,
      request: null,
      auditId: events[0]!.id,
    })
    expect(events.map(({ targetType, targetId }) => [targetType, targetId])).toEqual(
      Array(3).fill(['bulk', receipt.id]),
    )
  })

  test('what a bulk action changed is a list that can be retried, and no job that came later is on it', async () => {
    const ids = await many(5)
    await cancelJob(db, { jobId: ids[0]!, actor: tester })
    const { receiptId } = await ask('CANCEL', all)
    const [later] = await many(1)
    await cancelJob(db, { jobId: later!, actor: tester })
    const filter = { bulkId: receiptId!, status: ['CANCELED' as const] }
    const listed = await listJobs(db, { filter, limit: 10 }, scope())
    expect(listed.items.map(({ id }) => id)).toEqual(ids.slice(1).reverse())
    expect(await countJobs(db, filter, { organizationIds: [world.otherOrganizationId] })).toMatchObject({ count: 0 })
    expect(await countJobs(db, { ...filter, endedAfter: new Date(0) }, scope())).toMatchObject({ count: 4 })
    expect(await ask('RETRY', { filter })).toMatchObject({ matched: 4, changed: 4 })
    expect(await countOf('CANCELED')).toBe(2)
  })

  test('a small bulk action whose process died is finished by the leader', async () => {
    const ids = await many(300)
    const begun = await db.$transaction((tx) =>
      beginBulk(tx, {
        kind: 'CANCEL',
        organizationId: world.organizationId,
        selection: { jobIds: ids },
        role: 'ADMIN',
        actor: tester,
        address: null,
      }),
    )
    expect(await runToEnd(begun!.id)).toMatchObject({ status: 'COMPLETED', matched: 300, changed: 300 })
    expect(await countOf('CANCELED')).toBe(300)
  })

  test('a few hundred jobs are retried, those without dependencies together, and take their hashes again', async () => {
    const parameters = unique()
    const [first, replaced, failed] = [await dead(), await dead({ parameters }), await running(world)]
    await finish(world, ends.fail(failed, 3600))
    const instead = await submit(world, { parameters })
    const waiting = await submit(world)
    const jobIds = [first, replaced, failed.jobId, waiting.id, uuidv7()]
    expect(await ask('RETRY', { jobIds })).toMatchObject({
      matched: 4,
      changed: 2,
      skipped: expect.arrayContaining([
        { jobId: jobIds[4], reason: 'NOT_FOUND' },
        { jobId: waiting.id, reason: 'ILLEGAL_TRANSITION' },
        { jobId: replaced, reason: 'DUPLICATE_JOB' },
      ]) as unknown,
    })
    expect(await read(world, first)).toMatchObject({ status: 'PENDING', failures: 0 })
    expect(await read(world, failed.jobId)).toMatchObject({ status: 'PENDING', failures: 0, nextRetryAt: null })
    expect((await read(world, instead.id)).status).toBe('PENDING')
    expect((await db.executionLog.findFirstOrThrow({ where: { jobId: first }, orderBy: { id: 'desc' } })).message).toBe(
      'Retried',
    )
    expect((await dispatchJobs(db, 'INLINE', 10)).length).toBe(4)
  })

  test('of several dead jobs with the same parameters one is retried', async () => {
    const parameters = unique()
    const ids = [await dead({ parameters }), await dead({ parameters }), await dead({ parameters })].sort()
    const result = await ask('RETRY', { jobIds: ids })
    expect(result).toMatchObject({
      changed: 1,
      skipped: [
        { jobId: ids[1], reason: 'DUPLICATE_JOB' },
        { jobId: ids[2], reason: 'DUPLICATE_JOB' },
      ],
    })
  })

  test('a dead parent and the jobs that died of it all come back, and each counts once', async () => {
    const parent = await submit(world)
    const child = await submit(world, { dependsOn: [parent.id] })
    const grandchild = await submit(world, { dependsOn: [child.id] })
    const orphan = await submit(world, { dependsOn: [parent.id] })
    await finish(world, ends.dead(await start(world, parent.id)))
    const result = await ask('RETRY', { jobIds: [grandchild.id, child.id, parent.id] })
    expect(result).toMatchObject({ matched: 3, changed: 3, skipped: [] })
    for (const { id } of [parent, child, grandchild, orphan]) expect((await read(world, id)).status).toBe('PENDING')
    expect(await dispatch(world, parent.id)).toBe(2)
    expect(await dispatch(world, child.id)).toBeUndefined()
  })

  test('a child whose parent stays dead is skipped by a bulk retry', async () => {
    const parent = await submit(world)
    const child = await submit(world, { dependsOn: [parent.id] })
    await finish(world, ends.dead(await start(world, parent.id)))
    expect(await ask('RETRY', { jobIds: [child.id] })).toMatchObject({
      changed: 0,
      skipped: [{ jobId: child.id, reason: 'INVALID_DEPENDENCY' }],
    })
  })

  test('a bulk retry fills the quota and no more, and jobs that wait for their retry need no room', async () => {
    const failed = await running(world)
    await finish(world, ends.fail(failed, 3600))
    const ids = [await dead(), await dead(), await dead()].sort()
    await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 3 } })
    try {
      expect(await ask('RETRY', { jobIds: [...ids, failed.jobId] })).toMatchObject({
        matched: 4,
        changed: 3,
        skipped: [{ jobId: ids[2], reason: 'QUEUE_FULL' }],
      })
      expect(await ask('RETRY', { jobIds: ids })).toMatchObject({ changed: 0 })
    } finally {
      await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 100_000 } })
    }
  })

  test('jobs are deleted in bulk, and the audit keeps a record of them', async () => {
    const parent = await running(world)
    await submit(world, { dependsOn: [parent.jobId] })
    await finish(world, ends.complete(parent))
    const [gone, waiting] = [await dead(), await submit(world)]
    const result = await ask('DELETE', { jobIds: [parent.jobId, gone, waiting.id] }, { reason: 'old' })
    expect(result).toMatchObject({ matched: 3, changed: 1 })
    expect(result.skipped).toEqual(
      expect.arrayContaining([
        { jobId: parent.jobId, reason: 'ILLEGAL_TRANSITION' },
        { jobId: waiting.id, reason: 'ILLEGAL_TRANSITION' },
      ]),
    )
    expect(await db.auditEvent.findFirst({ where: { action: 'job.deleteMany' } })).toMatchObject({
      reason: 'old',
      before: { jobs: [{ jobId: gone, jobType: 'plain', status: 'DEAD_LETTER' }] },
      after: { matched: 3, deleted: [gone] },
    })
  })

  test('a bulk action in a caller’s transaction is undone with it', async () => {
    const ids = await many(3)
    const work = db.$transaction(async (tx) => {
      await startBulk(tx, {
        kind: 'CANCEL',
        organizationId: world.organizationId,
        selection: { jobIds: ids },
        role: 'ADMIN',
        actor: tester,
        address: null,
      })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await countOf('PENDING')).toBe(3)
  })

  test('jobs of another organization count as absent in a bulk action', async () => {
    const foreign = await submitJob(db, {
      organizationId: world.otherOrganizationId,
      job: { jobType: 'plain', parameters: unique() },
      actor: tester,
    })
    for (const kind of ['CANCEL', 'RETRY', 'DELETE'] as const) {
      expect(await ask(kind, { jobIds: [foreign.id] })).toEqual({
        matched: 0,
        changed: 0,
        skipped: [{ jobId: foreign.id, reason: 'NOT_FOUND' }],
      })
    }
    expect((await read(world, foreign.id)).status).toBe('PENDING')
  })

  test('a bulk retry in a suspended organization is refused as a whole', async () => {
    const organization = { organizationId: world.organizationId, actor: tester, address: null }
    await suspendOrganization(db, organization)
    expect((await refusal(ask('RETRY', all))).reason).toBe('ORGANIZATION_SUSPENDED')
    await resumeOrganization(db, organization)
  })
})

describe('more than that', () => {
  test('more jobs go on in the background, about exactly those that matched when it was asked', async () => {
    const ids = await many(650)
    const asked = await ask('CANCEL', { filter: { status: ['PENDING'] } }, { reason: 'all of them' })
    expect(asked).toEqual({
      matched: 650,
      changed: 0,
      skipped: [],
      bulkId: asked.receiptId,
      receiptId: expect.any(String) as unknown,
    })
    const [later] = await many(1)
    await cancelJob(db, { jobId: ids[3]!, actor: tester })
    expect(await getBulk(db, asked.bulkId!, scope())).toMatchObject({
      action: 'CANCEL',
      status: 'RUNNING',
      matched: 650,
      processed: 0,
      changed: 0,
      skipped: {},
    })

    // One part at a time. Each part is a transaction of its own, so what has been done can be seen, and also how far
    // the action is.
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, asked.bulkId!, scope())).toMatchObject({ status: 'RUNNING', processed: 200, changed: 200 })
    expect(await countOf('CANCELED')).toBe(201)

    expect(await runToEnd(asked.bulkId!)).toMatchObject({
      status: 'COMPLETED',
      matched: 650,
      processed: 650,
      changed: 649,
      skipped: { ILLEGAL_TRANSITION: 1 },
      filter: { status: ['PENDING'] },
      reason: 'all of them',
      requestedBy: tester,
      finishedAt: expect.any(Date) as unknown,
      abortedBy: null,
    })
    expect(await skippedItems(db, { bulkId: asked.bulkId!, limit: 10 })).toEqual({
      items: [{ jobId: ids[3], reason: 'ILLEGAL_TRANSITION' }],
      nextCursor: null,
    })
    expect((await read(world, later!)).status).toBe('PENDING')
    expect(await read(world, ids[0]!)).toMatchObject({ status: 'CANCELED', cancelReason: 'all of them' })
    const events = await db.auditEvent.findMany({ where: { targetId: asked.bulkId }, orderBy: { id: 'asc' } })
    expect(events.map(({ action }) => action)).toEqual(['job.cancelMany', 'bulk.complete'])
    expect((await getBulk(db, asked.bulkId!, scope())).auditId).toBe(events[0]!.id)
    expect(events[1]).toMatchObject({
      after: { action: 'CANCEL', matched: 650, changed: 649, skipped: { ILLEGAL_TRANSITION: 1 } },
    })
  })

  test('several leaders at once, one of which dies in the middle of a part, do each job once', async () => {
    const ids = await many(1_001)
    const { bulkId } = await ask('CANCEL', { jobIds: ids })
    // A part that is not committed leaves nothing behind.
    const broken = createDb(database.url, { max: 1 })
    await db.$executeRaw`CREATE FUNCTION die_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.processed = 400 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$`
    await db.$executeRaw`CREATE TRIGGER die_here BEFORE UPDATE ON bulk_actions FOR EACH ROW EXECUTE FUNCTION die_here()`
    await expect(runBulks(broken, { forMs: 60_000 })).rejects.toThrow()
    await broken.$disconnect()
    await db.$executeRaw`DROP FUNCTION die_here CASCADE`
    expect(await getBulk(db, bulkId!, scope())).toMatchObject({ processed: 200, changed: 200 })
    expect(await countOf('CANCELED')).toBe(200)

    const runs = await Promise.all([1, 2, 3].map(() => runBulks(db, { forMs: 60_000 })))
    expect(runs.reduce((sum, { changed }) => sum + changed, 0) + 200).toBeLessThanOrEqual(1_001)
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'COMPLETED',
      processed: 1_001,
      changed: 1_001,
      skipped: {},
    })
    expect(await db.executionLog.count({ where: { toStatus: 'CANCELED' } })).toBe(1_001)
    expect(await db.auditEvent.count({ where: { targetId: bulkId, action: 'bulk.complete' } })).toBe(1)
  })

  test('jobs are retried in the background with those that died of them, over several parts', async () => {
    const [parent] = await many(1)
    const children = await many(600, { dependsOn: [parent!] })
    await cancelJob(db, { jobId: parent!, actor: tester })
    expect(await countOf('DEAD_LETTER')).toBe(600)
    const { bulkId } = await ask('RETRY', all)
    expect(await runToEnd(bulkId!)).toMatchObject({ status: 'COMPLETED', changed: 601, skipped: {} })
    expect(await countOf('PENDING')).toBe(601)
    expect(await history(world, children[0]!)).toEqual(['PENDING', 'DEAD_LETTER', 'PENDING'])
  })

  test('jobs are deleted in the background, and items and audit keep their id, type and status', async () => {
    const ids = await many(600)
    await runToEnd((await ask('CANCEL', all)).bulkId!)
    const kept = await submit(world)
    const { bulkId } = await ask('DELETE', { jobIds: [...ids, kept.id] })
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'COMPLETED',
      matched: 601,
      changed: 600,
      skipped: { ILLEGAL_TRANSITION: 1 },
    })
    expect(await db.job.count()).toBe(1)
    expect(await db.bulkItem.count({ where: { bulkId, jobType: 'plain', status: 'CANCELED' } })).toBe(600)
    const events = await db.auditEvent.findMany({ where: { action: 'job.deleteMany', targetType: 'bulk' } })
    const told = events
      .filter(({ after }) => (after as { bulkId?: string }).bulkId === bulkId)
      .flatMap(({ before }) => (before as { jobs: { jobId: string }[] }).jobs)
    expect(told.map(({ jobId }) => jobId).sort()).toEqual(ids)
  })

  test('a requester with the right to its own jobs only changes no others in the background', async () => {
    const person = { type: 'user' as const, id: await operator(), name: 'Ada' }
    const own = await submitJobs(db, {
      organizationId: world.organizationId,
      jobs: Array.from({ length: 300 }, () => ({ jobType: 'plain', parameters: unique() })),
      actor: person,
    })
    await many(300)
    const { bulkId } = await ask('CANCEL', all, { actor: person, role: 'OPERATOR', ownOnly: true })
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'COMPLETED',
      changed: 300,
      skipped: { NOT_PERMITTED: 300 },
    })
    expect((await read(world, own[0]!.id)).status).toBe('CANCELED')
  })
})

/** Makes a person with role OPERATOR. */
async function operator(): Promise<string> {
  const id = uuidv7()
  await db.user.create({ data: { id, email: `${id}@example.com` } })
  await db.person.create({
    data: {
      id: uuidv7(),
      userId: id,
      name: 'Ada',
      memberships: { create: { organizationId: world.organizationId, role: 'OPERATOR' } },
    },
  })
  return id
}

describe('it stops', () => {
  test('a bulk action that is aborted keeps what is done, and does not touch the rest', async () => {
    await many(650)
    const { bulkId } = await ask('CANCEL', all)
    await runBulks(db, { forMs: 0 })
    const person = { type: 'user' as const, id: uuidv7(), name: 'Ada' }
    const abort = () =>
      abortBulk(db, { bulkId: bulkId!, actor: person, address: null, reason: 'wrong filter' }, scope())
    expect(await abort()).toMatchObject({
      status: 'ABORTED',
      processed: 200,
      changed: 200,
      abortedBy: person,
      abortReason: 'wrong filter',
    })
    expect(await runBulks(db, { forMs: 60_000 })).toEqual({ changed: 0, ended: [] })
    expect(await countOf('CANCELED')).toBe(200)
    expect(await refusal(abort())).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      data: { from: 'ABORTED', to: 'ABORTED' },
    })
    expect(
      (
        await refusal(
          abortBulk(
            db,
            { bulkId: bulkId!, actor: person, address: null },
            { organizationIds: [world.otherOrganizationId] },
          ),
        )
      ).reason,
    ).toBe('NOT_FOUND')
    expect(await db.auditEvent.findFirst({ where: { targetId: bulkId, action: 'bulk.abort' } })).toMatchObject({
      actorId: person.id,
      reason: 'wrong filter',
      after: { changed: 200 },
    })
  })

  test.each([
    ['the requester is removed', (id: string) => db.orgMember.deleteMany({ where: { person: { userId: id } } })],
    [
      'the requester’s role is too low now',
      (id: string) => db.orgMember.updateMany({ where: { person: { userId: id } }, data: { role: 'VIEWER' } }),
    ],
    [
      'the requester’s account is disabled',
      (id: string) => db.user.update({ where: { id }, data: { disabledAt: new Date() } }),
    ],
  ])('a bulk action stops when %s', async (_, lose) => {
    const id = await operator()
    await many(650)
    const { bulkId } = await ask('CANCEL', all, { actor: { type: 'user', id, name: 'Ada' }, role: 'OPERATOR' })
    await runBulks(db, { forMs: 0 })
    await lose(id)
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'ABORTED',
      changed: 200,
      abortReason: 'Ada may no longer do this',
      abortedBy: { type: 'system', id: null, name: 'maintenance' },
    })
    expect(await countOf('PENDING')).toBe(450)
  })

  test('a bulk action stops when the key that asked for it is revoked', async () => {
    const id = uuidv7()
    await db.apiKey.create({
      data: {
        id,
        organizationId: world.organizationId,
        role: 'ADMIN',
        name: 'k',
        prefix: 'k',
        hash: new Uint8Array(32).fill(7),
      },
    })
    await many(650)
    const { bulkId } = await ask('CANCEL', all, { actor: { type: 'key', id, name: 'k' } })
    await runBulks(db, { forMs: 0 })
    await db.apiKey.update({ where: { id }, data: { expiresAt: new Date(0) } })
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, bulkId!, scope())).toMatchObject({ status: 'RUNNING', changed: 400 })
    await db.apiKey.update({ where: { id }, data: { revokedAt: new Date() } })
    expect(await runToEnd(bulkId!)).toMatchObject({ status: 'ABORTED', changed: 400 })
  })

  test('a bulk retry stops when the organization is suspended', async () => {
    await many(650)
    await runToEnd((await ask('CANCEL', all)).bulkId!)
    const { bulkId } = await ask('RETRY', all)
    await runBulks(db, { forMs: 0 })
    const organization = { organizationId: world.organizationId, actor: tester, address: null }
    await suspendOrganization(db, organization)
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'ABORTED',
      changed: 200,
      abortReason: 'The organization was suspended',
    })
    await resumeOrganization(db, organization)
  })
})

describe('nobody waits for it', () => {
  test('while a part of a bulk action holds its rows, jobs of all organizations are dispatched', async () => {
    const ids = await many(600)
    const { bulkId } = await ask('CANCEL', { jobIds: ids })
    const foreign = await submitJob(db, {
      organizationId: world.otherOrganizationId,
      job: { jobType: 'plain', parameters: unique() },
      actor: tester,
    })
    const outside = await submit(world, { priority: 'CRITICAL' })
    // The part comes to this row last. It holds its other 199 rows while it waits.
    const newest = ids.at(-1)!
    const [run] = await holding(
      world,
      'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE',
      [newest],
      async (waiting) => {
        const part = runBulks(db, { forMs: 0 })
        await waiting(1)
        const dispatched = (await dispatchJobs(db, 'INLINE', 20)).map(({ jobId }) => jobId)
        expect(dispatched).toEqual(expect.arrayContaining([foreign.id, outside.id]))
        return [part]
      },
    )
    // The part was not done while the row was locked for long, and was done afterwards.
    expect(run!.status).toBe('fulfilled')
    expect(await runToEnd(bulkId!)).toMatchObject({ status: 'COMPLETED', changed: 600 })
  })

  test('a bulk action that waits long for a row is put off, and others are carried out meanwhile', async () => {
    const ids = await many(600)
    const { bulkId: held } = await ask('CANCEL', { jobIds: ids })
    const other = await submitJobs(db, {
      organizationId: world.otherOrganizationId,
      jobs: Array.from({ length: 600 }, () => ({ jobType: 'plain', parameters: unique() })),
      actor: tester,
    })
    const { bulkId: free } = await ask(
      'CANCEL',
      { jobIds: other.map(({ id }) => id) },
      { organizationId: world.otherOrganizationId },
    )
    await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR UPDATE', [ids.at(-1)], async () => {
      await runBulks(db, { forMs: 60_000 })
      expect(await getBulk(db, held!, { all: true })).toMatchObject({ status: 'RUNNING', processed: 0 })
      expect(await getBulk(db, free!, { all: true })).toMatchObject({ status: 'COMPLETED', changed: 600 })
      return []
    })
    expect(await runToEnd(held!)).toMatchObject({ status: 'COMPLETED', changed: 600 })
  })

  test('jobs that run, end and are retried by hand during a bulk action each end up in one of the two ways', async () => {
    const ids = await many(700)
    const { bulkId } = await ask('CANCEL', { jobIds: ids })
    const others = async () => {
      for (let round = 0; round < 6; round++) {
        for (const { jobId } of await dispatchJobs(db, 'INLINE', 40))
          await cancelJob(db, { jobId, actor: tester }).catch(() => undefined)
        await retryJob(db, { jobId: ids.at(-1 - round)!, actor: tester }).catch(() => undefined)
      }
    }
    const [bulk] = await Promise.all([runToEnd(bulkId!), others()])
    expect(bulk.changed + (bulk.skipped.ILLEGAL_TRANSITION ?? 0)).toBe(700)
  })
})

test('old bulk actions are removed with all their items, piece by piece, and those that are not over stay', async () => {
  const ids = await many(700)
  const { bulkId } = await ask('CANCEL', { jobIds: ids })
  await runToEnd(bulkId!)
  const { bulkId: open } = await ask('RETRY', { jobIds: ids })
  await db.$executeRaw`UPDATE bulk_actions SET created_at = now() - interval '40 days', finished_at = finished_at - interval '31 days'`
  for (let round = 0; round < 3; round++) await pruneBulks(db)
  expect(await db.bulkAction.findMany({ select: { id: true } })).toEqual([{ id: open }])
  expect(await db.bulkItem.count()).toBe(700)
})
