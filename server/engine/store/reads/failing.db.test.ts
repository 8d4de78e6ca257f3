import { afterEach, expect, test } from 'vitest'
import { clearJobs, ends, finish, openWorld, running, submit, type World } from '@/testing/engine'
import { cancelJob, ignoreCause, type Outcome } from '../../index'
import { systemActor } from '../../domain/types'
import { failingCauses, type FailingCause } from './failing'
import { plansOf } from './plans.fixture'

const { db, world } = await openWorld({ max: 4 })
const other: World = { ...world, organizationId: world.otherOrganizationId }
afterEach(async () => {
  await clearJobs(db)
  await db.$executeRaw`DELETE FROM job_attempts`
  await db.$executeRaw`TRUNCATE ignored_causes`
})

const HOUR = 3_600_000
const here = { organizationIds: [world.organizationId] }
const failing = async (range: '1h' | '24h' | '30d' = '24h', scope: Parameters<typeof failingCauses>[2] = here) =>
  (await failingCauses(db, { range, limit: 100 }, scope)).items
const brief = (causes: FailingCause[]) =>
  causes.map(({ jobType, errorFingerprint, count, dead }) => `${jobType} ${errorFingerprint} ${count}, ${dead} dead`)

/** An attempt that ended like this, so many hours ago. */
async function failed(
  kind: 'fail' | 'timeOut' | 'dead',
  fingerprint: string,
  { ago = 0, jobType = 'plain', message = `Broke of ${fingerprint}`, at = world } = {},
): Promise<string> {
  const claimed = await running(at, { jobType, dedupe: false })
  const error = { message, class: 'TRANSIENT', fingerprint, stack: null } as const
  await finish(at, { ...ends[kind](claimed), error } as Outcome)
  const ended = new Date(Date.now() - ago * HOUR)
  if (ago > 0) {
    await db.$executeRaw`UPDATE job_attempts SET ended_at = ${ended} WHERE job_id = ${claimed.jobId}::uuid`
    await db.$executeRaw`UPDATE jobs SET finished_at = ${ended} WHERE id = ${claimed.jobId}::uuid AND finished_at IS NOT NULL`
  }
  return claimed.jobId
}

test('attempts that failed, timed out or died are counted by cause and job type, the cause with most first', async () => {
  await failed('fail', 'smtp', { message: 'connect ECONNREFUSED 10.0.0.1:25' })
  await failed('timeOut', 'slow')
  await failed('dead', 'smtp')
  await failed('dead', 'smtp', { jobType: 'zero' })
  const newest = await failed('fail', 'smtp', { message: 'connect ECONNREFUSED mail.acme.com:25' })
  await finish(world, ends.complete(await running(world)))
  const items = await failing()
  expect(brief(items)).toEqual(
    ['plain smtp 3, 1 dead', 'plain slow 1, 0 dead', 'zero smtp 1, 1 dead'].sort(
      (a, b) => brief(items).indexOf(a) - brief(items).indexOf(b),
    ),
  )
  expect(items[0]).toMatchObject({
    organizationId: world.organizationId,
    jobType: 'plain',
    errorMessage: 'connect ECONNREFUSED mail.acme.com:25',
    pattern: 'connect ECONNREFUSED ‹host›',
    errorClass: 'TRANSIENT',
    sample: { jobId: newest },
  })
  expect(items[0]!.newSince).toEqual(items[0]!.firstSeenAt)
})

test('a range counts what lies in it, its trend adds up to that, and first seen reaches further back', async () => {
  for (const ago of [0, 0.5, 5, 5, 30, 200]) await failed('fail', 'smtp', { ago })
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

test('jobs that died without an attempt of their own are causes too', async () => {
  const parent = await submit(world)
  for (let n = 0; n < 2; n++) await submit(world, { dependsOn: [parent.id] })
  await cancelJob(db, { jobId: parent.id, actor: systemActor('test') })
  const items = await failing('1h')
  expect(brief(items)).toEqual(['plain parent-ended 2, 2 dead'])
  expect(items[0]!.pattern).toMatch(/‹id›/)
  expect(items[0]!.trend.points.reduce((sum, { count }) => sum + count, 0)).toBe(2)
})

test('each organization sees its own causes, and ignored ones only where they are asked for', async () => {
  await failed('dead', 'smtp')
  await failed('dead', 'smtp', { at: other })
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
    perHour: 5,
    ...by,
  })
  expect(await failing()).toEqual([])
  expect((await failingCauses(db, { range: '24h', ignored: true, limit: 5 }, here)).items).toHaveLength(1)
})

test('pages hold each cause once', async () => {
  for (const fingerprint of ['a', 'b', 'c', 'd', 'e']) await failed('fail', fingerprint)
  await failed('fail', 'c')
  const seen: string[] = []
  for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
    const page = await failingCauses(db, { range: '1h', limit: 2, cursor }, here)
    seen.push(...page.items.map(({ errorFingerprint }) => errorFingerprint))
    cursor = page.nextCursor ?? undefined
  }
  expect(seen[0]).toBe('c')
  expect(seen.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('causes are read from indexes, never from all attempts or jobs', async () => {
  await failed('dead', 'smtp')
  const plans = await plansOf(db, async (tx) => {
    for (const scope of [{ all: true } as const, here]) await failingCauses(tx, { range: '24h', limit: 10 }, scope)
  })
  expect(plans).toHaveLength(2)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (jobs|job_attempts)/)
})
