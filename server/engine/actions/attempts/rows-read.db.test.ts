import { expect, test } from 'vitest'
import { ends, openWorld, tester, unique, workerId } from '@/testing/engine'
import {
  appendLogs,
  claimJobs,
  dispatchJobs,
  finishAttempts,
  renewLeases,
  reportProgress,
  submitJobs,
  type Db,
  type Tx,
} from '../../index'
import { stillRunning } from './finish/write'

// One connection, as a worker has: it plans each statement once, while the tables are nearly empty. The plans must still
// be good for thousands of jobs.
const { db, world } = await openWorld({ max: 1, workload: 'hotPath' })

const JOBS = 300
const TABLES = ['dedupe_claims', 'job_attempts', 'job_inputs', 'jobs']

/** Takes so many jobs through all of a worker's statements, and gives the rows that each statement read of each table. */
async function walk(count: number): Promise<Record<string, Record<string, number>>> {
  const jobs = Array.from({ length: count }, () => ({ jobType: 'plain', parameters: unique() }))
  for (let from = 0; from < count; from += 1000)
    await submitJobs(db, { organizationId: world.organizationId, jobs: jobs.slice(from, from + 1000), actor: tester })
  const read: Record<string, Record<string, number>> = {}
  const measured = async <T>(name: string, work: (tx: Db) => Promise<T>): Promise<T> =>
    db.$transaction(async (tx) => {
      const before = await rowsOfTables(tx)
      const result = await work(tx as Db)
      const after = await rowsOfTables(tx)
      read[name] = Object.fromEntries(TABLES.map((table) => [table, after[table]! - before[table]!]))
      return result
    })
  const tickets = await measured('dispatch', (tx) => dispatchJobs(tx, 'INLINE', count))
  const claimed = await measured('claim', (tx) => claimJobs(tx, workerId, tickets))
  expect(claimed).toHaveLength(count)
  expect(await measured('renew', (tx) => renewLeases(tx, workerId, claimed))).toHaveLength(count)
  expect(await measured('still running', (tx) => stillRunning(tx, claimed))).toHaveLength(count)
  const about = claimed.map(({ jobId, attempt, organizationId }) => ({ jobId, attempt, organizationId }))
  const progress = about.map((job) => ({ ...job, progress: 1, message: 'Begun' }))
  await measured('progress', (tx) => reportProgress(tx, progress))
  const lines = about.map((job) => ({ ...job, level: 'INFO' as const, message: 'Hello', at: new Date() }))
  await measured('logs', (tx) => appendLogs(tx, lines))
  const outcomes = claimed.map((job) => ends.complete(job))
  const ended = await measured('complete', (tx) => finishAttempts(tx, outcomes))
  expect(ended).toHaveLength(count)
  return read
}

/** How many rows of each table this connection has read, from the table or by an index. */
async function rowsOfTables(tx: Tx): Promise<Record<string, number>> {
  const rows = await tx.$queryRaw<{ table: string; rows: number }[]>`
    SELECT relname AS table, (seq_tup_read + COALESCE(idx_tup_fetch, 0))::int AS rows FROM pg_stat_xact_user_tables
    WHERE relname = ANY(${TABLES}::text[])`
  return Object.fromEntries(rows.map(({ table, rows }) => [table, rows]))
}

test('a worker that began beside nearly empty tables looks at each of its jobs a few times, and at no others', async () => {
  // PostgreSQL takes its plans for the numbers of now: some jobs, of which none waits or runs.
  await walk(3)
  await db.$executeRaw`ANALYZE jobs`
  await walk(3)
  // Many jobs are there, and the statistics do not know.
  for (let round = 0; round < 4; round++) await walk(1000)
  const read = await walk(JOBS)
  // A look at all jobs would be 4,300 rows, and a look at all 300 for each of them 90,000.
  const many = Object.entries(read).flatMap(([statement, tables]) =>
    Object.entries(tables).flatMap(([table, rows]) =>
      rows > 10 * JOBS ? [`${statement}: ${rows} rows of ${table}`] : [],
    ),
  )
  expect(many).toEqual([])
})
