import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDb, Prisma, type Db } from '@/server/db'
import { cancelJob, createMissingJobTypes, submitJob } from '@/server/engine'
import { jobType } from '@/server/engine/domain/job-type-config'
import { CUT } from '@/server/engine/domain/search-words'
import { systemActor } from '@/server/engine/domain/types'
import { queueOf } from '@/worker/catalog/catalog'
import { line } from './line'
import { ORGANIZATION, prepareDatabase } from './prepare'
import { startWorkerProcess } from './worker-process'

const actor = systemActor('bench')
const DAYS = 28
const TYPES = 20
const WORK = [
  { jobType: 'report.operations', parameters: { from: daysAgo(DAYS + 1) } },
  { jobType: 'export.jobs', parameters: { jobTypePrefix: 'bench.' } },
]
/** Milliseconds after its start at which a job is canceled. */
const CANCELED_AFTER = [200, 1_000, 2_500]

interface Stores {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
}

/**
 * Rule 6: a report and an export over many jobs of one organization, each by a worker of its own. Prints how long they
 * take and the most memory that the worker had, and how long a cancel takes that comes while they are at work. Both are
 * to be the same for ten times as many jobs, apart from the time.
 */
export async function reports(stores: Stores, numbers: readonly number[]): Promise<boolean> {
  const db = createDb(stores.databaseUrl, { max: 4 })
  const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-bench-'))
  process.env.STORAGE_DIR = folder
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
      if (jobs === numbers.at(-1)) worst = await canceled(db, stores)
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

async function carriedOut(db: Db, stores: Stores, work: (typeof WORK)[number]) {
  const worker = startWorkerProcess(stores)
  const { id } = await submitJob(db, { organizationId: ORGANIZATION, job: { ...work, dedupe: false }, actor })
  await ended(db, id)
  const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))![1]) / 1024
  await worker.stop()
  const [row] = await db.$queryRaw<
    { status: string; seconds: number; result: object; bytes: number; message: string }[]
  >`
    SELECT j.status::text, extract(epoch FROM j.finished_at - j.started_at)::float8 AS seconds, r.result,
      (SELECT sum(size)::float8 FROM artifacts a WHERE a.job_id = j.id) AS bytes, j.error_message AS message
    FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id WHERE j.id = ${id}::uuid`
  if (row?.status !== 'COMPLETED') throw new Error(`${work.jobType} ended ${row?.status}: ${row?.message}`)
  return { seconds: row.seconds, peakMiB, result: JSON.stringify(row.result).slice(0, 60), bytes: row.bytes }
}

/** The longest time from a cancel to CANCELED, at several moments of each kind of work. No artifact may be left. */
async function canceled(db: Db, stores: Stores): Promise<number> {
  const worker = startWorkerProcess(stores)
  let longest = 0
  for (const work of WORK)
    for (const afterMs of CANCELED_AFTER) {
      const { id } = await submitJob(db, { organizationId: ORGANIZATION, job: { ...work, dedupe: false }, actor })
      while ((await statusOf(db, id)) !== 'RUNNING') await sleep(5)
      await sleep(afterMs)
      const from = performance.now()
      await cancelJob(db, { jobId: id, actor })
      const status = await ended(db, id)
      const ms = performance.now() - from
      line(`  ${work.jobType} canceled ${afterMs} ms after its start (${status})`, ms, 'ms', undefined)
      if (status === 'CANCELED') longest = Math.max(longest, ms)
      if (status === 'CANCELED' && (await db.artifact.count({ where: { jobId: id } })) > 0)
        throw new Error('a canceled job left an artifact')
    }
  await worker.stop()
  return longest
}

const statusOf = async (db: Db, id: string) => (await db.job.findUniqueOrThrow({ where: { id } })).status

async function ended(db: Db, id: string): Promise<string> {
  for (;;) {
    const status = await statusOf(db, id)
    if (['COMPLETED', 'DEAD_LETTER', 'CANCELED'].includes(status)) return status
    await sleep(20)
  }
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** Jobs of twenty types over four weeks that have ended, one in twenty of them failed, by one of 500 causes. */
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
      'bench.' || n % ${TYPES} AS job_type, to_timestamp(ms / 1000.0) AS at,
      to_timestamp(ms / 1000.0) + (n % 4000) * interval '1 ms' AS ended, n % 20 = 0 AS bad,
      'The service ' || n % 500 || ' cannot be reached' AS message, 'cause ' || n % 500 AS fingerprint
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
