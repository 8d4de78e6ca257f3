import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { dispatch, ends, finish, read, refusal, running, start, submit, tester, unique } from '@/testing/engine'
import {
  cancelJob,
  countJobs,
  dispatchJobs,
  getBulk,
  listJobs,
  resumeOrganization,
  startBulk,
  submitJob,
  suspendOrganization,
} from '../../index'
import { beginBulk } from './bulk'
import { openBulkWorld } from './bulk.fixture'

const { db, world, startAsAdmin, scope, all, makeJobs, runToEnd, countOf, makeDeadJob } = await openBulkWorld()

describe('a bulk action on up to 500 jobs', () => {
  test('a few hundred jobs are canceled within the call', async () => {
    const ids = await makeJobs(450)
    await cancelJob(db, { jobId: ids[7]!, actor: tester })
    const result = await startAsAdmin('CANCEL', all, { reason: 'by mistake' })
    expect(result).toEqual({
      matched: 450,
      changed: 449,
      skipped: [{ jobId: ids[7], reason: 'ILLEGAL_TRANSITION' }],
      receiptId: expect.any(String) as unknown,
    })
    expect(await countOf('CANCELED')).toBe(450)
    const events = await db.auditEvent.findMany({ where: { action: 'job.cancelMany' }, orderBy: { id: 'asc' } })
    // One entry for each part of up to 200 jobs.
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

  test('the jobs that a bulk action changed can be listed and retried, without jobs that came later', async () => {
    const ids = await makeJobs(5)
    await cancelJob(db, { jobId: ids[0]!, actor: tester })
    const { receiptId } = await startAsAdmin('CANCEL', all)
    const [later] = await makeJobs(1)
    await cancelJob(db, { jobId: later!, actor: tester })
    const filter = { bulkId: receiptId!, status: ['CANCELED' as const] }
    const listed = await listJobs(db, { filter, limit: 10 }, scope())
    expect(listed.items.map(({ id }) => id)).toEqual(ids.slice(1).reverse())
    expect(await countJobs(db, filter, { organizationIds: [world.otherOrganizationId] })).toMatchObject({ count: 0 })
    expect(await countJobs(db, { ...filter, endedAfter: new Date(0) }, scope())).toMatchObject({ count: 4 })
    expect(await startAsAdmin('RETRY', { filter })).toMatchObject({ matched: 4, changed: 4 })
    expect(await countOf('CANCELED')).toBe(2)
  })

  test('a small bulk action whose process died is finished by the leader', async () => {
    const ids = await makeJobs(300)
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

  test('jobs are retried in bulk and take their hashes again, and those that cannot be retried are skipped and named', async () => {
    const parameters = unique()
    const [first, replaced, failed] = [await makeDeadJob(), await makeDeadJob({ parameters }), await running(world)]
    await finish(world, ends.fail(failed, 3600))
    const instead = await submit(world, { parameters })
    const waiting = await submit(world)
    const jobIds = [first, replaced, failed.jobId, waiting.id, uuidv7()]
    expect(await startAsAdmin('RETRY', { jobIds })).toMatchObject({
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

  test('when several dead jobs with the same parameters are retried at once, one of them runs again', async () => {
    const parameters = unique()
    const ids = [
      await makeDeadJob({ parameters }),
      await makeDeadJob({ parameters }),
      await makeDeadJob({ parameters }),
    ].sort()
    const result = await startAsAdmin('RETRY', { jobIds: ids })
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
    const result = await startAsAdmin('RETRY', { jobIds: [grandchild.id, child.id, parent.id] })
    expect(result).toMatchObject({ matched: 3, changed: 3, skipped: [] })
    for (const { id } of [parent, child, grandchild, orphan]) expect((await read(world, id)).status).toBe('PENDING')
    expect(await dispatch(world, parent.id)).toBe(2)
    expect(await dispatch(world, child.id)).toBeUndefined()
  })

  test('a child whose parent stays dead is skipped by a bulk retry', async () => {
    const parent = await submit(world)
    const child = await submit(world, { dependsOn: [parent.id] })
    await finish(world, ends.dead(await start(world, parent.id)))
    expect(await startAsAdmin('RETRY', { jobIds: [child.id] })).toMatchObject({
      changed: 0,
      skipped: [{ jobId: child.id, reason: 'INVALID_DEPENDENCY' }],
    })
  })

  test('a bulk retry fills the quota and no more, and jobs that wait for their retry need no room', async () => {
    const failed = await running(world)
    await finish(world, ends.fail(failed, 3600))
    const ids = [await makeDeadJob(), await makeDeadJob(), await makeDeadJob()].sort()
    await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 3 } })
    try {
      expect(await startAsAdmin('RETRY', { jobIds: [...ids, failed.jobId] })).toMatchObject({
        matched: 4,
        changed: 3,
        skipped: [{ jobId: ids[2], reason: 'QUEUE_FULL' }],
      })
      expect(await startAsAdmin('RETRY', { jobIds: ids })).toMatchObject({ changed: 0 })
    } finally {
      await db.organization.update({ where: { id: world.organizationId }, data: { maxUnfinished: 100_000 } })
    }
  })

  test('jobs are deleted in bulk, and the audit keeps a record of them', async () => {
    const parent = await running(world)
    await submit(world, { dependsOn: [parent.jobId] })
    await finish(world, ends.complete(parent))
    const [gone, waiting] = [await makeDeadJob(), await submit(world)]
    const result = await startAsAdmin('DELETE', { jobIds: [parent.jobId, gone, waiting.id] }, { reason: 'old' })
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
    const ids = await makeJobs(3)
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
      expect(await startAsAdmin(kind, { jobIds: [foreign.id] })).toEqual({
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
    expect((await refusal(startAsAdmin('RETRY', all))).reason).toBe('ORGANIZATION_SUSPENDED')
    await resumeOrganization(db, organization)
  })
})
