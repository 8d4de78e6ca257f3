import { v7 as uuidv7 } from 'uuid'
import { afterEach, expect, test } from 'vitest'
import { EngineError } from '../../domain/errors'
import {
  clearJobs,
  contest,
  ends,
  finish,
  holding,
  openWorld,
  read,
  refusal,
  running,
  submit,
  tester,
  unique,
} from '@/testing/engine'
import { appendLogs, cancelJob, deleteJob, pruneJobs, retryJob, submitJob, type Claimed } from '../../index'
import { removeJobs } from './delete'
import { checkInvariants } from '../../invariants'

const { db, world } = await openWorld({ max: 10 })

afterEach(async () => {
  expect(await checkInvariants(db, { quiet: true })).toEqual([])
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM discarded_files`
})

const remove = (jobId: string) => deleteJob(db, { jobId, actor: tester, reason: 'asked for', address: '192.0.2.1' })
async function completed(job: Parameters<typeof submit>[1] = {}): Promise<Claimed> {
  const claimed = await running(world, job)
  await appendLogs(db, [{ jobId: claimed.jobId, attempt: 1, level: 'INFO', message: 'line', at: new Date() }])
  const file = {
    id: uuidv7(),
    name: 'a.pdf',
    contentType: 'application/pdf',
    size: 1,
    storageKey: `o/${claimed.jobId}/1/f`,
  }
  await finish(world, { ...ends.complete(claimed, { result: 1 }), artifacts: [file] } as ReturnType<
    typeof ends.complete
  >)
  return claimed
}

test('a deleted job is removed with all that belongs to it, its files are marked, and the audit keeps a record', async () => {
  const parameters = unique()
  const { jobId } = await completed({ parameters, idempotencyKey: 'key' })
  await remove(jobId)
  const [left] = await db.$queryRaw<Record<string, number>[]>`
    SELECT (SELECT count(*) FROM jobs)::int AS jobs, (SELECT count(*) FROM job_inputs)::int AS inputs, (SELECT count(*) FROM job_search)::int AS found_by, (SELECT count(*) FROM job_results)::int AS results,
      (SELECT count(*) FROM job_attempts)::int AS attempts, (SELECT count(*) FROM job_logs)::int AS logs, (SELECT count(*) FROM execution_logs)::int AS history,
      (SELECT count(*) FROM artifacts)::int AS artifacts, (SELECT count(*) FROM dedupe_claims)::int AS claims, (SELECT count(*) FROM idempotency_keys)::int AS keys`
  expect(Object.values(left!)).toEqual(Array(10).fill(0))
  expect(await db.discardedFile.findMany({ select: { storageKey: true } })).toEqual([{ storageKey: `o/${jobId}/1/f` }])
  expect(await db.auditEvent.findFirst({ where: { targetId: jobId } })).toMatchObject({
    action: 'job.delete',
    actorName: 'test',
    address: '192.0.2.1',
    reason: 'asked for',
    before: { jobType: 'plain', status: 'COMPLETED' },
  })
  // The hash of the job is free at once, and so is its idempotency key.
  await submit(world, { parameters, idempotencyKey: 'key' })
})

test('a job that has not ended cannot be deleted, nor one that others wait for', async () => {
  const waiting = await submit(world)
  expect(await refusal(remove(waiting.id))).toMatchObject({ reason: 'ILLEGAL_TRANSITION', data: { from: 'PENDING' } })
  const { jobId } = await completed()
  const child = await submit(world, { dependsOn: [jobId, waiting.id] })
  const refused = await refusal(remove(jobId))
  expect(refused.reason).toBe('ILLEGAL_TRANSITION')
  expect(refused.message).toContain('Other jobs wait for')
  await cancelJob(db, { jobId: child.id, actor: tester })
  await remove(jobId)
  expect((await refusal(remove(jobId))).reason).toBe('NOT_FOUND')
})

test('a delete and a retry of a job at once: one of them happens', async () => {
  for (let round = 0; round < 10; round++) {
    const claimed = await running(world)
    await finish(world, ends.dead(claimed))
    const both = await contest<unknown>(world, claimed.jobId, [
      () => remove(claimed.jobId),
      () => retryJob(db, { jobId: claimed.jobId, actor: tester }),
    ])
    const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason as EngineError] : []))
    expect(refused).toHaveLength(1)
    expect(['NOT_FOUND', 'ILLEGAL_TRANSITION']).toContain(refused[0]!.reason)
  }
})

test('a delete of a job and the submission of its child at once: the parent stays, or the child is refused', async () => {
  for (const first of ['delete', 'submit'] as const) {
    const { jobId } = await completed()
    const child = () =>
      submitJob(db, {
        organizationId: world.organizationId,
        actor: tester,
        job: { jobType: 'plain', parameters: unique(), dependsOn: [jobId] },
      })
    const order = first === 'delete' ? [() => remove(jobId), child] : [child, () => remove(jobId)]
    const both = await contest<unknown>(world, jobId, order)
    const refused = both.flatMap((each) => (each.status === 'rejected' ? [(each.reason as EngineError).reason] : []))
    expect(refused).toEqual([first === 'delete' ? 'INVALID_DEPENDENCY' : 'ILLEGAL_TRANSITION'])
  }
})

test('a batch of deletes leaves out locked jobs', async () => {
  const ids = [(await completed()).jobId, (await completed()).jobId]
  await holding(world, 'SELECT 1 FROM jobs WHERE id = $1::uuid FOR NO KEY UPDATE', [ids[0]], async () => {
    expect(await db.$transaction((tx) => removeJobs(tx, ids))).toEqual([ids[1]])
    return []
  })
  expect(await db.job.count()).toBe(1)
})

test('retention removes jobs that their type no longer keeps, and none that others wait for', async () => {
  /**
   * Makes a job whose id says that it is from 2022, because retention reads the age of jobs from their ids. Its rows are
   * changed past checks and triggers.
   */
  const old = async () => {
    const { jobId } = await completed()
    const id = jobId.replace(/^.{8}-.{4}/, '01800000-0000')
    const columns = [
      ['jobs', 'id'],
      ...[
        'job_inputs',
        'job_search',
        'job_results',
        'job_attempts',
        'job_logs',
        'execution_logs',
        'artifacts',
        'dedupe_claims',
      ].map((table) => [table, 'job_id']),
    ]
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL session_replication_role = replica`
      for (const [table, column] of columns)
        await tx.$executeRawUnsafe(`UPDATE ${table} SET ${column} = $1::uuid WHERE ${column} = $2::uuid`, id, jobId)
    })
    return id
  }
  const age = (id: string, days: number) =>
    db.$executeRaw`UPDATE jobs SET finished_at = clock_timestamp() - ${days} * interval '1 day' WHERE id = ${id}::uuid`
  const gone = await old()
  await age(gone, 31)
  // The job stays until the sums have counted it.
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  await db.rollupProgress.create({ data: { until: new Date(Date.now() - 32 * 86_400_000) } })
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  await db.rollupProgress.updateMany({ data: { until: new Date() } })
  // The job also stays while it holds its hash, because a dedupe window may be longer than the retention.
  const hold = (seconds: number) =>
    db.$executeRaw`UPDATE dedupe_claims SET held_until = clock_timestamp() + ${seconds} * interval '1 second' WHERE job_id = ${gone}::uuid`
  expect(await hold(60)).toBe(1)
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  await hold(-1)
  expect(await pruneJobs(db, null)).toEqual({ removed: 1, after: null })
  const kept = await old()
  await db.$executeRaw`UPDATE dedupe_claims SET held_until = clock_timestamp()`
  await age(kept, 29)
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  const waiting = await submit(world)
  const child = await submit(world, { dependsOn: [kept, waiting.id] })
  await age(kept, 31)
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  expect((await read(world, kept)).status).toBe('COMPLETED')
  await cancelJob(db, { jobId: child.id, actor: tester })
  expect(await pruneJobs(db, null)).toEqual({ removed: 1, after: null })
  expect(await db.discardedFile.count()).toBe(2)
})
