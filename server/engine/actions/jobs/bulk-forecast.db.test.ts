import { afterEach, expect, test } from 'vitest'
import {
  clearJobs,
  ends,
  finish,
  openWorld,
  read,
  refusal,
  running,
  submit,
  tester,
  type World,
} from '@/testing/engine'
import {
  cancelJob,
  deleteJob,
  forecastBulk,
  pause,
  startBulk,
  suspendOrganization,
  resumeOrganization,
} from '../../index'
import type { ActKind } from '../../domain/bulk'
import { plansOf } from '../../store/reads/plans.fixture'
import type { ForecastRequest } from './bulk-forecast'

const { db, world } = await openWorld({ max: 4 })
const other: World = { ...world, organizationId: world.otherOrganizationId }
afterEach(async () => {
  await clearJobs(db)
  await db.$executeRaw`UPDATE job_types SET concurrency_per_organization = NULL, enabled = (name <> 'off')`
  await db.$executeRaw`UPDATE organizations SET max_concurrent = NULL, max_unfinished = 100000`
})

const ask = (kind: ActKind, selection: ForecastRequest['selection'], more: Partial<ForecastRequest> = {}) =>
  forecastBulk(db, { kind, organizationId: world.organizationId, selection, ...more })
/** What is really done, told as a forecast tells it. */
async function act(kind: ActKind, jobIds: string[]) {
  const { matched, changed, skipped } = await startBulk(db, {
    kind,
    organizationId: world.organizationId,
    selection: { jobIds },
    role: 'ADMIN',
    actor: tester,
    address: null,
  })
  const counts = new Map<string, number>()
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return { matched, would: changed, skipped: Object.fromEntries(counts) }
}
const told = ({ matched, would, skipped }: Awaited<ReturnType<typeof ask>>) => ({
  matched,
  would,
  skipped: Object.fromEntries(skipped.map(({ reason, count }) => [reason, count])),
})
const codes = ({ warnings }: Awaited<ReturnType<typeof ask>>) =>
  Object.fromEntries(warnings.map(({ code, count }) => [code, count]))
async function dead(job: Parameters<typeof running>[1] = {}, at = world): Promise<string> {
  const claimed = await running(at, job)
  await finish(at, ends.dead(claimed))
  return claimed.jobId
}

test('a dry run of a retry counts what the retry then does, and writes nothing', async () => {
  const twice = { parameters: { order: 4711 } }
  const first = await dead(twice)
  const second = await dead(twice)
  const taken = await dead({ parameters: { order: 12 } })
  await submit(world, { parameters: { order: 12 } })
  const waiting = (await submit(world)).id
  const parent = await submit(world)
  const child = (await submit(world, { dependsOn: [parent.id] })).id
  await cancelJob(db, { jobId: parent.id, actor: tester })
  const foreign = await dead({}, other)
  const jobIds = [first, second, taken, waiting, child, foreign]
  const before = await db.job.findMany({ orderBy: { id: 'asc' } })
  const forecast = await ask('RETRY', { jobIds })
  expect(await db.job.findMany({ orderBy: { id: 'asc' } })).toEqual(before)
  expect([await db.bulkAction.count(), await db.causeAct.count()]).toEqual([0, 0])
  expect(forecast.capped).toBe(false)
  expect(codes(forecast)).toEqual({ DUPLICATE_JOB: 2, INVALID_DEPENDENCY: 1 })
  expect(told(forecast)).toEqual({
    matched: 5,
    would: 1,
    skipped: { DUPLICATE_JOB: 2, ILLEGAL_TRANSITION: 1, INVALID_DEPENDENCY: 1, NOT_FOUND: 1 },
  })
  expect(told(forecast)).toEqual(await act('RETRY', jobIds))
})

test('a dry run of a retry names what will hold the jobs afterwards', async () => {
  for (let n = 0; n < 3; n++) await dead()
  await dead({ jobType: 'zero' })
  await db.$executeRaw`UPDATE jobs SET error_class = 'PERMANENT' WHERE job_type = 'zero'`
  await db.circuit.create({
    data: {
      jobType: 'plain',
      organizationId: world.organizationId,
      state: 'OPEN',
      failures: 8,
      outcomes: 10,
      openedAt: new Date('2026-11-29T02:24:00Z'),
      countsFrom: new Date(),
    },
  })
  await db.$executeRaw`UPDATE job_types SET concurrency_per_organization = 2, enabled = false WHERE name = 'plain'`
  await db.$executeRaw`UPDATE organizations SET max_concurrent = 1 WHERE id = ${world.organizationId}::uuid`
  await pause(db, { scope: { kind: 'jobType', name: 'zero' }, reason: 'Migration', actor: tester, address: null })
  const forecast = await ask('RETRY', { filter: { status: ['DEAD_LETTER'] } })
  expect(forecast).toMatchObject({ matched: 4, would: 4, skipped: [] })
  expect(forecast.warnings).toEqual([
    { code: 'JOB_TYPE_DISABLED', count: 3, message: expect.stringContaining('Job type plain is disabled') },
    {
      code: 'CIRCUIT_OPEN',
      count: 3,
      message:
        'The circuit of plain is open (8 of 10 attempts failed): its jobs wait. One may try from 2026-11-29 02:39 UTC, the rest follows when it completes.',
    },
    {
      code: 'CONCURRENCY_LIMIT',
      count: 1,
      message: expect.stringContaining('Job type plain runs at most 2 jobs at once'),
    },
    { code: 'PAUSED', count: 1, message: expect.stringContaining('Job type zero is paused by test (“Migration”)') },
    {
      code: 'CONCURRENCY_LIMIT',
      count: 3,
      message: expect.stringContaining('The organization runs at most 1 job at once'),
    },
    { code: 'PERMANENT_ERROR', count: 1, message: expect.stringContaining('1 job ended with an error') },
  ])
})

test('a dry run of a retry sees a suspended organization and a full quota', async () => {
  for (let n = 0; n < 3; n++) await dead()
  await db.$executeRaw`UPDATE organizations SET max_unfinished = 2 WHERE id = ${world.organizationId}::uuid`
  const full = await ask('RETRY', { filter: { status: ['DEAD_LETTER'] } })
  expect(told(full)).toEqual({ matched: 3, would: 2, skipped: { QUEUE_FULL: 1 } })
  expect(codes(full)).toEqual({ QUEUE_FULL: 1 })
  const by = { organizationId: world.organizationId, actor: tester, address: null, reason: 'Unpaid' }
  await suspendOrganization(db, by)
  const suspended = await ask('RETRY', { filter: { status: ['DEAD_LETTER'] } })
  await resumeOrganization(db, by)
  expect(told(suspended)).toEqual({ matched: 3, would: 0, skipped: { ORGANIZATION_SUSPENDED: 3 } })
  expect(codes(suspended)).toEqual({ ORGANIZATION_SUSPENDED: 3 })
})

test('a dry run of a retry counts the descendants that come back', async () => {
  const parent = await submit(world)
  const child = await submit(world, { dependsOn: [parent.id] })
  await cancelJob(db, { jobId: parent.id, actor: tester })
  expect((await read(world, child.id)).status).toBe('DEAD_LETTER')
  expect(codes(await ask('RETRY', { jobIds: [parent.id] }))).toEqual({ REVIVES_OTHERS: 1 })
  const both = await ask('RETRY', { jobIds: [parent.id, child.id] })
  expect(told(both)).toEqual({ matched: 2, would: 2, skipped: {} })
  expect(told(both)).toEqual(await act('RETRY', [parent.id, child.id]))
})

test('a dry run of a cancel counts running jobs, children that would die, and jobs of others', async () => {
  const claimed = await running(world)
  const parent = await submit(world)
  await submit(world, { dependsOn: [parent.id] })
  const ended = await dead()
  const jobIds = [claimed.jobId, parent.id, ended]
  const forecast = await ask('CANCEL', { jobIds })
  expect(codes(forecast)).toEqual({ RUNNING: 1, OTHERS_WAIT: 1 })
  const nobody = { type: 'user', id: '00000000-0000-4000-8000-000000000001' } as const
  expect(told(await ask('CANCEL', { jobIds }, { onlyOf: nobody }))).toEqual({
    matched: 3,
    would: 0,
    skipped: { NOT_PERMITTED: 3 },
  })
  expect(told(forecast)).toEqual(await act('CANCEL', jobIds))
})

test('a dry run of a deletion leaves out what has not ended or is waited for', async () => {
  const letter = await dead()
  const parent = await running(world)
  await submit(world, { dependsOn: [parent.jobId] })
  const done = await running(world)
  await finish(world, ends.complete(done))
  const open = await submit(world)
  const jobIds = [letter, parent.jobId, done.jobId, open.id]
  const forecast = await ask('DELETE', { jobIds })
  expect(codes(forecast)).toEqual({ STILL_RETRYABLE: 1 })
  expect(told(forecast)).toEqual(await act('DELETE', jobIds))
  expect((await refusal(deleteJob(db, { jobId: letter, actor: tester, address: null }))).reason).toBe('NOT_FOUND')
})

test('a dry run says when it has not looked at all that match', async () => {
  const { id } = await db.job.findUniqueOrThrow({ where: { id: await dead() }, select: { id: true } })
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds,
      rank_at, error_message, error_class, error_fingerprint, finished_at)
    SELECT gen_random_uuid(), organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries, timeout_seconds,
      rank_at, error_message, error_class, error_fingerprint, finished_at FROM jobs, generate_series(1, 100000) WHERE id = ${id}::uuid`
  await db.$executeRaw`ANALYZE jobs`
  const began = performance.now()
  const forecast = await ask('RETRY', { filter: { status: ['DEAD_LETTER'] } })
  console.info(`dry run over 100,000 jobs: ${Math.round(performance.now() - began)} ms`)
  expect(forecast).toMatchObject({ matched: 100_000, capped: true, would: 100_000 })
  await db.$executeRaw`DELETE FROM jobs WHERE id = ${id}::uuid`
  expect(await ask('RETRY', { filter: { status: ['DEAD_LETTER'] } })).toMatchObject({ matched: 100_000, capped: false })
})

test('a dry run reads no table of jobs or attempts as a whole', async () => {
  await dead()
  const plans = await plansOf(db, async (tx) => {
    for (const kind of ['RETRY', 'CANCEL', 'DELETE'] as const)
      await forecastBulk(tx, {
        kind,
        organizationId: world.organizationId,
        selection: { filter: { status: ['DEAD_LETTER'] } },
      })
  })
  expect(plans.length).toBeGreaterThan(6)
  for (const plan of plans)
    expect(plan).not.toMatch(/Seq Scan on (jobs|job_attempts|job_inputs|job_dependencies|dedupe_claims)/)
})
