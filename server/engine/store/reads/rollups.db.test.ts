import { Client } from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDb } from '@/server/db'
import { openWorld } from '@/testing/engine'
import { removeJobs } from '../../actions/jobs/delete'
import type { Scope } from '../../domain/types'
import { measureRollups, measureRows, type Grain, type Measured } from './measures'
import { metricsByType, metricsOverview, metricsTimeseries } from './metrics'
import { plansOf } from './plans.fixture'
import { forgetRollups, pruneRollups, rolledUpUntil, rollUp, settledUntil } from './rollups'

const { database, db, world } = await openWorld({ max: 4 })

beforeAll(async () => {
  await fill(world.organizationId, 2_000, DAYS)
  await fill(world.otherOrganizationId, 800, DAYS)
  // Work goes on all the time, so the last hours hold more.
  await fill(world.organizationId, 300, 0.1)
})
beforeEach(() => db.$transaction((tx) => forgetRollups(tx)))

/** Each hour takes about as long to add up, however few jobs it has. So there are no more days than needed. */
const DAYS = 7.5
const TYPES = ['plain', 'strict', 'isolated']

/**
 * Makes so many jobs that ended within the last days, each with one attempt. A tenth of the attempts failed, and a few
 * were canceled. They ran for 7 ms to 18 min, and waited for up to 55 s, one in seven not at all.
 */
async function fill(organizationId: string, count: number, days: number): Promise<void> {
  await db.$executeRaw`
    WITH made AS MATERIALIZED (
      SELECT n, clock_timestamp() - random() * ${days}::float8 * interval '1 day' AS at, (${TYPES}::text[])[1 + n % 3] AS type,
        exp(random() * 12 - 5) AS run, CASE WHEN n % 7 = 0 THEN 0 ELSE exp(random() * 8 - 4) END AS wait
      FROM generate_series(1, ${count}::int) AS n
    ), ided AS MATERIALIZED (
      SELECT *, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(${organizationId} || random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id FROM made
    ), jobs AS (
      INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name, max_retries,
        timeout_seconds, run_at, rank_at, created_at, finished_at)
      SELECT id, ${organizationId}::uuid, type, 1, 'INLINE', 'COMPLETED', 'SYSTEM', 'test', 5, 60, at, at, at, at FROM ided RETURNING id
    ), inputs AS (
      INSERT INTO job_inputs (job_id, organization_id, job_type, parameters, created_at) SELECT id, ${organizationId}::uuid, type, '{}', at FROM ided
    ), usage AS (INSERT INTO usage_deltas (organization_id, delta, completed) SELECT ${organizationId}::uuid, 0, count(*) FROM ided)
    INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome)
    SELECT id, 1, ${organizationId}::uuid, type, at - (run + wait) * interval '1 second', at - run * interval '1 second', at - run * interval '1 second', at,
      (CASE WHEN n % 10 = 0 THEN 'FAILED' WHEN n % 97 = 0 THEN 'CANCELED' ELSE 'COMPLETED' END)::"AttemptOutcome" FROM ided`
}

/** Adds up everything that there is. */
const all = () => rollUp(db, { patienceMs: 60_000 })
/** Seconds to the microsecond. PostgreSQL adds in any order, and the last digits of a float depend on it. */
const rounded = (seconds: number) => Math.round(seconds * 1e6) / 1e6
const contents = async () => {
  const rows = await db.metricRollup.findMany({
    orderBy: [{ organizationId: 'asc' }, { spanSeconds: 'asc' }, { jobType: 'asc' }, { at: 'asc' }],
  })
  return rows.map((row) => ({ ...row, waitSeconds: rounded(row.waitSeconds), runSeconds: rounded(row.runSeconds) }))
}
const scopes = (): [string, Scope][] => [
  ['one organization', { organizationIds: [world.organizationId] }],
  ['two organizations', { organizationIds: [world.organizationId, world.otherOrganizationId] }],
  ['everything', { all: true }],
  ['nothing', { organizationIds: [uuidv7()] }],
]
const grains: [string, Grain][] = [
  ['together', { types: 'together', slice: null }],
  ['by type', { types: 'each', slice: null }],
  ['in slices of two hours', { types: 'together', slice: 7200 }],
  ['in slices of a quarter', { types: 'together', slice: 900 }],
]
const sorted = (rows: Measured[]) => [...rows].sort((a, b) => a.at - b.at || (a.jobType < b.jobType ? -1 : 1))

function expectSame(found: Measured[], exact: Measured[]): void {
  expect(found.map(({ wait: _, run: __, ...counts }) => counts)).toEqual(
    exact.map(({ wait: _, run: __, ...counts }) => counts),
  )
  for (const [index, row] of found.entries()) {
    for (const what of ['wait', 'run'] as const) {
      for (const share of ['p50', 'p95', 'p99'] as const) {
        const right = exact[index]![what][share]
        if (right === null) expect(row[what][share]).toBeNull()
        else expect(Math.abs(row[what][share]! - right)).toBeLessThanOrEqual(0.1 * right)
      }
      const average = exact[index]![what].avg
      if (average === null) expect(row[what].avg).toBeNull()
      else expect(row[what].avg).toBeCloseTo(average, 6)
    }
  }
}

/** Compares what the sums say with what the rows say, for each scope and grain. */
async function expectEqual(days = 7): Promise<void> {
  const { until, now } = await rolledUpUntil(db)
  const end = now.getTime() + 1000
  for (const [, scope] of scopes()) {
    for (const [, grain] of grains) {
      const slice = (grain.slice ?? 0) * 1000
      const from = end - days * 86_400_000
      const stretch =
        slice > 0 ? { from: Math.floor(from / slice) * slice, to: Math.ceil(end / slice) * slice } : { from, to: end }
      const found = await measureRollups(db, { ...stretch, until: until?.getTime() ?? null }, grain, scope)
      expectSame(sorted(found), sorted(await measureRows(db, stretch, grain, scope)))
    }
  }
}

describe('what rollups say equals what the rows say', () => {
  it('sums equal what the rows say before anything is added up, halfway, and when everything is', async () => {
    await expectEqual()
    // Without patience, each call adds up one hour. These 72 leave more than four days of the 7.5.
    const half = await rollUp(db, { patienceMs: 0 })
    for (let step = 0; step < 70; step++) await rollUp(db, { patienceMs: 0 })
    const more = await rollUp(db, { patienceMs: 0 })
    expect(more!.getTime()).toBeGreaterThan(half!.getTime())
    expect(more!.getTime()).toBeLessThan(Date.now() - 86_400_000)
    await expectEqual()
    // All but the last slice of five minutes, and some seconds.
    expect((await all())!.getTime()).toBeGreaterThan(Date.now() - 330_000)
    await expectEqual()
    await expectEqual(1)
  })

  it('sums equal what the rows say when two leaders add up at once, and when it is done again', async () => {
    const other = createDb(database.url, { max: 2 })
    await Promise.all([all(), rollUp(other, { patienceMs: 60_000 }), all()])
    await other.$disconnect()
    await expectEqual()
    const once = await contents()
    const { until } = await rolledUpUntil(db)
    await db.$executeRaw`UPDATE rollup_progress SET until = until - interval '2 days'`
    await all()
    // Five more minutes may have passed in the meantime.
    const again = (await contents()).filter(
      ({ at, spanSeconds }) => at.getTime() + spanSeconds * 1000 <= until!.getTime(),
    )
    expect(again).toEqual(once)
  })

  it('sums equal what the rows say, so no figure of an overview, a series or a job type jumps', async () => {
    const ranges = ['1h', '6h', '24h', '7d', '30d'] as const
    const scope = { organizationIds: [world.organizationId] }
    const now = new Date()
    const figures = () =>
      Promise.all(
        ranges.map(async (range) => ({
          overview: await metricsOverview(db, { range, now }, scope),
          series: await metricsTimeseries(db, { range, now }, scope),
          types: await metricsByType(db, { range, now, limit: 100 }, scope),
        })),
      )
    const before = await figures()
    await all()
    const after = await figures()
    for (const [index, { overview, series, types }] of before.entries()) {
      expect(after[index]!.overview).toEqual({ ...overview, wait: near(overview.wait), run: near(overview.run) })
      expect(after[index]!.types.items).toEqual(
        types.items.map((item) => ({ ...item, wait: near(item.wait), run: near(item.run) })),
      )
      const counts = (points: typeof series.points) =>
        points.map(({ at, submitted, completed, failed }) => ({ at, submitted, completed, failed }))
      expect(counts(after[index]!.series.points)).toEqual(counts(series.points))
    }
    expect(before.map(({ types }) => types.items.map(({ jobType }) => jobType))).toEqual(
      ranges.map(() => [...TYPES].sort()),
    )
    const month = before[4]!
    expect(month.types.items.reduce((sum, item) => sum + item.completed, 0)).toBe(
      Math.round(month.overview.throughputPerMinute * 30 * 1440),
    )
  })
})

/** Averages come from the same sums, added in another order. */
const near = (spread: { avg: number | null }) => ({
  ...spread,
  avg: spread.avg === null ? null : (expect.closeTo(spread.avg, 6) as number),
})

it('pages of job types hold each type once', async () => {
  const scope = { all: true } as const
  const names: string[] = []
  for (let cursor: string | undefined, first = true; first || cursor; first = false) {
    const page = await metricsByType(db, { range: '30d', limit: 2, cursor }, scope)
    names.push(...page.items.map(({ jobType }) => jobType))
    cursor = page.nextCursor ?? undefined
  }
  expect(names).toEqual([...TYPES].sort())
})

it('what a job did still counts after the job was removed', async () => {
  await all()
  const scope = { organizationIds: [world.otherOrganizationId] }
  const now = new Date()
  const before = await metricsOverview(db, { range: '7d', now }, scope)
  const series = await metricsTimeseries(db, { range: '7d', now }, scope)
  const gone = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM jobs WHERE organization_id = ${world.otherOrganizationId}::uuid AND finished_at BETWEEN now() - interval '5 days' AND now() - interval '1 day'`
  expect(gone.length).toBeGreaterThan(100)
  await db.$transaction((tx) =>
    removeJobs(
      tx,
      gone.map(({ id }) => id),
    ),
  )
  const after = await metricsOverview(db, { range: '7d', now }, scope)
  expect(after).toEqual({ ...before, counts: { ...before.counts, COMPLETED: before.counts.COMPLETED - gone.length } })
  expect(await metricsTimeseries(db, { range: '7d', now }, scope)).toEqual(series)
})

it('nothing is added up that an open transaction may still add to', async () => {
  const client = new Client({ connectionString: database.url })
  await client.connect()
  await client.query('BEGIN')
  const { rows } = await client.query<{ at: Date }>('SELECT now() AS at')
  expect(await settledUntil(db, 0)).toBe(rows[0]!.at.getTime())
  await client.query('COMMIT')
  expect(await settledUntil(db, 0)).toBeGreaterThan(rows[0]!.at.getTime())
  await client.end()
})

it('after a long absence adding up goes on with what can still be asked for', async () => {
  await db.$executeRaw`INSERT INTO rollup_progress (until) VALUES (now() - interval '400 days')`
  // Nobody can ask for more than 35 days. It goes on at the beginning of that day.
  expect((await rollUp(db, { patienceMs: 0 }))!.getTime()).toBeGreaterThan(Date.now() - 37 * 86_400_000)
})

it('slices are removed when no range reaches them', async () => {
  await all()
  await db.$executeRaw`
    INSERT INTO metric_rollups SELECT organization_id, span_seconds, job_type, at - interval '40 days', 1, 1, 0, 1, 1, '{1,1001}', '{1,1}'
    FROM metric_rollups WHERE span_seconds = 86400`
  const oldest = async (span: number) =>
    (await db.metricRollup.aggregate({ where: { spanSeconds: span }, _min: { at: true } }))._min.at!.getTime()
  for (let removed = 1; removed > 0;) removed = await pruneRollups(db)
  // Slices of five minutes are kept for two days, longer ones for 35, and all of them for a day more.
  expect(await oldest(300)).toBeGreaterThan(Date.now() - 3.1 * 86_400_000)
  expect(await oldest(86_400)).toBeGreaterThan(Date.now() - 37 * 86_400_000)
  await expectEqual()
})

it('metrics are read by indexes, and no table of jobs from end to end', async () => {
  await all()
  const plans = await plansOf(db, async (tx) => {
    for (const range of ['1h', '24h', '30d'] as const) {
      for (const [, scope] of scopes()) {
        await metricsOverview(tx, { range }, scope)
        await metricsTimeseries(tx, { range }, scope)
        await metricsByType(tx, { range, limit: 100 }, scope)
      }
    }
  })
  expect(plans.length).toBeGreaterThan(50)
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on (jobs|job_inputs|job_attempts|metric_rollups)/)
})
