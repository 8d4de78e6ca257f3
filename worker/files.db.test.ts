import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { Client } from 'pg'
import { submitJob } from '@/server/engine'
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
    await stage.completed(await stage.many(1))
    const holder = new Client({ connectionString: stage.database.url })
    await holder.connect()
    const { id } = await (async () => {
      // From here on whoever names a file waits.
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
