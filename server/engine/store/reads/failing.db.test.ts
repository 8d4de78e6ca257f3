import { afterEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, workerId, type World } from '@/testing/engine'
import { failed, timedOut } from '../../domain/outcome'
import { systemActor, type Scope } from '../../domain/types'
import { cancelJob, claimJobs, dispatchJobs, ignoreCause, retryJob } from '../../index'
import { failingCauses, type FailingCause } from './failing'
import { plansOf } from './plans.fixture'

const { db, world } = await openWorld({ max: 4 })
const other: World = { ...world, organizationId: world.otherOrganizationId }
afterEach(async () => {
  await clearJobs(db)
  // Attempts have no foreign key, so `clearJobs` leaves them.
  await db.$executeRaw`DELETE FROM job_attempts`
  await db.$executeRaw`TRUNCATE ignored_causes`
})

const HOUR = 3_600_000
const here = { organizationIds: [world.organizationId] }
const failing = async (range: '1h' | '24h' | '30d' = '24h', scope: Scope = here) =>
  (await failingCauses(db, { range, limit: 100 }, scope)).items
const brief = (causes: FailingCause[]) =>
  causes.map(({ jobType, errorFingerprint, count, dead }) => `${jobType} ${errorFingerprint} ${count}, ${dead} dead`)

/** Lets an attempt end like this, as if it had been so many hours ago. Returns the id of its job. */
async function attemptEnded(
  kind: 'fail' | 'timeOut' | 'dead',
  fingerprint: string,
  { hoursAgo = 0, jobType = 'plain', message = `Broken by ${fingerprint}`, of = world } = {},
): Promise<string> {
  const claimed = await running(of, { jobType, dedupe: false })
  const error = { message, class: 'TRANSIENT', fingerprint, stack: null } as const
  const retryInSeconds = kind === 'dead' ? null : 60
  await finish(of, (kind === 'timeOut' ? timedOut : failed)(claimed, error, retryInSeconds))
  if (hoursAgo > 0) {
    const ended = new Date(Date.now() - hoursAgo * HOUR)
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ${ended} WHERE job_id = ${claimed.jobId}::uuid`
    await db.$executeRaw`UPDATE jobs SET finished_at = ${ended} WHERE id = ${claimed.jobId}::uuid AND finished_at IS NOT NULL`
  }
  return claimed.jobId
}

test('attempts that failed, timed out or died are counted by cause and job type, of equally urgent ones the cause with most first', async () => {
  await attemptEnded('fail', 'smtp', { message: 'connect ECONNREFUSED 10.0.0.1:25' })
  await attemptEnded('timeOut', 'slow')
  await attemptEnded('dead', 'smtp')
  await attemptEnded('dead', 'smtp', { jobType: 'zero' })
  const newest = await attemptEnded('fail', 'smtp', { message: 'connect ECONNREFUSED mail.acme.com:25' })
  await finish(world, ends.complete(await running(world)))
  const items = await failing()
  expect(brief(items)).toEqual(['plain smtp 3, 1 dead', 'plain slow 1, 0 dead', 'zero smtp 1, 1 dead'])
  expect(items[0]).toMatchObject({
    organizationId: world.organizationId,
    jobType: 'plain',
    errorMessage: 'connect ECONNREFUSED mail.acme.com:25',
    pattern: 'connect ECONNREFUSED ‹host›',
    errorClass: 'TRANSIENT',
    sample: { jobId: newest },
  })
  // It was never seen before the last day, so it is new since it was first seen.
  expect(items[0]!.newSince).toEqual(items[0]!.firstSeenAt)
})

test('the count of a cause is that of its range, and so is its trend, but it was first seen before the range', async () => {
  for (const hoursAgo of [0, 0.5, 5, 5, 30, 200]) await attemptEnded('fail', 'smtp', { hoursAgo })
  for (const [range, count, buckets] of [
    ['1h', 2, 12],
    ['24h', 4, 24],
    ['30d', 6, 30],
  ] as const) {
    const [cause] = await failing(range)
    expect(cause!.count, range).toBe(count)
    expect(cause!.trend.points, range).toHaveLength(buckets)
    expect(
      cause!.trend.points.reduce((sum, point) => sum + point.count, 0),
      range,
    ).toBe(count)
    expect(Date.now() - cause!.firstSeenAt.getTime(), range).toBeGreaterThan(199 * HOUR)
    expect(cause!.newSince, range).toBeNull()
  }
})

test('jobs that died before any attempt are counted as causes too', async () => {
  const parent = await submit(world)
  for (let n = 0; n < 2; n++) await submit(world, { dependsOn: [parent.id] })
  await cancelJob(db, { jobId: parent.id, actor: systemActor('test') })
  const items = await failing('1h')
  expect(brief(items)).toEqual(['plain parent-ended 2, 2 dead'])
  expect(items[0]!.pattern).toMatch(/‹id›/)
  expect(items[0]!.trend.points.reduce((sum, { count }) => sum + count, 0)).toBe(2)
})

test('each organization sees its own causes, and ignored ones only where they are asked for', async () => {
  await attemptEnded('dead', 'smtp')
  await attemptEnded('dead', 'smtp', { of: other })
  expect((await failing('1h', { organizationIds: [other.organizationId] })).map((c) => c.organizationId)).toEqual([
    other.organizationId,
  ])
  expect(await failing('1h', { all: true })).toHaveLength(2)
  expect(await failing('1h', { organizationIds: [] })).toEqual([])
  const by = { actor: systemActor('test'), address: null, reason: 'Known' }
  await ignoreCause(db, {
    organizationId: world.organizationId,
    jobType: 'plain',
    errorFingerprint: 'smtp',
    // It is ignored until more than 5 jobs have died of it within an hour.
    perHour: 5,
    ...by,
  })
  expect(await failing()).toEqual([])
  expect((await failing('1h', { all: true })).map((c) => c.organizationId)).toEqual([other.organizationId])
  expect((await failingCauses(db, { range: '24h', ignored: true, limit: 5 }, here)).items).toHaveLength(1)
})

test('a cause tells what is under way of its jobs: retries by themselves, jobs that somebody retried, and jobs that run again', async () => {
  const openOf = async () => (await failing('24h'))[0]!.open
  const nothing = { retrying: 0, nextRetryAt: null, waiting: 0, running: 0 }
  for (let n = 0; n < 3; n++) await attemptEnded('fail', 'smtp')
  await attemptEnded('timeOut', 'smtp')
  const first = new Date(Date.now() + 5_000)
  await db.$executeRaw`UPDATE jobs SET next_retry_at = ${first} WHERE id = (SELECT max(id::text)::uuid FROM jobs)`
  expect(await openOf()).toEqual({ ...nothing, retrying: 4, nextRetryAt: first })

  // Somebody retries one of them and a dead one. They wait, and nobody may say that they retry by themselves.
  const dead = await attemptEnded('dead', 'smtp')
  const [one] = await db.$queryRaw<{ id: string }[]>`SELECT id FROM jobs WHERE status = 'FAILED' ORDER BY id LIMIT 1`
  for (const jobId of [dead, one!.id]) await retryJob(db, { jobId, actor: systemActor('test') })
  expect(await openOf()).toMatchObject({ retrying: 3, waiting: 2, running: 0 })

  // They run again, and then nothing of the cause is left but its count.
  const claimed = await claimJobs(db, workerId, await dispatchJobs(db, 'INLINE', 500))
  expect(await openOf()).toMatchObject({ retrying: 3, waiting: 0, running: 2 })
  for (const job of claimed) await finish(world, ends.complete(job))
  const left = await db.job.findMany({ where: { status: { in: ['FAILED', 'TIMED_OUT'] } } })
  for (const { id } of left) await cancelJob(db, { jobId: id, actor: systemActor('test') })
  const [cause] = await failing('24h')
  expect(cause).toMatchObject({ count: 5, dead: 0, open: nothing })
})

test('causes with dead jobs and new ones come before causes that mended themselves, however many failures those have', async () => {
  for (let n = 0; n < 6; n++) await attemptEnded('fail', 'long-ago', { hoursAgo: 20 })
  for (let n = 0; n < 4; n++) await attemptEnded('fail', 'just-now')
  for (let n = 0; n < 2; n++) await attemptEnded('dead', 'with-dead')
  await attemptEnded('fail', 'new')
  // All but the last are older than a day.
  for (const fingerprint of ['long-ago', 'just-now', 'with-dead'])
    await attemptEnded('fail', fingerprint, { hoursAgo: 200 })
  const order = ['with-dead', 'new', 'just-now', 'long-ago']
  expect((await failing('24h')).map(({ errorFingerprint }) => errorFingerprint)).toEqual(order)
  // Pages keep that order.
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await failingCauses(db, { range: '24h', limit: 1, cursor }, here)
    seen.push(...page.items.map(({ errorFingerprint }) => errorFingerprint))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(order)
})

test('the pages of failing causes hold each cause once', async () => {
  for (const fingerprint of ['a', 'b', 'c', 'd', 'e']) await attemptEnded('fail', fingerprint)
  await attemptEnded('fail', 'c')
  const seen: string[] = []
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
    const page = await failingCauses(db, { range: '1h', limit: 2, cursor }, here)
    seen.push(...page.items.map(({ errorFingerprint }) => errorFingerprint))
    cursor = page.nextCursor ?? undefined
  }
  expect(seen[0]).toBe('c')
  expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('causes are read by the indexes of failures and of dead jobs, and no table of jobs from end to end', async () => {
  await attemptEnded('dead', 'smtp')
  const plans = await plansOf(db, async (tx) => {
    for (const scope of [{ all: true } as const, here]) await failingCauses(tx, { range: '24h', limit: 10 }, scope)
  })
  expect(plans).toHaveLength(2)
  for (const plan of plans) {
    expect(plan).toMatch(/job_attempts_by_cause/)
    expect(plan).toMatch(/jobs_dead/)
    expect(plan).not.toMatch(/Seq Scan on (jobs|job_attempts)/)
  }
})
