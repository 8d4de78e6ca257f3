import { afterEach, describe, expect, test } from 'vitest'
import { clearJobs, dispatch, finish, ends, holding, openWorld, start, tester } from '@/testing/engine'
import {
  cancelJob,
  deleteOrganization,
  getSchedule,
  pause,
  resume,
  resumeOrganization,
  runSchedules,
  suspendOrganization,
  updateSchedule,
  type DbOrTx,
} from '../../index'
import { checkInvariants } from '../../invariants'
import { jobsOf, makeSchedule, planned, runAll, runsOf, setNext } from '@/testing/schedules'

const { db, world } = await openWorld({ max: 8 })
const by = { actor: tester, address: null }

afterEach(async () => {
  expect(await checkInvariants(db)).toEqual([])
  await db.$executeRaw`DELETE FROM schedules`
  await db.$executeRaw`UPDATE job_types SET rate_limit_count = NULL, rate_limit_window_seconds = NULL WHERE name = 'plain'`
  await clearJobs(db)
})

/** Every missed run is made up for, up to more than any test has. */
const MAKES_UP = { missed: { all: 1000 } } as const

test('a due run is submitted once, as a job of the organization, and the schedule moves on', async () => {
  const id = await makeSchedule(world, { name: 'Nightly', priority: 'HIGH', parameters: { a: 1 }, ...MAKES_UP })
  await setNext(world, id, planned())
  expect(await runAll(world)).toMatchObject({ submitted: 1, failures: [] })
  expect(await runAll(world)).toMatchObject({ submitted: 0 })
  const [job, ...others] = await jobsOf(world, id)
  expect(others).toEqual([])
  expect(job).toMatchObject({
    organizationId: world.organizationId,
    jobType: 'plain',
    priority: 'HIGH',
    status: 'PENDING',
    submittedByType: 'SYSTEM',
    submittedById: null,
    submittedByName: 'Schedule Nightly',
  })
  expect(await runsOf(world, id)).toEqual([{ plannedAt: planned(), jobId: job!.id, skipped: null, count: 1 }])
  const [key] = await db.idempotencyKey.findMany()
  expect(key).toMatchObject({ key: `schedule:${id}:${planned().toISOString()}`, jobId: job!.id })
  const view = await getSchedule(db, id, { all: true })
  expect(view.nextRunAt).toEqual(planned(-1))
  expect(view.lastRuns).toMatchObject([{ jobId: job!.id, jobStatus: 'PENDING', skipped: null }])
  // Its submitter has no right to lose: the job starts.
  expect((await start(world, job!.id)).attempt).toBe(1)
})

test('five due runs with equal parameters become five jobs, one for each planned time', async () => {
  const id = await makeSchedule(world, MAKES_UP)
  await setNext(world, id, planned(4))
  expect(await runAll(world)).toMatchObject({ submitted: 5 })
  expect((await runsOf(world, id)).map(({ plannedAt }) => plannedAt)).toEqual([4, 3, 2, 1, 0].map(planned))
  expect(new Set((await jobsOf(world, id)).map((job) => job.id)).size).toBe(5)
})

test('a run whose job exists already, although its schedule has no note of it, is not submitted again', async () => {
  const id = await makeSchedule(world, MAKES_UP)
  await setNext(world, id, planned())
  await runAll(world)
  await db.$executeRaw`DELETE FROM schedule_runs`
  await setNext(world, id, planned())
  await runAll(world)
  const jobs = await jobsOf(world, id)
  expect(jobs).toHaveLength(1)
  expect(await runsOf(world, id)).toMatchObject([{ jobId: jobs[0]!.id }])
})

describe('a run that cannot be submitted', () => {
  test('a run whose job is refused is noted with the reason, and the schedule goes on', async () => {
    const id = await makeSchedule(world, MAKES_UP)
    await db.$executeRaw`UPDATE schedules SET job_type = 'off'`
    await setNext(world, id, planned(1))
    expect(await runAll(world)).toMatchObject({ submitted: 0, skipped: 2, failures: [] })
    expect(await runsOf(world, id)).toMatchObject([{ skipped: 'JOB_TYPE_DISABLED' }, { skipped: 'JOB_TYPE_DISABLED' }])
    expect((await getSchedule(db, id, { all: true })).nextRunAt).toEqual(planned(-1))
  })

  test('of four due runs, a rate limit of two lets two in, and the others are noted as refused', async () => {
    await db.$executeRaw`UPDATE job_types SET rate_limit_count = 2, rate_limit_window_seconds = 3600 WHERE name = 'plain'`
    const id = await makeSchedule(world, MAKES_UP)
    await setNext(world, id, planned(3))
    expect(await runAll(world)).toMatchObject({ submitted: 2, skipped: 2 })
    expect((await runsOf(world, id)).map(({ skipped }) => skipped)).toEqual([
      null,
      null,
      'RATE_LIMITED',
      'RATE_LIMITED',
    ])
  })

  test('a run that the rate limit does not let in yet is tried again, and is not lost', async () => {
    const limit = (count: number | null) => db.$executeRaw`
      UPDATE job_types SET rate_limit_count = ${count}, rate_limit_window_seconds = ${count === null ? null : 60} WHERE name = 'plain'`
    const id = await makeSchedule(world, { cron: '* * * * * *', missed: 'skip' })
    const at = new Date(Math.floor(Date.now() / 1000) * 1000)
    await limit(0)
    await setNext(world, id, at)
    expect(await runAll(world)).toEqual({ submitted: 0, skipped: 0, failures: [] })
    expect(await runsOf(world, id)).toEqual([])
    expect((await getSchedule(db, id, { all: true })).nextRunAt).toEqual(at)
    await limit(null)
    await setNext(world, id, at)
    await runAll(world)
    expect((await runsOf(world, id))[0]).toMatchObject({
      plannedAt: at,
      skipped: null,
      jobId: expect.any(String) as string,
    })
  })

  test.each(['skip', 'one'] as const)(
    'a schedule of every minute that is refused all the time says which runs it missed and why, where the rule is "%s"',
    async (missed) => {
      await db.$executeRaw`UPDATE job_types SET rate_limit_count = 0, rate_limit_window_seconds = 60 WHERE name = 'plain'`
      const id = await makeSchedule(world, { cron: '* * * * *', missed })
      await setNext(world, id, new Date(Math.floor(Date.now() / 60_000) * 60_000 - 4 * 60_000))
      expect((await runAll(world)).skipped).toBeGreaterThanOrEqual(3)
      const entries = await db.scheduleRun.findMany({ where: { scheduleId: id } })
      expect(entries).toMatchObject([{ skipped: 'MISSED', jobId: null }])
      expect(entries[0]!.message).toMatch(/runs were missed, .* The last try was refused: /)
      const { nextRunAt } = await getSchedule(db, id, { all: true })
      expect(Date.now() - nextRunAt!.getTime()).toBeLessThan(2 * 60_000)
    },
  )

  test('while somebody holds what one schedule needs, the others run, and it runs afterwards', async () => {
    const stuck = await makeSchedule(world, MAKES_UP)
    const free = await makeSchedule(world, MAKES_UP, world.otherOrganizationId)
    await setNext(world, stuck, planned(1))
    await setNext(world, free, planned())
    await holding(
      world,
      'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
      [`jobyard quota ${world.organizationId}`],
      async () => {
        const work = await runSchedules(db, { forMs: 1_000 })
        expect(work).toMatchObject({ submitted: 1, failures: [] })
        return []
      },
    )
    expect(await jobsOf(world, free)).toHaveLength(1)
    // It was put off for a moment, so it may take more than one look.
    await expect
      .poll(async () => {
        await runAll(world)
        return (await jobsOf(world, stuck)).length
      })
      .toBe(2)
  })
})

describe('a run is due while a job of a former run is unfinished', () => {
  test('with overlap "allow", a schedule submits its run beside the unfinished job of the former one', async () => {
    const id = await makeSchedule(world, { ...MAKES_UP, overlap: 'allow' })
    await setNext(world, id, planned(1))
    await runAll(world)
    expect((await jobsOf(world, id)).map(({ status }) => status)).toEqual(['PENDING', 'PENDING'])
  })

  test('with overlap "skip", a schedule leaves its run out until the former one has ended', async () => {
    const id = await makeSchedule(world, { ...MAKES_UP, overlap: 'skip' })
    await setNext(world, id, planned(1))
    await runAll(world)
    const [job, ...others] = await jobsOf(world, id)
    expect(others).toEqual([])
    expect(await runsOf(world, id)).toMatchObject([{ jobId: job!.id }, { jobId: null, skipped: 'OVERLAP' }])
    await finish(world, ends.complete(await start(world, job!.id)))
    // The run that was left out is planned once more.
    await db.$executeRaw`DELETE FROM schedule_runs WHERE job_id IS NULL`
    await setNext(world, id, planned())
    await runAll(world)
    expect(await jobsOf(world, id)).toHaveLength(2)
  })

  test('with overlap "cancel", the former job is canceled, also while it runs, and the new one is submitted', async () => {
    const id = await makeSchedule(world, { ...MAKES_UP, name: 'Own job', overlap: 'cancel' })
    await setNext(world, id, planned(2))
    // No time is left after the first run.
    await runSchedules(db, { forMs: 0 })
    const [running] = await jobsOf(world, id)
    await start(world, running!.id)
    await runAll(world)
    const jobs = await jobsOf(world, id)
    expect(jobs.map(({ status }) => status)).toEqual(['RUNNING', 'CANCELED', 'PENDING'])
    expect(jobs[0]!.cancelRequestedAt).not.toBeNull()
    expect(jobs[1]).toMatchObject({
      cancelReason: 'The next run of its schedule was due',
      canceledBy: { type: 'system', id: null, name: 'Schedule Own job' },
    })
  })
})

describe('runs that nobody could submit in time', () => {
  test.each([
    ['skip', 0],
    ['one', 1],
    [{ all: 3 }, 3],
  ] as const)('under the rule %j, %i of ten missed runs are made up for', async (missed, count) => {
    const id = await makeSchedule(world, { missed, cron: '* * * * *' })
    const last = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 120_000)
    await setNext(world, id, new Date(last.getTime() - 9 * 60_000))
    await db.$executeRaw`UPDATE schedules SET end_at = ${last} WHERE id = ${id}::uuid`
    expect(await runAll(world)).toMatchObject({ submitted: count, skipped: 10 - count })
    expect(await jobsOf(world, id)).toHaveLength(count)
    const runs = await runsOf(world, id)
    expect(runs[0]).toMatchObject({ skipped: 'MISSED', count: 10 - count })
    expect(runs.slice(1).every(({ jobId }) => jobId !== null)).toBe(true)
    expect((await getSchedule(db, id, { all: true })).nextRunAt).toBeNull()
  })
})

describe('schedules that are held back or switched off, and a pause that holds none', () => {
  const acts: [string, (db: DbOrTx) => Promise<unknown>, (db: DbOrTx) => Promise<unknown>, string][] = [
    [
      'the organization is suspended',
      (at) => suspendOrganization(at, { organizationId: world.organizationId, ...by }),
      (at) => resumeOrganization(at, { organizationId: world.organizationId, ...by }),
      'SUSPENDED',
    ],
    [
      'the organization is paused',
      (at) => pause(at, { scope: { kind: 'organization', organizationId: world.organizationId }, ...by }),
      (at) => resume(at, { scope: { kind: 'organization', organizationId: world.organizationId }, ...by }),
      'ORGANIZATION_PAUSED',
    ],
    [
      'the platform is paused',
      (at) => pause(at, { scope: { kind: 'platform' }, ...by }),
      (at) => resume(at, { scope: { kind: 'platform' }, ...by }),
      'PLATFORM_PAUSED',
    ],
  ]
  test.each(acts)(
    'while %s nothing is submitted, and afterwards the rule for missed runs applies',
    async (_, stop, goOn, heldBy) => {
      const id = await makeSchedule(world, { missed: 'one' })
      await stop(db)
      await setNext(world, id, planned(5))
      expect(await runAll(world)).toEqual({ submitted: 0, skipped: 0, failures: [] })
      expect(await getSchedule(db, id, { all: true })).toMatchObject({ heldBy, nextRunAt: planned(5), lastRuns: [] })
      await goOn(db)
      expect(await runAll(world)).toMatchObject({ submitted: 1, failures: [] })
      expect(await jobsOf(world, id)).toHaveLength(1)
    },
  )

  test('a pause of the job type holds the jobs, and not the schedule', async () => {
    const id = await makeSchedule(world, MAKES_UP)
    await pause(db, { scope: { kind: 'jobType', name: 'plain' }, ...by })
    await setNext(world, id, planned())
    await runAll(world)
    const [job] = await jobsOf(world, id)
    expect(await dispatch(world, job!.id)).toBeUndefined()
    await cancelJob(db, { jobId: job!.id, actor: tester })
  })

  test('a schedule of a deleted organization submits nothing', async () => {
    const organizationId = '01977a34-0000-7000-8000-000000000001'
    await db.organization.create({ data: { id: organizationId, name: 'Gone', slug: 'gone' } })
    const id = await makeSchedule(world, MAKES_UP, organizationId)
    await deleteOrganization(db, { organizationId, ...by })
    await setNext(world, id, planned())
    expect(await runAll(world)).toEqual({ submitted: 0, skipped: 0, failures: [] })
    expect(await jobsOf(world, id)).toEqual([])
  })

  test('a schedule that is switched off while a run is due submits nothing and has no next run', async () => {
    const id = await makeSchedule(world)
    await setNext(world, id, planned())
    await updateSchedule(db, { scheduleId: id, changes: { enabled: false }, ...by })
    expect(await runAll(world)).toEqual({ submitted: 0, skipped: 0, failures: [] })
    expect((await getSchedule(db, id, { all: true })).nextRunAt).toBeNull()
    expect(await jobsOf(world, id)).toEqual([])
  })
})

test('100 due runs of 20 schedules, worked on by three at once, are each submitted once', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => makeSchedule(world, MAKES_UP)))
  await db.$executeRaw`UPDATE schedules SET next_run_at = ${planned(4)}, due_at = ${planned(4)}`
  const all = await Promise.all(Array.from({ length: 3 }, () => runAll(world)))
  // One that was put off, because somebody else held the same organization's row, runs a moment later.
  await expect
    .poll(async () => {
      await runAll(world)
      return db.jobInput.count({ where: { scheduleId: { in: ids } } })
    })
    .toBe(100)
  expect(all.flatMap(({ failures }) => failures)).toEqual([])
  const counts = await db.scheduleRun.groupBy({ by: ['scheduleId'], _count: { jobId: true } })
  expect(counts.map(({ _count }) => _count.jobId)).toEqual(Array(20).fill(5))
})

test('whatever catches up takes turns: a schedule that is due on time does not wait for a long backlog of another', async () => {
  const late = await makeSchedule(world, MAKES_UP)
  await setNext(world, late, planned(800))
  const punctual = await makeSchedule(world, MAKES_UP, world.otherOrganizationId)
  await setNext(world, punctual, planned())
  await runSchedules(db, { forMs: 0 })
  await runSchedules(db, { forMs: 0 })
  expect(await jobsOf(world, punctual)).toHaveLength(1)
})
