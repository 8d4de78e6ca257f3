import { afterEach, describe, expect, test } from 'vitest'
import {
  clearJobs,
  dispatch,
  ends,
  finish,
  history,
  openWorld,
  read,
  running,
  submit,
  tester,
  workerId,
} from '@/testing/engine'
import {
  cancelJob,
  claimJobs,
  deleteOrganization,
  finishAttempts,
  pause,
  rescueLost,
  resume,
  resumeOrganization,
  returnToPending,
  suspendOrganization,
  sweepCircuits,
  sweepDeletedOrganizations,
  sweepDependents,
} from '../index'
import { checkInvariants } from '../invariants'

// Real conflicts on real connections, in either order, many rounds. Other races, of a cancel, a retry or a report
// against each other, hold the row until everybody waits for it. Those tests lie beside their actions.

const ROUNDS = process.env.LONG ? 200 : 12

const { db, world } = await openWorld({ max: 20 })

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await clearJobs(db)
  await db.organization.updateMany({ data: { status: 'ACTIVE', deletedAt: null } })
})

/** Fresh jobs whose messages are on their way. */
async function queued(count: number): Promise<{ jobId: string; dispatch: number }[]> {
  const jobs = await Promise.all(Array.from({ length: count }, () => submit(world)))
  for (const { id } of jobs) await dispatch(world, id)
  return Promise.all(jobs.map(async ({ id }) => ({ jobId: id, dispatch: (await read(world, id)).dispatch })))
}
/** Leases do not end in the first 15 s of a PostgreSQL, because workers could not renew them while it was away. */
const untilLeasesMayEnd = () =>
  expect
    .poll(
      async () => {
        const [row] = await db.$queryRaw<{ may: boolean }[]>`
          SELECT clock_timestamp() > pg_postmaster_start_time() + interval '15 seconds' AS may`
        return row!.may
      },
      { timeout: 30_000 },
    )
    .toBe(true)
const organization = () => ({ organizationId: world.organizationId, actor: tester, address: null })

describe.each([
  [
    'a pause',
    () =>
      pause(db, {
        scope: { kind: 'organization', organizationId: world.organizationId },
        reason: 'race',
        actor: tester,
        address: null,
      }),
    () =>
      resume(db, {
        scope: { kind: 'organization', organizationId: world.organizationId },
        actor: tester,
        address: null,
      }),
  ],
  ['a suspension', () => suspendOrganization(db, organization()), () => resumeOrganization(db, organization())],
] as const)('%s against claims', (_, begin, end) => {
  test('what is claimed after it committed goes back, and runs once it has ended', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const messages = await queued(8)
      const stopped = begin()
      const racing = messages.slice(0, 6).map((message) => claimJobs(db, workerId, [message]))
      await stopped
      // Of those that race with it some may run: they began before the commit was to be seen.
      expect(await claimJobs(db, workerId, messages.slice(6))).toEqual([])
      const claimed = (await Promise.all(racing)).flat()
      const back = messages.filter(({ jobId }) => !claimed.some((job) => job.jobId === jobId))
      for (const { jobId } of back) expect((await read(world, jobId)).status).toBe('PENDING')
      expect(await claimJobs(db, workerId, messages)).toEqual([])
      await finishAttempts(
        db,
        claimed.map((job) => ends.complete(job)),
      )
      await end()
      for (const { jobId } of back) {
        // The dispatch of one takes the others along.
        const number = (await dispatch(world, jobId)) ?? (await read(world, jobId)).dispatch
        const [again] = await claimJobs(db, workerId, [{ jobId, dispatch: number }])
        await finish(world, ends.complete(again!))
      }
      for (const { jobId } of messages) expect((await history(world, jobId)).at(-1)).toBe('COMPLETED')
    }
  })
})

test('the deletion of an organization against claims and ends: everything ends in DEAD_LETTER, once, or ended before', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const runs = [await running(world), await running(world), await running(world)]
    const messages = await queued(3)
    const work = [
      deleteOrganization(db, organization()),
      ...messages.map((message) => claimJobs(db, workerId, [message])),
      ...runs.map((claimed) => finish(world, ends.complete(claimed))),
    ]
    await Promise.all(work)
    // What was claimed in between is found by the sweep, and ends there whatever it reports.
    await sweepDeletedOrganizations(db)
    for (const { jobId } of messages) {
      const job = await read(world, jobId)
      if (job.status !== 'RUNNING') continue
      expect(job.condemned).toBe('Organization not found')
      expect(await finishAttempts(db, [{ kind: 'handBack', jobId, attempt: job.attempt, message: 'stopped' }])).toEqual(
        ['condemned'],
      )
    }
    await sweepDeletedOrganizations(db)
    expect(await checkInvariants(db, { quiet: true })).toEqual([])
    for (const { jobId } of messages)
      expect(await read(world, jobId)).toMatchObject({ status: 'DEAD_LETTER', errorMessage: 'Organization not found' })
    for (const { jobId } of runs) expect(['COMPLETED', 'DEAD_LETTER']).toContain((await read(world, jobId)).status)
    await clearJobs(db)
    await db.organization.update({ where: { id: world.organizationId }, data: { status: 'ACTIVE', deletedAt: null } })
  }
})

test.each(['complete', 'fail', 'dead', 'handBack'] as const)(
  'rescue against a late %s, in either order: the attempt ends once',
  async (kind) => {
    await untilLeasesMayEnd()
    for (let round = 0; round < ROUNDS; round++) {
      const claimed = await running(world)
      await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${claimed.jobId}::uuid`
      const report = () => finish(world, ends[kind](claimed))
      const rescue = async () => ((await rescueLost(db)) > 0 ? 'rescued' : 'nothing')
      const both = await Promise.all(round % 2 ? [report(), rescue()] : [rescue(), report()])
      const lines = await db.executionLog.count({ where: { jobId: claimed.jobId, fromStatus: 'RUNNING' } })
      expect(lines, JSON.stringify(both)).toBe(1)
    }
  },
)

test('a lost message against its claim, in either order: it runs under one dispatch', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const [message] = (await queued(1)) as [{ jobId: string; dispatch: number }]
    const claim = () => claimJobs(db, workerId, [message])
    const back = () => returnToPending(db, [message], 'Its message was lost')
    await Promise.all(round % 2 ? [claim(), back()] : [back(), claim()])
    expect(['RUNNING', 'PENDING']).toContain((await read(world, message.jobId)).status)
    expect(await claim()).toEqual([])
  }
})

test('leaders that do the same duties at once rescue each lost job once, and free a forgotten child once', async () => {
  await untilLeasesMayEnd()
  for (let round = 0; round < ROUNDS; round++) {
    const parent = await running(world)
    const child = await submit(world, { dependsOn: [parent.jobId] })
    await finish(world, ends.complete(parent))
    // As if whoever ended the parent had been killed before it came to the child.
    await db.$executeRaw`UPDATE jobs SET pending_parents = 1 WHERE id = ${child.id}::uuid`
    const lost = await running(world)
    const canceled = await running(world)
    await cancelJob(db, { jobId: canceled.jobId, actor: tester })
    await db.$executeRaw`UPDATE jobs SET lease_until = clock_timestamp() - interval '1 second' WHERE status = 'RUNNING'`
    const duties = async () => {
      for (const duty of [rescueLost, sweepDependents, sweepCircuits, sweepDeletedOrganizations]) await duty(db)
    }
    await Promise.all([duties(), duties(), duties()])
    expect(await history(world, lost.jobId)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'PENDING'])
    expect(await history(world, canceled.jobId)).toEqual(['PENDING', 'QUEUED', 'RUNNING', 'CANCELED'])
    expect(await db.job.findUnique({ where: { id: child.id } })).toMatchObject({ status: 'PENDING', pendingParents: 0 })
    expect(await checkInvariants(db, { quiet: true })).toEqual([])
    await clearJobs(db)
  }
})
