import { afterAll, expect, test } from 'vitest'
import { openApi } from '@/testing/api'

// Schedules as another service makes and reads them.

const { services, world, api, close } = await openApi()
afterAll(close)

const admin = { key: world.keys['acme.ADMIN'] }
const operator = { key: world.keys['acme.OPERATOR'] }
const nightly = {
  organizationId: world.acme,
  name: 'Nightly',
  jobType: 'test.noop',
  cron: '30 2 * * *',
  timeZone: 'Europe/Berlin',
  parameters: { a: 1 },
  missed: { all: 3 },
  overlap: 'skip',
  jitterSeconds: 60,
}

test('a schedule is made, read, changed, run and deleted, and its job names it', async () => {
  const made = (await api.mutate('schedules.create', nightly, admin)).data
  expect(made).toMatchObject({
    ...nightly,
    inWords: 'At 02:30',
    priority: null,
    startAt: null,
    endAt: null,
    enabled: true,
    heldBy: null,
    lastRuns: [],
    // 02:30 in Berlin, in summer or winter.
    nextRunAt: expect.stringMatching(/T0[01]:30:00\.000Z$/),
    upcoming: [made.nextRunAt],
  })
  const scheduleId = made.id as string
  expect((await api.query('schedules.get', { scheduleId }, operator)).data).toEqual(made)
  expect((await api.query('schedules.list', { organizationId: world.acme }, operator)).data).toEqual({
    items: [made],
    nextCursor: null,
  })

  const run = (await api.mutate('schedules.runNow', { scheduleId }, operator)).data
  expect(run).toMatchObject({ jobId: expect.any(String), submittedAt: run.plannedAt, skipped: null, trigger: 'NOW' })
  const job = (await api.query('jobs.get', { jobId: run.jobId }, operator)).data
  expect(job).toMatchObject({
    scheduleId,
    jobType: 'test.noop',
    parameters: { a: 1 },
    submittedBy: { type: 'system', id: null, name: 'Schedule Nightly' },
  })
  const listed = (await api.query('jobs.list', { scheduleId }, operator)).data
  expect(listed.items.map(({ id }: { id: string }) => id)).toEqual([run.jobId])
  expect((await api.query('schedules.runs', { scheduleId }, operator)).data.items).toMatchObject([
    {
      plannedAt: run.plannedAt,
      submittedAt: expect.any(String),
      jobId: run.jobId,
      skipped: null,
      jobStatus: 'PENDING',
    },
  ])

  const off = (
    await api.mutate('schedules.update', { scheduleId, changes: { enabled: false, priority: 'LOW' } }, admin)
  ).data
  expect(off).toMatchObject({ enabled: false, priority: 'LOW', nextRunAt: null, upcoming: [] })
  expect((await api.mutate('schedules.delete', { scheduleId }, admin)).data).toEqual({ scheduleId })
  expect((await api.query('schedules.get', { scheduleId }, admin)).error?.data.reason).toBe('NOT_FOUND')
})

test('a list is searched and filtered, and the day tells what ran in each half hour and what will', async () => {
  const make = async (name: string, more: object = {}) =>
    (await api.mutate('schedules.create', { ...nightly, name, cron: '0 * * * *', ...more }, admin)).data.id as string
  const fine = await make('Invoices 100%')
  const failing = await make('Payments')
  const off = await make('Letters', { enabled: false })
  const over = await make('Once')
  const { db } = services
  await db.$executeRaw`UPDATE schedules SET next_run_at = NULL, due_at = NULL WHERE id = ${over}::uuid`
  const run = async (id: string, minutesAgo: number, skipped: string, missed = 0) => {
    const at = new Date(Date.now() - minutesAgo * 60_000)
    await db.$executeRaw`
      INSERT INTO schedule_runs (schedule_id, planned_at, organization_id, decided_at, skipped, missed)
      VALUES (${id}::uuid, ${at}, ${world.acme}::uuid, now(), ${skipped}, ${missed})`
    return at
  }
  const refusedAt = await run(failing, 5, 'JOB_TYPE_DISABLED')
  // More than a day ago, so the day leaves it out.
  await run(failing, 30 * 60, 'MISSED')
  // One entry for five planned times.
  await run(fine, 600, 'MISSED', 4)
  await api.mutate('schedules.runNow', { scheduleId: fine }, operator)

  const found = async (filter: object) =>
    (
      (await api.query('schedules.list', { organizationId: world.acme, ...filter }, operator)).data.items as {
        id: string
      }[]
    ).map(({ id }) => id)
  expect(await found({ search: '100%' })).toEqual([fine])
  expect(await found({ search: ' INVOICES' })).toEqual([fine])
  expect(await found({ search: '%' })).toEqual([fine])
  expect(await found({ jobType: 'nothing.here' })).toEqual([])
  expect(await found({ state: 'FAILING' })).toEqual([failing])
  expect(await found({ state: 'OFF' })).toEqual([off])
  expect(await found({ state: 'OVER' })).toEqual([over])
  expect(await found({ state: 'ON', search: 'ment' })).toEqual([failing])

  const day = (await api.query('schedules.day', { organizationId: world.acme }, operator)).data as {
    total: number
    items: { id: string; upcoming: string[]; past: { from: string; count: number }[] }[]
  }
  expect(day.total).toBe(2)
  const of = (id: string) => day.items.find((one) => one.id === id)!
  expect(of(failing).past).toEqual([
    {
      from: new Date(Math.floor(refusedAt.getTime() / 1_800_000) * 1_800_000).toISOString(),
      minutes: 30,
      count: 1,
      failed: 1,
      dead: 0,
      refused: 1,
      skipped: 0,
      unfinished: 0,
      canceled: 0,
    },
  ])
  expect(of(fine).past).toMatchObject([
    { count: 5, skipped: 5, failed: 0, unfinished: 0 },
    { count: 1, skipped: 0, failed: 0, unfinished: 1 },
  ])
  expect(of(fine).upcoming).toHaveLength(24)
  await db.$executeRaw`DELETE FROM schedules`
})

test('a preview tells the next times and the words, and refuses what never comes', async () => {
  const asked = { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin', from: '2026-03-27T00:00:00Z' }
  expect((await api.query('schedules.preview', asked, operator)).data).toEqual({
    inWords: 'At 09:00, Monday through Friday',
    times: [27, 30, 31]
      .map((day) => `2026-03-${day}T0${day < 29 ? 8 : 7}:00:00.000Z`)
      .concat([1, 2].map((day) => `2026-04-0${day}T07:00:00.000Z`)),
  })
  const ending = { ...asked, startAt: '2026-03-29T00:00:00Z', endAt: '2026-03-31T00:00:00Z' }
  expect((await api.query('schedules.preview', ending, operator)).data.times).toEqual(['2026-03-30T07:00:00.000Z'])
  const never = await api.query('schedules.preview', { cron: '0 0 31 2 *', timeZone: 'UTC' }, operator)
  expect(never.error?.data).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path: 'cron' }] })
})

test('a backfill is previewed, done, and read as a bulk action', async () => {
  const { id: scheduleId } = (await api.mutate('schedules.create', { ...nightly, cron: '0 * * * *' }, admin)).data
  const to = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000)
  // Four planned times, because both ends belong to the period.
  const period = { scheduleId, from: new Date(to.getTime() - 3 * 3_600_000).toISOString(), to: to.toISOString() }
  expect((await api.mutate('schedules.backfill', { ...period, dryRun: true }, admin)).data).toMatchObject({ would: 4 })
  const done = (await api.mutate('schedules.backfill', { ...period, reason: 'lost' }, admin)).data
  expect(done).toMatchObject({ matched: 4, changed: 4, skipped: [] })
  expect((await api.query('bulk.get', { bulkId: done.receiptId }, operator)).data).toMatchObject({
    action: 'BACKFILL',
    status: 'COMPLETED',
    backfill: { scheduleId, name: 'Nightly', from: period.from, to: period.to },
    about: expect.stringMatching(/^runs of the schedule Nightly from .* UTC to .* UTC$/),
  })
  expect(await services.db.scheduleRun.count({ where: { scheduleId, trigger: 'BACKFILL' } })).toBe(4)
})
