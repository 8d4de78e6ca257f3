import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { Client } from 'pg'
import { cancelJob, submitJob } from '@/server/engine'
import { tester } from '@/testing/engine'
import { createStage, within, type Stage } from './stage.fixture'

// Files and the rows that name them, with a worker that dies in between.

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.clear())
afterAll(() => stage?.close())

async function filesOf(jobId: string): Promise<string[]> {
  const folder = path.join(stage.folder, 'files')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => file.includes(jobId))
}

test.each([
  ['before the row is written: they go, and those of the next attempt stay', 'unwritten', 2],
  ['once the row is written: they stay', 'written', 1],
] as const)(
  'a worker dies with files in storage, %s',
  async (_, row, attempts) => {
    const worker = stage.start(undefined)
    // When this job has completed, the worker is up.
    await stage.completed(await stage.many(1))
    const holder = new Client({ connectionString: stage.database.url })
    await holder.connect()
    const { id } = await (async () => {
      // From here on, whoever writes the row of a file waits.
      await holder.query('BEGIN; LOCK TABLE artifacts IN EXCLUSIVE MODE')
      const job = await submitJob(stage.db, {
        organizationId: stage.world.organizationId,
        job: { jobType: 'export.jobs', parameters: {} },
        actor: tester,
      })
      const waiting = async () =>
        (
          await holder.query<{ pid: number }>(
            `SELECT pid FROM pg_locks WHERE relation = 'artifacts'::regclass AND NOT granted`,
          )
        ).rows.map(({ pid }) => pid)
      await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), within(30))
      expect(await filesOf(job.id)).toHaveLength(1)
      await stage.kill(worker)
      // A statement that has arrived is carried out although its worker is dead, unless its connection is ended.
      if (row === 'unwritten')
        await holder.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [await waiting()])
      return job
    })().finally(() => holder.end())

    stage.start(undefined)
    await stage.completed([id])
    expect((await stage.job(id)).attempt).toBe(attempts)
    const named = await stage.db.artifact.findMany({ where: { jobId: id } })
    expect(named).toHaveLength(1)
    await vi.waitFor(
      async () => expect(await filesOf(id)).toEqual(named.map(({ storageKey }) => storageKey)),
      within(40),
    )
  },
  120_000,
)

test.each([
  ['report.operations', 'job_attempts'],
  ['export.jobs', 'job_inputs'],
])(
  'a cancel of %s while the database works for it ends that work at once, and leaves no file',
  async (jobType, table) => {
    stage.start(undefined)
    await stage.completed(await stage.many(3))
    const holder = new Client({ connectionString: stage.database.url })
    await holder.connect()
    const atWork = async () => {
      const [row] = await stage.db.$queryRaw<{ n: number }[]>`
        SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE application_name LIKE 'jobyard-handler %' AND state = 'active' AND datname = current_database()`
      return row!.n
    }
    try {
      const { id } = await stage.submit({ jobType, parameters: {}, dedupe: false })
      await vi.waitFor(async () => expect((await stage.job(id)).status).toBe('RUNNING'), {
        timeout: 30_000,
        interval: 5,
      })
      // The thread of the job has just begun. The lock makes its reading last, as if there were a million jobs.
      await holder.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
      await vi.waitFor(async () => expect(await atWork()).toBe(1), within(30))
      await cancelJob(stage.db, { jobId: id, actor: tester })
      await vi.waitFor(async () => expect(await atWork()).toBe(0), { timeout: 10_000, interval: 5 })
      await holder.query('ROLLBACK')
      await stage.reached(id, 'CANCELED')
      expect(await filesOf(id)).toEqual([])
      expect(await stage.db.artifact.count({ where: { jobId: id } })).toBe(0)
    } finally {
      await holder.end()
    }
  },
)
