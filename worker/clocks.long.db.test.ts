import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createStage, expectAlive, queueStores, within, type Stage } from './stage.fixture'

// Only the database's clock decides: workers whose own is wrong by minutes do the same as any.

let stage: Stage

beforeAll(async () => {
  stage = await createStage()
})
afterEach(() => stage.clear())
afterAll(() => stage?.close())

/** What a process loads first so that its Date is wrong by so many minutes, in each of its threads. */
async function wrongBy(minutes: number): Promise<Record<string, string>> {
  const file = path.join(stage.folder, `clock${minutes}.mjs`)
  await writeFile(
    file,
    `const Right = Date
     const now = () => Right.now() + ${minutes} * 60_000
     globalThis.Date = class Date extends Right {
       constructor(...args) { args.length === 0 ? super(now()) : super(...args) }
       static now() { return now() }
     }`,
  )
  return { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` }
}

describe.each(queueStores())('with BullMQ on %s', (_, redisUrl) => {
  test('workers seven minutes ahead and behind start nothing early, end nothing early and lose nothing', async () => {
    const workers = [stage.start(redisUrl, await wrongBy(7)), stage.start(redisUrl, await wrongBy(-7))]
    const [{ at }] = await stage.db.$queryRaw<[{ at: Date }]>`SELECT clock_timestamp() + interval '4 seconds' AS at`
    const planned = await stage.work({}, { runAt: at })
    // It takes 4 s of the 30 s that it may. By the clock of a worker that is wrong by minutes it would be too late at once.
    const limited = await stage.work({ durationMs: 4_000 }, { timeoutSeconds: 30 })
    const overrun = await stage.work({ mode: 'spin' }, { timeoutSeconds: 2, maxRetries: 0 })
    // On PostgreSQL longer than a lease of 15 s, so that both workers renew theirs, and the one that leads looks for
    // lost ones. Leases are the same with Redis, so there a shorter job does.
    const durationMs = redisUrl === undefined ? 17_000 : 4_000
    const long = [await stage.work({ durationMs }), await stage.work({ durationMs })]
    const failing = await stage.work({ failAttempts: 1 })
    const ids = [planned.id, limited.id, ...long.map(({ id }) => id), ...(await stage.many(30))]
    await stage.completed(ids)
    await stage.reached(overrun.id, 'DEAD_LETTER')
    expect(
      await stage.db.job.count({ where: { id: { in: ids }, OR: [{ attempt: { gt: 1 } }, { lost: { gt: 0 } }] } }),
    ).toBe(0)
    const [attempt] = await stage.db.$queryRaw<{ early: boolean }[]>`
      SELECT a.started_at < j.run_at AS early FROM job_attempts a JOIN jobs j ON j.id = a.job_id WHERE j.id = ${planned.id}::uuid`
    expect(attempt).toEqual({ early: false })
    // The retry is due a minute after the failure (a fifth more or less), by PostgreSQL's clock. A clock that is wrong by
    // seven minutes would miss these bounds by far.
    const [retry] = await vi.waitFor(async () => {
      const rows = await stage.db.$queryRaw<{ seconds: number }[]>`
        SELECT EXTRACT(EPOCH FROM j.next_retry_at - a.ended_at)::float AS seconds FROM jobs j JOIN job_attempts a ON a.job_id = j.id WHERE j.id = ${failing.id}::uuid AND j.status = 'FAILED'`
      expect(rows).toHaveLength(1)
      return rows
    }, within(30))
    expect(retry!.seconds).toBeGreaterThan(40)
    expect(retry!.seconds).toBeLessThan(80)
    for (const worker of workers) expectAlive(worker)
    // Lines of a log bear the worker's time. They show that the clocks really were wrong, in both directions.
    const [clocks] = await stage.db.$queryRaw<{ ahead: boolean; behind: boolean }[]>`
      SELECT bool_or(l.at > a.started_at + interval '6 minutes') AS ahead, bool_or(l.at < a.started_at - interval '6 minutes') AS behind
      FROM job_logs l JOIN job_attempts a ON a.job_id = l.job_id AND a.attempt = l.attempt`
    expect(clocks).toEqual({ ahead: true, behind: true })
  }, 120_000)
})
