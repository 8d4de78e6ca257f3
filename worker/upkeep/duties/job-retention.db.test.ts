import { beforeEach, expect, test } from 'vitest'
import { pruneJobs, type RetentionCursor } from '@/server/engine'
import { clearJobs, openWorld } from '@/testing/engine'
import type { DutyContext } from '../duty'
import { jobRetention, restAfter } from './job-retention'

// One connection, whose counters of what it read can then be told.
const { db, world } = await openWorld({ max: 1 })
const context = { db } as DutyContext

beforeEach(async () => {
  await clearJobs(db)
  // Retention removes only jobs that are in the sums of the charts already.
  await db.$executeRaw`DELETE FROM rollup_progress`
  await db.$executeRaw`INSERT INTO rollup_progress (until) VALUES (clock_timestamp())`
})

/** Makes completed jobs, all created at the time that the first 12 hexadecimal digits of their ids say. */
const insertCompleted = (count: number, createdAt: string, daysAgo: number, jobType = 'plain') => db.$executeRaw`
  INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name,
    max_retries, timeout_seconds, rank_at, finished_at)
  SELECT (${createdAt}::text || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid, ${world.organizationId}::uuid, ${jobType}, 1, 'INLINE', 'COMPLETED', 'SYSTEM', 'test',
    0, 60, now(), clock_timestamp() - ${daysAgo}::int * interval '1 day'
  FROM generate_series(1, ${count}::int) n`

/** April 2022. */
const OLD = '018000000000'
const now = () => Date.now().toString(16).padStart(12, '0')

test('retention removes thousands of old jobs within a few runs, so that it keeps pace with a busy platform', async () => {
  await insertCompleted(4_500, OLD, 400)
  const duty = jobRetention(context)
  const before = await db.job.count()
  await duty.run()
  expect(before).toBe(4_500)
  // A run takes as many steps of 200 jobs as its time allows. On a slow machine these are few.
  for (let run = 0; run < 20 && (await db.job.count()) > 0; run++) await duty.run()
  expect(await db.job.count()).toBe(0)
})

test('one step of retention removes no more than 200 jobs, and the next goes on behind them', async () => {
  await insertCompleted(450, OLD, 400)
  const removed: number[] = []
  let after: RetentionCursor = null
  do {
    const step = await pruneJobs(db, after)
    removed.push(step.removed)
    after = step.after
  } while (after !== null)
  expect(removed).toEqual([200, 200, 50])
  expect(await db.job.count()).toBe(0)
})

test('jobs that are kept for a day are removed although many older ones are kept for longer', async () => {
  await db.jobType.update({ where: { name: 'zero' }, data: { retentionDays: 1 } })
  const daysOld = (days: number) => (Date.now() - days * 86_400_000).toString(16).padStart(12, '0')
  await insertCompleted(30_000, daysOld(20), 20)
  await insertCompleted(500, daysOld(2), 2, 'zero')
  const duty = jobRetention(context)
  let runs = 0
  for (; runs < 10 && (await db.job.count({ where: { jobType: 'zero' } })) > 0; runs++) await duty.run()
  // A run that took only one step, which looks at 2,000 jobs, would need sixteen.
  expect(runs).toBeLessThan(10)
  expect(await db.job.count()).toBe(30_000)
  await db.jobType.update({ where: { name: 'zero' }, data: { retentionDays: 30 } })
})

test('a walk over the old jobs that found nothing to remove is followed by the next after a minute, however short it was', async () => {
  let seconds = 5_000
  const duty = jobRetention(context, () => seconds * 1000)
  await duty.run()
  await insertCompleted(1, OLD, 400)
  seconds += 59
  await duty.run()
  expect(await db.job.count()).toBe(1)
  seconds += 2
  await duty.run()
  expect(await db.job.count()).toBe(0)
})

test('a long walk is followed by a rest of four times its length, or of twenty times where it removed less than one job a step', () => {
  expect(restAfter({ ms: 100_000, steps: 500, removed: 500 })).toBe(400_000)
  expect(restAfter({ ms: 100_000, steps: 500, removed: 499 })).toBe(2_000_000)
  // At most an hour, or four times the walk where that is longer.
  expect(restAfter({ ms: 500_000, steps: 500, removed: 0 })).toBe(3_600_000)
  expect(restAfter({ ms: 1_000_000, steps: 500, removed: 0 })).toBe(4_000_000)
})

test('a step of retention reads none of the jobs that are younger than a day', async () => {
  await insertCompleted(5_000, now(), 0)
  await db.$executeRaw`VACUUM ANALYZE jobs`
  const entriesRead = async () => {
    // Otherwise what this session has counted is in the view only some time later.
    await db.$executeRaw`SELECT pg_stat_force_next_flush()`
    const [row] = await db.$queryRaw<{ read: bigint }[]>`
      SELECT idx_tup_read + seq_tup_read AS read FROM (
        SELECT sum(idx_tup_read) AS idx_tup_read, (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'jobs')
        FROM pg_stat_user_indexes WHERE relname = 'jobs') r`
    return Number(row!.read)
  }
  // Otherwise the planner might read a table of this size without its index. It never does so with a large one.
  await db.$executeRaw`SET enable_seqscan = off`
  const before = await entriesRead()
  expect(await pruneJobs(db, null)).toEqual({ removed: 0, after: null })
  expect((await entriesRead()) - before).toBeLessThan(100)
})
