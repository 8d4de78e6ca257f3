import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '@/server/db'
import { cancelJob, submitJob } from '@/server/engine'
import { systemActor, type Json } from '@/server/engine/domain/types'
import { line } from './line'
import { ORGANIZATION } from './prepare'
import { startWorkerProcess, type WorkerStores } from './worker-process'

const actor = systemActor('bench')

/** Milliseconds after its start at which a job is canceled. */
const CANCELED_AFTER = [0, 50, 200, 1_000, 2_500]

export interface Work {
  jobType: string
  parameters: Json
}

/** What one job took. A worker process of its own carried it out. */
export interface Carried {
  seconds: number
  /** The most memory that the process had, its start included. */
  peakMiB: number
  /** The beginning of the job's result, as JSON. */
  result: string
  /** Bytes of its artifacts. */
  bytes: number
}

/**
 * Carries out one job by a worker process of its own. A process seldom gives memory back, so an earlier job would raise
 * the peak of this one.
 */
export async function carriedOut(db: Db, stores: WorkerStores, work: Work): Promise<Carried> {
  const worker = startWorkerProcess(stores)
  const id = await submit(db, work)
  await ended(db, id)
  const peakMiB = peakMemoryMiB(worker.pid)
  await worker.stop()
  const [row] = await db.$queryRaw<
    { status: string; seconds: number; result: object; bytes: number; message: string }[]
  >`
    SELECT j.status::text, extract(epoch FROM j.finished_at - j.started_at)::float8 AS seconds, r.result,
      COALESCE((SELECT sum(size) FROM artifacts a WHERE a.job_id = j.id), 0)::float8 AS bytes, j.error_message AS message
    FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id WHERE j.id = ${id}::uuid`
  if (row?.status !== 'COMPLETED') throw new Error(`${work.jobType} ended ${row?.status}: ${row?.message}`)
  return { seconds: row.seconds, peakMiB, result: JSON.stringify(row.result).slice(0, 60), bytes: row.bytes }
}

/**
 * Cancels each kind of work at several moments after its start.
 *
 * @returns the longest time from a cancel to CANCELED, in milliseconds
 * @throws where a canceled job left an artifact, where a job ended before it could be canceled, or where none was CANCELED
 */
export async function longestCancel(db: Db, stores: WorkerStores, works: readonly Work[]): Promise<number> {
  const worker = startWorkerProcess(stores)
  let longest = 0
  for (const work of works)
    for (const afterMs of CANCELED_AFTER) {
      const id = await submit(db, work)
      while (['PENDING', 'QUEUED'].includes(await statusOf(db, id))) await sleep(5)
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
  if (longest === 0) throw new Error('every job ended before its cancel could reach it')
  return longest
}

/** The most memory that a process has had since it began. */
export const peakMemoryMiB = (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

const submit = async (db: Db, work: Work) =>
  (await submitJob(db, { organizationId: ORGANIZATION, job: { ...work, dedupe: false }, actor })).id

const statusOf = async (db: Db, id: string) => (await db.job.findUniqueOrThrow({ where: { id } })).status

async function ended(db: Db, id: string): Promise<string> {
  for (;;) {
    const status = await statusOf(db, id)
    if (['COMPLETED', 'DEAD_LETTER', 'CANCELED'].includes(status)) return status
    await sleep(20)
  }
}
