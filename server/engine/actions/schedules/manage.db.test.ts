import { afterEach, describe, expect, test } from 'vitest'
import { clearJobs, openWorld, refusal, tester } from '@/testing/engine'
import { createJobTypes } from '@/testing/job-types'
import { auditSentence } from '../../domain/audit/actions'
import { jobType } from '../../domain/job-type-config'
import type { Json } from '../../domain/types'
import {
  cancelJob,
  createSchedule,
  deleteSchedule,
  EngineError,
  getSchedule,
  listRuns,
  listSchedules,
  pruneRuns,
  runScheduleNow,
  updateSchedule,
  type NewSchedule,
} from '../../index'
import { jobsOf, makeSchedule, planned, runAll, runsOf, setNext } from '@/testing/schedules'

const { db, world } = await openWorld()
const by = { actor: tester, address: null }
const everywhere = { all: true } as const
const read = (id: string) => getSchedule(db, id, everywhere, everywhere)
const change = (scheduleId: string, changes: Partial<NewSchedule>) => updateSchedule(db, { scheduleId, changes, ...by })
await createJobTypes(db, [
  jobType({
    name: 'secret',
    displayName: 'Secret',
    description: '',
    handler: 'sample.noop',
    parameterSchema: { type: 'object', properties: { key: { type: 'string', 'x-sensitive': true } } },
  }),
  jobType({
    name: 'admins',
    displayName: 'Admins',
    description: '',
    handler: 'sample.noop',
    parameterSchema: {},
    requiredRole: 'ADMIN',
  }),
])

afterEach(async () => {
  await db.$executeRaw`DELETE FROM schedules`
  await clearJobs(db)
})

describe('making a schedule', () => {
  test('a schedule gets the default of each setting that is left out, and its next run is the first planned time from now', async () => {
    const id = await makeSchedule(world, { name: '  Nightly   export ', cron: ' @daily ', timeZone: 'Europe/Berlin' })
    const view = await read(id)
    expect(view).toMatchObject({
      name: 'Nightly export',
      cron: '@daily',
      inWords: 'At 00:00',
      parameters: {},
      priority: null,
      missed: 'one',
      overlap: 'allow',
      jitterSeconds: 0,
      startAt: null,
      endAt: null,
      enabled: true,
      heldBy: null,
      createdBy: tester,
      lastRuns: [],
    })
    const wait = view.nextRunAt!.getTime() - Date.now()
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(25 * 3_600_000)
    expect(
      new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23', timeZone: 'Europe/Berlin' }).format(
        view.nextRunAt!,
      ),
    ).toBe('00:00')
  })

  test.each<[string, Partial<NewSchedule>, string, RegExp]>([
    ['an expression that never comes', { cron: '0 0 31 2 *' }, 'cron', /never comes/],
    ['an expression that cannot be read', { cron: '61 * * * *' }, 'cron', /minute/],
    ['a time zone that does not exist', { timeZone: 'Mars/Base' }, 'timeZone', /no time zone/],
    ['a name that is taken', { name: 'Taken' }, 'name', /has a schedule "Taken" already/],
    ['an empty name', { name: ' ' }, 'name', /must not be empty/],
    ['an end that has passed', { endAt: new Date(Date.now() - 1000) }, 'endAt', /has not passed/],
    [
      'an end before the first run',
      { cron: '0 0 29 2 *', endAt: new Date(Date.now() + 60_000) },
      'endAt',
      /comes before it/,
    ],
    [
      'an end before the start',
      { startAt: new Date('2100-01-02'), endAt: new Date('2100-01-01') },
      'endAt',
      /after startAt/,
    ],
    ['a jitter of more than an hour', { jitterSeconds: 3_601 }, 'jitterSeconds', /0 to 3600/],
    ['too many runs to make up for', { missed: { all: 1_001 } }, 'missed.all', /1 to 1000/],
    ['parameters that do not fit', { jobType: 'strict', parameters: { count: 'x' } }, 'parameters.count', /./],
    ['a job type that does not exist', { jobType: 'nothing' }, 'jobType', /no job type/],
    ['a disabled job type', { jobType: 'off' }, 'jobType', /disabled/],
  ])('a schedule with %s is refused, and the refusal names the field', async (_, more, path, message) => {
    await makeSchedule(world, { name: 'Taken' })
    const { data, message: said } = await refusal(makeSchedule(world, more))
    expect(data.fields?.[0]?.path).toBe(path)
    expect(said).toMatch(message)
  })

  test('two organizations may each have a schedule of the same name', async () => {
    await makeSchedule(world, { name: 'Taken' })
    await makeSchedule(world, { name: 'Taken' }, world.otherOrganizationId)
  })

  test('an organization has at most 1,000 schedules, also when the last two are made at once', async () => {
    await db.$executeRaw`
      INSERT INTO schedules (id, organization_id, name, job_type, cron, time_zone, parameters, missed, created_by)
      SELECT gen_random_uuid(), ${world.organizationId}::uuid, 'n' || n, 'plain', '@daily', 'UTC', '{}', '"one"', '{}' FROM generate_series(1, 999) n`
    const both = await Promise.allSettled([makeSchedule(world), makeSchedule(world)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { reason } = both.find((one) => one.status === 'rejected') as PromiseRejectedResult
    expect((reason as EngineError).message).toMatch(/has 1000 schedules, the most/)
  })

  test('the role that the job type asks for is asked of whoever makes the schedule or runs it at once', async () => {
    const submitter = { role: 'OPERATOR', reaches: ['VIEWER', 'OPERATOR'] as const }
    const schedule = { name: 'x', jobType: 'admins', cron: '@daily', timeZone: 'UTC' }
    const { organizationId } = world
    expect((await refusal(createSchedule(db, { organizationId, schedule, submitter, ...by }))).reason).toBe(
      'NOT_PERMITTED',
    )
    const id = await createSchedule(db, { organizationId, schedule, ...by })
    expect((await refusal(runScheduleNow(db, { scheduleId: id, submitter, ...by }))).reason).toBe('NOT_PERMITTED')
    expect(await jobsOf(world, id)).toEqual([])
  })

  test('sensitive parameters of a schedule are masked for readers and the audit, and reach its jobs', async () => {
    const id = await makeSchedule(world, { jobType: 'secret', parameters: { key: 'hush' } })
    expect((await getSchedule(db, id, everywhere)).parameters).toEqual({ key: '[masked]' })
    expect((await listSchedules(db, { limit: 9 }, everywhere)).items[0]!.parameters).toEqual({ key: '[masked]' })
    expect((await read(id)).parameters).toEqual({ key: 'hush' })
    await change(id, { name: 'Renamed' })
    await runScheduleNow(db, { scheduleId: id, ...by })
    const [job] = await jobsOf(world, id)
    expect(await db.jobInput.findUnique({ where: { jobId: job!.id } })).toMatchObject({
      parameters: { key: '[masked]' },
      unmasked: { key: 'hush' },
    })
    // JSON cannot hold a bigint.
    expect(
      JSON.stringify(await db.auditEvent.findMany(), (_, v: unknown) => (typeof v === 'bigint' ? 0 : v)),
    ).not.toContain('hush')
  })
})

describe('changing a schedule', () => {
  test('new times of a schedule count from now: what was due before is not made up for', async () => {
    const id = await makeSchedule(world, { missed: { all: 9 } })
    await setNext(world, id, planned(3))
    await change(id, { cron: '*/20 * * * *' })
    expect(await runAll(world)).toMatchObject({ submitted: 0 })
    expect((await read(id)).nextRunAt!.getTime()).toBeGreaterThan(Date.now())
  })

  test('a change of a schedule that does not concern its times leaves the next run as it is', async () => {
    const id = await makeSchedule(world, { missed: { all: 9 } })
    await setNext(world, id, planned(1))
    await change(id, { name: 'Renamed', parameters: { a: 1 }, priority: 'LOW', missed: { all: 5 }, overlap: 'allow' })
    expect(await runAll(world)).toMatchObject({ submitted: 2 })
    expect((await jobsOf(world, id)).map(({ priority, submittedByName }) => [priority, submittedByName])).toEqual([
      ['LOW', 'Schedule Renamed'],
      ['LOW', 'Schedule Renamed'],
    ])
  })

  test('a schedule that is switched off has no next run, and when it is switched on, that is the first planned time from now', async () => {
    const id = await makeSchedule(world)
    const { nextRunAt } = await read(id)
    await change(id, { enabled: false })
    expect(await read(id)).toMatchObject({ enabled: false, nextRunAt: null })
    await change(id, { enabled: true })
    expect(await read(id)).toMatchObject({ enabled: true, nextRunAt })
  })

  test('a change of a schedule is checked as a new schedule is, and refusals name the field as changes.…', async () => {
    const id = await makeSchedule(world)
    for (const [changes, path] of [
      [{ cron: '0 0 31 2 *' }, 'changes.cron'],
      [{ timeZone: 'Nowhere' }, 'changes.timeZone'],
      [{ jobType: 'strict' }, 'changes.parameters.count'],
      [{ jitterSeconds: -1 }, 'changes.jitterSeconds'],
    ] as const)
      expect((await refusal(change(id, changes))).data.fields?.[0]?.path).toBe(path)
    expect((await refusal(change('01977a34-0000-7000-8000-000000000009', { enabled: false }))).reason).toBe('NOT_FOUND')
  })

  test('new times of a schedule that is switched off are checked, too', async () => {
    const id = await makeSchedule(world)
    const wrong = [
      [{ cron: '61 * * * *' }, 'changes.cron'],
      [{ cron: '0 0 31 2 *' }, 'changes.cron'],
      [{ timeZone: 'Mars/Base' }, 'changes.timeZone'],
      [{ endAt: new Date('2020-01-01') }, 'changes.endAt'],
    ] as const
    for (const [changes, path] of wrong)
      expect((await refusal(change(id, { enabled: false, ...changes }))).data.fields?.[0]?.path).toBe(path)
    expect(await read(id)).toMatchObject({ enabled: true, cron: '0 0 * * *' })
    await change(id, { enabled: false })
    for (const [changes, path] of wrong) expect((await refusal(change(id, changes))).data.fields?.[0]?.path).toBe(path)
    await change(id, { cron: '0 3 * * *' })
    expect(await read(id)).toMatchObject({ enabled: false, cron: '0 3 * * *', nextRunAt: null })
    await change(id, { enabled: true })
    expect((await read(id)).nextRunAt).not.toBeNull()
  })

  test('the audit tells in a sentence each what was done to a schedule', async () => {
    const id = await makeSchedule(world, { name: 'Nightly' })
    await change(id, { enabled: false })
    await change(id, { enabled: true })
    await change(id, { cron: '0 3 * * *' })
    await change(id, { enabled: true })
    await runScheduleNow(db, { scheduleId: id, ...by })
    await deleteSchedule(db, { scheduleId: id, ...by })
    const entries = await db.auditEvent.findMany({ where: { targetId: id }, orderBy: { id: 'asc' } })
    expect(
      entries.map(({ action, targetType, targetId, before, after }) =>
        auditSentence({
          action,
          targetType,
          targetId,
          actor: tester,
          organization: 'Acme',
          before: before as Json,
          after: after as Json,
        }),
      ),
    ).toEqual([
      'Jobyard (test) created the schedule Nightly',
      'Jobyard (test) switched the schedule Nightly off',
      'Jobyard (test) switched the schedule Nightly on',
      "Jobyard (test) set the schedule Nightly's times from 0 0 * * * to 0 3 * * *",
      'Jobyard (test) ran the schedule Nightly at once',
      'Jobyard (test) deleted the schedule Nightly',
    ])
  })
})

test('a run at once is a run of the history, and leaves the planned ones alone', async () => {
  const id = await makeSchedule(world, { enabled: false, overlap: 'skip' })
  const first = await runScheduleNow(db, { scheduleId: id, ...by })
  const second = await runScheduleNow(db, { scheduleId: id, ...by })
  expect((await jobsOf(world, id)).map((job) => job.id)).toEqual([first.jobId, second.jobId])
  expect((await listRuns(db, { scheduleId: id, limit: 9 })).items).toMatchObject([
    { jobId: second.jobId, trigger: 'NOW' },
    { jobId: first.jobId, trigger: 'NOW' },
  ])
})

test('a deleted schedule takes its history with it, and its jobs stay', async () => {
  const id = await makeSchedule(world)
  const { jobId } = await runScheduleNow(db, { scheduleId: id, ...by })
  await deleteSchedule(db, { scheduleId: id, ...by })
  expect((await refusal(getSchedule(db, id, everywhere))).reason).toBe('NOT_FOUND')
  expect(await runsOf(world, id)).toEqual([])
  expect((await jobsOf(world, id)).map((job) => job.id)).toEqual([jobId])
})

async function pruneAll(): Promise<void> {
  let place: string | null = null
  do place = (await pruneRuns(db, place)).after
  while (place)
}

test('a run of a backfill stays for 90 days after the backfill, and a run stays while its job has not ended', async () => {
  const id = await makeSchedule(world)
  // A run each second: 10,000 of 10,500 are kept, and of the others those that were backfilled today.
  await db.$executeRaw`
    INSERT INTO schedule_runs (schedule_id, planned_at, organization_id, decided_at, skipped)
    SELECT ${id}::uuid, now() - n * interval '1 second', ${world.organizationId}::uuid, now() - n * interval '1 second', 'OVERLAP'
    FROM generate_series(1, 10500) n`
  await db.$executeRaw`
    INSERT INTO schedule_runs (schedule_id, planned_at, organization_id, decided_at, trigger, job_id)
    SELECT ${id}::uuid, now() - interval '1 year' - n * interval '1 hour', ${world.organizationId}::uuid, now(), 'BACKFILL', gen_random_uuid()
    FROM generate_series(1, 20) n`
  const { jobId } = await runScheduleNow(db, { scheduleId: id, ...by })
  const planned = new Date(Date.now() - 200 * 86_400_000)
  await db.$executeRaw`UPDATE schedule_runs SET planned_at = ${planned}, decided_at = ${planned} WHERE job_id = ${jobId}::uuid`
  await pruneAll()
  const [left] = await db.$queryRaw<{ backfilled: number; running: number; all: number }[]>`
    SELECT count(*) FILTER (WHERE trigger = 'BACKFILL')::int AS backfilled, count(*) FILTER (WHERE job_id = ${jobId}::uuid)::int AS running, count(*)::int AS all
    FROM schedule_runs WHERE schedule_id = ${id}::uuid`
  // The newest 10,000, those of the backfill, and the one whose job runs.
  expect(left).toEqual({ backfilled: 20, running: 1, all: 10_021 })

  await db.$executeRaw`UPDATE schedule_runs SET decided_at = now() - interval '91 days' WHERE trigger = 'BACKFILL' AND schedule_id = ${id}::uuid`
  await cancelJob(db, { jobId, actor: tester })
  await pruneAll()
  expect(await db.scheduleRun.count({ where: { scheduleId: id } })).toBe(10_000)
})

test('runs older than 90 days leave the history, but for the newest hundred', async () => {
  const [busy, rare] = [await makeSchedule(world), await makeSchedule(world)]
  const fill = (id: string, count: number, everyHours: number) => db.$executeRaw`
    INSERT INTO schedule_runs (schedule_id, planned_at, organization_id, decided_at, skipped)
    SELECT ${id}::uuid, at, ${world.organizationId}::uuid, at, 'MISSED'
    FROM (SELECT now() - n * ${everyHours} * interval '1 hour' AS at FROM generate_series(1, ${count}::int) n) n`
  await fill(busy, 3_000, 1)
  await fill(rare, 60, 24 * 7)
  await pruneAll()
  expect(await runsOf(world, rare)).toHaveLength(60)
  // One for each hour of 90 days. The oldest of them is older than 90 days by the time of the deletion.
  expect((await runsOf(world, busy)).length).toBe(24 * 90 - 1)
})
