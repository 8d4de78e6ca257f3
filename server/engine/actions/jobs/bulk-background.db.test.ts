import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { createDb } from '@/server/db'
import { history, holding, read, refusal, submit, tester, unique } from '@/testing/engine'
import {
  abortBulk,
  cancelJob,
  dispatchJobs,
  getBulk,
  pruneBulks,
  resumeOrganization,
  retryJob,
  runBulks,
  skippedItems,
  submitJob,
  submitJobs,
  suspendOrganization,
} from '../../index'
import { openBulkWorld } from './bulk.fixture'

// Bulk actions that are too large for one call. The leader carries them on in the background.

const { database, db, world, startAsAdmin, scope, all, makeJobs, runToEnd, countOf } = await openBulkWorld()

describe('a bulk action on more jobs than fit into one call', () => {
  test('a bulk action on 650 jobs is done in the background, to exactly the jobs that matched when it was asked', async () => {
    const ids = await makeJobs(650)
    const asked = await startAsAdmin('CANCEL', { filter: { status: ['PENDING'] } }, { reason: 'all of them' })
    expect(asked).toEqual({
      matched: 650,
      changed: 0,
      skipped: [],
      bulkId: asked.receiptId,
      receiptId: expect.any(String) as unknown,
    })
    const [later] = await makeJobs(1)
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
    const ids = await makeJobs(1_001)
    const { bulkId } = await startAsAdmin('CANCEL', { jobIds: ids })
    // A part that is not committed leaves nothing behind.
    const broken = createDb(database.url, { max: 1 })
    await db.$executeRaw`CREATE FUNCTION die_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.processed = 400 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$`
    await db.$executeRaw`CREATE TRIGGER die_here BEFORE UPDATE ON bulk_actions FOR EACH ROW EXECUTE FUNCTION die_here()`
    expect((await runBulks(broken, { forMs: 60_000 })).failures).toMatchObject([{ bulkId }])
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

  test('a bulk action whose part fails keeps no other back, and goes on when what was wrong is put right', async () => {
    const cursed = await makeJobs(501)
    const others = await makeJobs(501)
    const first = await startAsAdmin('CANCEL', { jobIds: cursed })
    const second = await startAsAdmin('CANCEL', { jobIds: others })
    await db.$executeRawUnsafe(`CREATE FUNCTION fail_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.id = ANY('{${cursed.join()}}'::uuid[]) THEN RAISE EXCEPTION 'cursed'; END IF; RETURN NEW; END $$`)
    await db.$executeRaw`CREATE TRIGGER fail_here BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION fail_here()`
    try {
      // Each of these runs has time for one part only. The first one goes to the action that fails.
      expect((await runBulks(db, { forMs: 0 })).failures).toMatchObject([{ bulkId: first.bulkId }])
      expect(await runBulks(db, { forMs: 0 })).toMatchObject({ changed: 200, failures: [] })
      const run = await runBulks(db, { forMs: 60_000 })
      expect(run.failures).toMatchObject([{ bulkId: first.bulkId, error: expect.any(Error) as Error }])
      expect(run.ended).toEqual([{ id: second.bulkId, status: 'COMPLETED' }])
    } finally {
      await db.$executeRaw`DROP FUNCTION fail_here CASCADE`
    }
    expect(await getBulk(db, first.bulkId!, scope())).toMatchObject({ status: 'RUNNING', processed: 0 })
    expect(await runToEnd(first.bulkId!)).toMatchObject({ status: 'COMPLETED', changed: 501 })
  })

  test('jobs are retried in the background with those that died of them, over several parts', async () => {
    const [parent] = await makeJobs(1)
    const children = await makeJobs(600, { dependsOn: [parent!] })
    await cancelJob(db, { jobId: parent!, actor: tester })
    expect(await countOf('DEAD_LETTER')).toBe(600)
    const { bulkId } = await startAsAdmin('RETRY', all)
    expect(await runToEnd(bulkId!)).toMatchObject({ status: 'COMPLETED', changed: 601, skipped: {} })
    expect(await countOf('PENDING')).toBe(601)
    expect(await history(world, children[0]!)).toEqual(['PENDING', 'DEAD_LETTER', 'PENDING'])
  })

  test('jobs are deleted in the background, and items and audit keep their id, type and status', async () => {
    const ids = await makeJobs(600)
    await runToEnd((await startAsAdmin('CANCEL', all)).bulkId!)
    const kept = await submit(world)
    const { bulkId } = await startAsAdmin('DELETE', { jobIds: [...ids, kept.id] })
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
    await makeJobs(300)
    const { bulkId } = await startAsAdmin('CANCEL', all, { actor: person, role: 'OPERATOR', ownOnly: true })
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

describe('a bulk action that stops', () => {
  test('a bulk action that is aborted keeps what is done, and does not touch the rest', async () => {
    await makeJobs(650)
    const { bulkId } = await startAsAdmin('CANCEL', all)
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
    expect(await runBulks(db, { forMs: 60_000 })).toEqual({ changed: 0, ended: [], failures: [] })
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
    await makeJobs(650)
    const { bulkId } = await startAsAdmin('CANCEL', all, { actor: { type: 'user', id, name: 'Ada' }, role: 'OPERATOR' })
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

  test('a bulk action stops when the person who asked for it as a system admin is no system admin any more', async () => {
    const id = uuidv7()
    await db.user.create({ data: { id, email: `${id}@example.com`, systemAdmin: true } })
    await makeJobs(650)
    const { bulkId } = await startAsAdmin('CANCEL', all, { actor: { type: 'user', id, name: 'Root' } })
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, bulkId!, scope())).toMatchObject({ status: 'RUNNING', changed: 200 })
    await db.user.update({ where: { id }, data: { systemAdmin: false } })
    expect(await runToEnd(bulkId!)).toMatchObject({
      status: 'ABORTED',
      changed: 200,
      abortReason: 'Root may no longer do this',
    })
  })

  test('a bulk action goes on when the key that asked for it has expired, and stops when the key is revoked', async () => {
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
    await makeJobs(650)
    const { bulkId } = await startAsAdmin('CANCEL', all, { actor: { type: 'key', id, name: 'k' } })
    await runBulks(db, { forMs: 0 })
    await db.apiKey.update({ where: { id }, data: { expiresAt: new Date(0) } })
    await runBulks(db, { forMs: 0 })
    expect(await getBulk(db, bulkId!, scope())).toMatchObject({ status: 'RUNNING', changed: 400 })
    await db.apiKey.update({ where: { id }, data: { revokedAt: new Date() } })
    expect(await runToEnd(bulkId!)).toMatchObject({ status: 'ABORTED', changed: 400 })
  })

  test('a bulk retry stops when the organization is suspended', async () => {
    await makeJobs(650)
    await runToEnd((await startAsAdmin('CANCEL', all)).bulkId!)
    const { bulkId } = await startAsAdmin('RETRY', all)
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

describe('a bulk action beside the work of others', () => {
  test('while a part of a bulk action holds its rows, jobs of all organizations are dispatched', async () => {
    const ids = await makeJobs(600)
    const { bulkId } = await startAsAdmin('CANCEL', { jobIds: ids })
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
    const ids = await makeJobs(600)
    const { bulkId: held } = await startAsAdmin('CANCEL', { jobIds: ids })
    const other = await submitJobs(db, {
      organizationId: world.otherOrganizationId,
      jobs: Array.from({ length: 600 }, () => ({ jobType: 'plain', parameters: unique() })),
      actor: tester,
    })
    const { bulkId: free } = await startAsAdmin(
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

  test('a bulk cancel counts each job once, as changed or skipped, also those that others cancel and retry meanwhile', async () => {
    const ids = await makeJobs(700)
    const { bulkId } = await startAsAdmin('CANCEL', { jobIds: ids })
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
  const ids = await makeJobs(700)
  const { bulkId } = await startAsAdmin('CANCEL', { jobIds: ids })
  await runToEnd(bulkId!)
  const { bulkId: open } = await startAsAdmin('RETRY', { jobIds: ids })
  // They are kept for 30 days after their end.
  await db.$executeRaw`UPDATE bulk_actions SET created_at = now() - interval '40 days', finished_at = finished_at - interval '31 days'`
  for (let round = 0; round < 3; round++) await pruneBulks(db)
  expect(await db.bulkAction.findMany({ select: { id: true } })).toEqual([{ id: open }])
  expect(await db.bulkItem.count()).toBe(700)
})
