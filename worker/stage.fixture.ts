import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { createTestDatabase } from '@/testing/database'
import { createDb } from '@/server/db'
import { createMissingJobTypes, getJob, submitJob, submitJobs, type JobView, type SubmitInput } from '@/server/engine'
import { clearJobs, createWorld, tester, unique } from '@/testing/engine'
import { checkInvariants } from '@/server/engine/invariants'
import { queueOf, SHIPPED_JOB_TYPES } from './catalog/catalog'

// Sets up what tests of whole worker processes need: a database, a store for the queue, and processes to start and
// kill.

export type Stage = Awaited<ReturnType<typeof createStage>>

/** How long `vi.waitFor` waits. */
export const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 50 })

/** Fails if the process has ended by itself (exitCode) or by a signal (signalCode). */
export const expectAlive = (worker: ChildProcess): void =>
  expect([worker.exitCode, worker.signalCode]).toEqual([null, null])

/** A database, a folder, and worker processes as `npm start` builds them. */
export async function createStage(jobTypes: Parameters<typeof createMissingJobTypes>[1] = SHIPPED_JOB_TYPES) {
  const database = await createTestDatabase()
  const db = createDb(database.url, { max: 4 })
  const world = await createWorld(db, database.url)
  const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-outages-'))
  await createMissingJobTypes(db, jobTypes, queueOf)
  const workers = new Set<ChildProcess>()

  const kill = async (worker: ChildProcess, signal: NodeJS.Signals = 'SIGKILL') => {
    if (worker.exitCode !== null || worker.signalCode !== null) return
    worker.kill(signal)
    await once(worker, 'exit')
  }

  return {
    database,
    db,
    world,
    folder,
    kill,

    /** @param hear gets what the worker writes; without it that goes to the test's own output */
    start(
      redisUrl: string | undefined,
      env: Record<string, string> = {},
      { hear, args = [] }: { hear?: (text: string) => void; args?: string[] } = {},
    ): ChildProcess {
      const worker = spawn(process.execPath, [path.join(process.env.TEST_DIST_DIR!, 'worker.mjs'), ...args], {
        // With a channel it counts as supervised. Then it starts also where a store is away, and waits for it.
        stdio: ['ignore', ...(hear ? (['pipe', 'pipe'] as const) : (['inherit', 'inherit'] as const)), 'ipc'],
        env: {
          ...process.env,
          NODE_ENV: 'production',
          DATABASE_URL: database.url,
          REDIS_URL: redisUrl ?? '',
          STORAGE_DIR: path.join(folder, 'files'),
          LOG_LEVEL: 'silent',
          ISOLATED_SLOTS: '2',
          ...env,
        },
      })
      if (hear) for (const stream of [worker.stdout!, worker.stderr!]) stream.setEncoding('utf8').on('data', hear)
      workers.add(worker)
      worker.on('exit', () => workers.delete(worker))
      return worker
    },

    submit: (job: SubmitInput): Promise<JobView> =>
      submitJob(db, { organizationId: world.organizationId, job, actor: tester }),

    work: (parameters: Record<string, string | number> = {}, rest: Partial<SubmitInput> = {}): Promise<JobView> =>
      submitJob(db, {
        organizationId: world.organizationId,
        job: { jobType: 'sample.work', parameters: { ...parameters, ...unique() }, ...rest },
        actor: tester,
      }),

    /** Submits so many jobs, a third of them for threads. */
    async many(count: number): Promise<string[]> {
      const jobs = Array.from({ length: count }, (_, n) => ({
        jobType: n % 3 ? 'sample.noop' : 'sample.work',
        parameters: unique(),
      }))
      return (await submitJobs(db, { organizationId: world.organizationId, jobs, actor: tester })).map(({ id }) => id)
    },

    job: (id: string): Promise<JobView> => getJob(db, id, { all: true }),

    /** Its way through the statuses, with what was said of each step. */
    async story(id: string): Promise<string[]> {
      const steps = await db.executionLog.findMany({
        where: { jobId: id },
        orderBy: { id: 'asc' },
        select: { toStatus: true, message: true },
      })
      return steps.map(({ toStatus, message }) => [toStatus, message].filter(Boolean).join(': '))
    },

    /** Waits until the job has this status, and fails with the one that it has. */
    reached: (id: string, status: string, seconds = 40) =>
      vi.waitFor(async () => expect((await getJob(db, id, { all: true })).status).toBe(status), within(seconds)),

    /**
     * Waits for a line of its log. RUNNING is not enough: a thread that has not begun yet hears its signal and ends at
     * once.
     */
    hasLogged: (id: string, message: string) =>
      vi.waitFor(async () => expect(await db.jobLog.count({ where: { jobId: id, message } })).toBe(1), within(30)),

    /** Waits until all of these jobs are COMPLETED, and makes sure that each of them was so once. */
    async completed(ids: readonly string[], seconds = 50): Promise<void> {
      const left = () =>
        db.job.findMany({
          where: { id: { in: [...ids] }, status: { not: 'COMPLETED' } },
          select: {
            status: true,
            queue: true,
            dispatch: true,
            attempt: true,
            lost: true,
            queuedAt: true,
            startedAt: true,
            leaseUntil: true,
          },
        })
      await vi.waitFor(async () => expect(await left()).toEqual([]), within(seconds))
      expect(await db.executionLog.count({ where: { jobId: { in: [...ids] }, toStatus: 'COMPLETED' } })).toBe(
        ids.length,
      )
    },

    /**
     * Empties BullMQ's tables, and with `migrationsToo` also its list of the migrations that made them. Workers use the
     * tables meanwhile, and either side may lose the deadlock.
     */
    emptySchema: ({ migrationsToo }: { migrationsToo: boolean }) =>
      vi.waitFor(async () => {
        const tables = await db.$queryRaw<
          { name: string }[]
        >`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'bullmq' AND (${migrationsToo} OR tablename NOT LIKE '%migration%')`
        await db.$executeRawUnsafe(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`)
      }, within(20)),

    /** After each test: no process remains, the books are right, and no job is in the way of the next. */
    async clear(): Promise<void> {
      await Promise.all([...workers].map((worker) => kill(worker)))
      expect(await checkInvariants(db)).toEqual([])
      await clearJobs(db)
    },

    async close(): Promise<void> {
      await Promise.all([...workers].map((worker) => kill(worker)))
      await db.$disconnect()
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * BullMQ's two places, by the name that titles of tests have, with their address. Without an address BullMQ keeps its
 * queues in PostgreSQL.
 */
export const queueStores = (): [string, string | undefined][] => [
  ['Redis', process.env.TEST_REDIS_URL],
  ['PostgreSQL', undefined],
]
