import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, start, submit, tester, unique, workerId } from '@/testing/engine'
import {
  appendLogs,
  changeJobType,
  claimJobs,
  crewOf,
  dispatchJobs,
  fleetOf,
  listWorkers,
  registerWorker,
  reportProgress,
  stuckJobs,
  submitJobs,
  type Claimed,
} from '../../index'
import { BUCKET_BOUNDS } from '../../domain/histogram'
import { RUN_BUCKETS } from './measured'

const { db, world } = await openWorld()
const mine = { organizationIds: [world.organizationId] }

beforeEach(async () => {
  await db.worker.deleteMany()
  await registerWorker(db, { id: workerId, host: 'alpha', pid: 7, isolatedSlots: 2, inlineSlots: 50 })
})
afterEach(() => clearJobs(db))

/** Moves the start of a job's attempt, and what it reported, into the past. */
const backdate = async ({ jobId }: { jobId: string }, seconds: number) => {
  await db.$executeRaw`
    UPDATE jobs SET started_at = started_at - ${seconds} * interval '1 second', progress_at = progress_at - ${seconds} * interval '1 second'
    WHERE id = ${jobId}::uuid`
  await db.$executeRaw`UPDATE job_logs SET at = at - ${seconds} * interval '1 second' WHERE job_id = ${jobId}::uuid`
}
const report = ({ jobId, attempt }: Claimed, progress: number) =>
  reportProgress(db, [{ jobId, attempt, organizationId: world.organizationId, progress, message: `at ${progress}` }])
const log = ({ jobId, attempt }: Claimed, message: string) =>
  appendLogs(db, [{ jobId, attempt, level: 'INFO', message, at: new Date() }])
const stuck = async (scope: Parameters<typeof stuckJobs>[2] = mine) => (await stuckJobs(db, { limit: 25 }, scope)).items
/** Says that so many runs of `plain` in this organization took about so many seconds, yesterday. */
const usually = async (seconds: number, runs: number) => {
  const yesterday = new Date(Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000)
  const bucket = RUN_BUCKETS + BUCKET_BOUNDS.filter((bound) => bound <= seconds).length
  await db.metricRollup.deleteMany()
  await db.metricRollup.create({
    data: {
      organizationId: world.organizationId,
      spanSeconds: 86_400,
      jobType: 'plain',
      at: yesterday,
      submitted: runs,
      completed: runs,
      failed: 0,
      waitSeconds: 0,
      runSeconds: runs * seconds,
      buckets: [bucket],
      counts: [runs],
    },
  })
  const until = new Date(Math.floor(Date.now() / 300_000) * 300_000)
  await db.rollupProgress.upsert({ where: { singleton: true }, create: { until }, update: { until } })
}

test('a job that says nothing for two minutes looks stuck, with its worker and its last line', async () => {
  const job = await running(world)
  await log(job, 'Connecting to the shop')
  expect(await stuck()).toEqual([])
  await backdate(job, 130)
  expect(await stuck()).toMatchObject([
    {
      jobId: job.jobId,
      workerId,
      jobType: 'plain',
      p95Seconds: null,
      lastLog: { level: 'INFO', message: 'Connecting to the shop' },
      lastProgressAt: null,
      stuck: { reason: 'SILENT' },
    },
  ])
  const [found] = await stuck()
  expect(found!.stuck!.quietSeconds).toBeGreaterThan(129)
  expect(found!.elapsedSeconds).toBeGreaterThanOrEqual(found!.stuck!.quietSeconds)
})

test('a slow job that reports progress or logs does not look stuck', async () => {
  const [reports, logs] = [await running(world), await running(world)]
  await backdate(reports, 3_600)
  await backdate(logs, 3_600)
  expect(await stuck()).toHaveLength(2)
  await report(reports, 10)
  await log(logs, 'Page 10')
  expect(await stuck()).toEqual([])
})

test('a quiet job that runs for over three times the p95 of its type looks stuck after a minute', async () => {
  await usually(10, 20)
  const job = await running(world)
  await backdate(job, 70)
  const [found] = await stuck()
  expect(found).toMatchObject({ jobId: job.jobId, stuck: { reason: 'OVER_USUAL' } })
  expect(found!.p95Seconds).toBeGreaterThan(9)
  expect(found!.p95Seconds).toBeLessThan(11)
  // Of four runs nobody knows what is usual.
  await usually(10, 4)
  expect(await stuck()).toEqual([])
  await db.metricRollup.deleteMany()
})

test('an installation that has no sums yet knows from its attempts what is usual', async () => {
  await db.metricRollup.deleteMany()
  await db.rollupProgress.deleteMany()
  for (let n = 0; n < 4; n++) await finish(world, ends.complete(await running(world)))
  const shown = async () => (await listWorkers(db, { limit: 1, machines: false }, mine)).items[0]!.running[0]
  const job = await running(world)
  expect(await shown(), 'of four runs nobody knows what is usual').toMatchObject({ jobId: job.jobId, p95Seconds: null })
  await finish(world, ends.complete(await running(world)))
  await db.$executeRaw`UPDATE job_attempts SET started_at = ended_at - interval '10 seconds' WHERE ended_at IS NOT NULL`
  const { p95Seconds } = (await shown())!
  expect(p95Seconds).toBeGreaterThan(9)
  expect(p95Seconds).toBeLessThan(11)
})

test('what an earlier attempt reported says nothing about the present one', async () => {
  const first = await running(world)
  await report(first, 80)
  await log(first, 'Line of the first attempt')
  await finish(world, ends.handBack(first))
  const [second] = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 1))
  await db.$executeRaw`
    UPDATE jobs SET started_at = clock_timestamp() - interval '10 minutes', progress_at = clock_timestamp() - interval '20 minutes'
    WHERE id = ${second!.jobId}::uuid`
  expect(await stuck()).toMatchObject([{ attempt: 2, lastLog: null, lastProgressAt: null }])
})

test('an organization sees its own jobs on a worker, and that other slots are taken, but not by what', async () => {
  const own = await running(world)
  const [{ id: foreign } = { id: '' }] = await submitJobs(db, {
    organizationId: world.otherOrganizationId,
    jobs: [{ jobType: 'plain', parameters: unique() }],
    actor: tester,
  })
  await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 1))
  await db.$executeRaw`UPDATE jobs SET started_at = started_at - interval '1 hour' WHERE status = 'RUNNING'`
  const page = await listWorkers(db, { limit: 5, machines: false }, mine)
  expect(page.items).toMatchObject([
    {
      host: null,
      memory: null,
      slots: { isolated: 2, inline: 50 },
      busy: { isolated: 0, inline: 2 },
      counts: { isolated: 0, inline: 1 },
    },
  ])
  expect(page.items[0]!.running.map(({ jobId }) => jobId)).toEqual([own.jobId])
  expect(JSON.stringify(page)).not.toContain(foreign)
  expect((await stuck()).map(({ jobId }) => jobId)).toEqual([own.jobId])
  expect((await stuckJobs(db, { jobId: foreign, limit: 5 }, mine)).items).toEqual([])
  expect(await stuck({ all: true })).toHaveLength(2)
  const fleet = await fleetOf(db, mine)
  expect(fleet).toMatchObject({
    workers: { alive: 1, draining: 0 },
    busy: { isolated: 0, inline: 2 },
    longestRun: { jobId: own.jobId },
  })
  expect((await fleetOf(db, { organizationIds: [] })).longestRun).toBeNull()
})

test('the jobs a minute are those of the organization that completed in the last five minutes', async () => {
  for (let n = 0; n < 3; n++) await finish(world, ends.complete(await running(world)))
  await finish(world, ends.dead(await running(world)))
  expect((await fleetOf(db, mine)).jobsPerMinute).toBeCloseTo(3 / 5)
  expect((await fleetOf(db, { organizationIds: [world.otherOrganizationId] })).jobsPerMinute).toBe(0)
  await db.$executeRaw`UPDATE job_attempts SET ended_at = ended_at - interval '6 minutes'`
  expect((await fleetOf(db, mine)).jobsPerMinute).toBe(0)
})

test('each pool tells who takes it, how busy they are, and what waits, and one without a worker is told, too', async () => {
  const started = { host: 'h', pid: 1, inlineSlots: 10 }
  const reports = uuidv7()
  await registerWorker(db, { id: reports, ...started, isolatedSlots: 3, crew: crewOf(['reports'], []) })
  await changeJobType(db, { actor: tester, address: null, name: 'strict', changes: { pool: 'lonely' } })
  await submit(world, { jobType: 'strict', parameters: { count: 1 } })
  await submit(world)
  await start(world, (await submit(world)).id)
  const { pools } = await fleetOf(db, mine)
  expect(pools).toEqual([
    {
      pool: 'default',
      workers: { alive: 1, draining: 0 },
      slots: { isolated: 2, inline: 50 },
      busy: { isolated: 0, inline: 1 },
      // It was handed to the queue together with the one that runs, and waits there.
      waiting: 1,
    },
    {
      pool: 'lonely',
      workers: { alive: 1, draining: 0 },
      slots: { isolated: 2, inline: 50 },
      busy: { isolated: 0, inline: 1 },
      waiting: 1,
    },
    {
      pool: 'reports',
      workers: { alive: 2, draining: 0 },
      slots: { isolated: 5, inline: 60 },
      busy: { isolated: 0, inline: 1 },
      waiting: 0,
    },
  ])
  await db.$executeRaw`UPDATE workers SET pools = ARRAY['default'] WHERE id <> ${reports}::uuid`
  const told = (await fleetOf(db, mine)).pools.map(({ pool, workers }) => [pool, workers.alive])
  expect(told).toEqual([
    ['default', 1],
    ['lonely', 0],
    ['reports', 1],
  ])
  await changeJobType(db, { actor: tester, address: null, name: 'strict', changes: { pool: 'default' } })
})

test('stuck jobs are read page by page, each once', async () => {
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    const job = await running(world)
    await backdate(job, 300)
    ids.push(job.jobId)
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await stuckJobs(db, { limit: 2, cursor }, mine)
    seen.push(...page.items.map(({ jobId }) => jobId))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual([...ids].sort())
})

test('workers that start with another version than the one before say so in the audit, once', async () => {
  const start = (version: string | null, commit: string | null) =>
    registerWorker(db, { id: uuidv7(), host: 'h', pid: 1, isolatedSlots: 1, inlineSlots: 1, version, commit })
  const noted = async () =>
    (await db.auditEvent.findMany({ where: { action: 'worker.version' }, orderBy: { id: 'asc' } })).map(
      ({ after }) => after,
    )
  await start(null, null)
  expect(await noted()).toEqual([])
  await Promise.all([start('1.0.0', 'aaa'), start('1.0.0', 'aaa'), start('1.0.0', 'aaa')])
  await start('1.0.0', 'bbb')
  await start('1.0.0', 'aaa')
  expect(await noted()).toEqual([
    { version: '1.0.0', commit: 'aaa' },
    { version: '1.0.0', commit: 'bbb' },
    { version: '1.0.0', commit: 'aaa' },
  ])
})
