import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDb, Prisma, type Db } from '@/server/db'
import { createMissingJobTypes } from '@/server/engine'
import { jobType } from '@/server/engine/domain/job-type-config'
import { CUT } from '@/server/engine/domain/search-words'
import { queueOf } from '@/worker/catalog/catalog'
import { line } from './line'
import { carriedOut, longestCancel, type Work } from './one-job'
import { ORGANIZATION, prepareDatabase } from './prepare'
import type { WorkerStores } from './worker-process'

const DAYS = 28
const TYPES = 20
const WORK: Work[] = [
  { jobType: 'report.operations', parameters: { from: daysAgo(DAYS + 1) } },
  { jobType: 'export.jobs', parameters: { jobTypePrefix: 'bench.' } },
]

/**
 * Rule 6: a report and an export over many jobs of one organization, each by a worker of its own. Prints how long they
 * take and the most memory that the worker had, and how long a cancel takes that comes while they are at work. For ten
 * times as many jobs they may take longer, and no more memory.
 */
export async function reports(given: Omit<WorkerStores, 'env'>, numbers: readonly number[]): Promise<boolean> {
  const db = createDb(given.databaseUrl, { max: 4 })
  const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-bench-'))
  const stores = { ...given, env: { STORAGE_DIR: folder } }
  const memory = new Map<string, number[]>()
  let worst = 0
  try {
    for (const jobs of numbers) {
      await prepareDatabase(db)
      await insertEnded(db, jobs)
      for (const work of WORK) {
        const { seconds, peakMiB, result, bytes } = await carriedOut(db, stores, work)
        const what = `${work.jobType} over ${jobs.toLocaleString('en')} jobs`
        line(`${what} (${result}, ${(bytes / 1e6).toFixed(1)} MB)`, seconds, 's', undefined)
        line(`${what}, most memory of the worker`, peakMiB, 'MiB', undefined)
        memory.set(work.jobType, [...(memory.get(work.jobType) ?? []), peakMiB])
      }
      if (jobs === numbers.at(-1)) worst = await longestCancel(db, stores, WORK)
    }
  } finally {
    await db.$disconnect()
    await rm(folder, { recursive: true, force: true })
  }
  let ok = line('a cancel while a report or an export is at work, longest', worst, 'ms', { below: 1_000 })
  for (const [jobType, [few, many]] of memory)
    ok = line(`${jobType}: memory against a tenth of the jobs`, many! / few!, 'times', { below: 1.25 }) && ok
  return ok
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** Jobs of twenty types over four weeks that have ended. One in twenty failed, by one of 500 causes. */
async function insertEnded(db: Db, jobs: number): Promise<void> {
  const types = Array.from({ length: TYPES }, (_, n) =>
    jobType({
      name: `bench.${n}`,
      displayName: `Bench ${n}`,
      description: '',
      handler: 'sample.noop',
      parameterSchema: {},
    }),
  )
  await createMissingJobTypes(db, types, queueOf)
  const now = Date.now()
  const ended = Prisma.sql`(
    SELECT n, (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid AS id,
      'bench.' || n / 20 % ${TYPES} AS job_type, to_timestamp(ms / 1000.0) AS at,
      to_timestamp(ms / 1000.0) + (n % 4000) * interval '1 ms' AS ended, n % 20 = 0 AS bad,
      'The service ' || n / 20 % 500 || ' cannot be reached' AS message, 'cause ' || n / 20 % 500 AS fingerprint
    FROM (SELECT n, (${now}::float8 - ${DAYS * 86_400_000}::float8 * (1 - n::float8 / ${jobs}))::bigint AS ms
      FROM generate_series(1, ${jobs}::int) AS n) made) made`
  await db.$executeRaw`
    INSERT INTO jobs (id, organization_id, job_type, job_type_version, queue, status, submitted_by_type, submitted_by_name,
      max_retries, timeout_seconds, run_at, rank_at, created_at, queued_at, started_at, finished_at, attempt, error_message,
      error_class, error_fingerprint)
    SELECT id, ${ORGANIZATION}::uuid, job_type, 1, 'INLINE', (CASE WHEN bad THEN 'DEAD_LETTER' ELSE 'COMPLETED' END)::"JobStatus",
      'SYSTEM', 'bench', 0, 60, at, at, at, at, at, ended, 1, CASE WHEN bad THEN message END,
      (CASE WHEN bad THEN 'PERMANENT' END)::"ErrorClass", CASE WHEN bad THEN fingerprint END
    FROM ${ended}`
  await db.$executeRaw`
    INSERT INTO job_inputs (job_id, organization_id, job_type, parameters)
    SELECT id, ${ORGANIZATION}::uuid, job_type,
      jsonb_build_object('order', 'SO-' || n, 'customer', repeat('x', n % 200)) FROM ${ended}`
  await db.$executeRaw`
    INSERT INTO job_attempts (job_id, organization_id, job_type, attempt, ready_at, queued_at, started_at, ended_at, outcome,
      error_message, error_fingerprint)
    SELECT id, ${ORGANIZATION}::uuid, job_type, 1, at, at, at, ended,
      (CASE WHEN bad THEN 'FAILED' ELSE 'COMPLETED' END)::"AttemptOutcome", CASE WHEN bad THEN message END,
      CASE WHEN bad THEN fingerprint END
    FROM ${ended}`
  // Jobs without them would be given words by the leader while it is measured.
  await db.$executeRaw`
    INSERT INTO job_search (job_id, organization_id, title, words, cut)
    SELECT id, ${ORGANIZATION}::uuid, 'Bench', ''::tsvector, ${CUT} FROM ${ended}`
  await db.$executeRaw`VACUUM ANALYZE`
}
