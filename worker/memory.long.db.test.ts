import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, expect, test, vi } from 'vitest'
import { inRoot } from '@/launcher/paths.mjs'
import { submitJobs } from '@/server/engine'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '@/server/engine/domain/api-key'
import { tester, unique } from '@/testing/engine'
import { createStage, within } from './stage.fixture'

// What is left of the heap when the garbage is gone must not rise with the work that was done.

const ROUNDS = 10
const JOBS = 10_000
const WATCHERS = 50
/**
 * MiB that the heap may rise from the third to the last round, along a straight line. It rises a little, because caches
 * fill and code is optimized.
 */
const MOST = 4
const NODE_OPTIONS = `--import ${pathToFileURL(inRoot('testing/heap.mjs')).href}`

const stage = await createStage()
afterAll(() => stage.close())

/** Follows what a process writes, and asks it for its heap, which `ask` does by a signal (testing/heap.mjs). */
function heapOf(ask: () => void) {
  const found: number[] = []
  return {
    hear: (text: string) => {
      for (const [, mib] of text.matchAll(/^heap ([\d.]+)$/gm)) found.push(Number(mib))
    },
    async read(): Promise<number> {
      const before = found.length
      ask()
      await vi.waitFor(() => expect(found.length).toBeGreaterThan(before), within(60))
      return found.at(-1)!
    },
  }
}

/** How much the samples rise from the first to the last, along the line that fits them best. */
function rise(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length
  const slope =
    samples.reduce((sum, one, n) => sum + (n - middle) * (one - mean), 0) /
    samples.reduce((sum, _, n) => sum + (n - middle) ** 2, 0)
  return slope * (samples.length - 1)
}

test(`a worker holds no more after ${ROUNDS * JOBS} jobs than after the first ones`, async () => {
  const heap = heapOf(() => worker.kill('SIGUSR2'))
  const worker = stage.start(process.env.TEST_REDIS_URL, { NODE_OPTIONS }, { hear: heap.hear })
  const samples: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    for (let from = 0; from < JOBS; from += 1000) {
      const jobs = Array.from({ length: 1000 }, () => ({ jobType: 'sample.noop', parameters: unique() }))
      await submitJobs(stage.db, { organizationId: stage.world.organizationId, jobs, actor: tester })
    }
    await vi.waitFor(
      async () => expect(await stage.db.job.count({ where: { status: 'COMPLETED' } })).toBe((round + 1) * JOBS),
      { timeout: 600_000, interval: 1_000 },
    )
    samples.push(await heap.read())
  }
  console.log(`heap of the worker in MiB: ${samples.join(' ')}`)
  await stage.kill(worker, 'SIGTERM')
  expect(rise(samples.slice(2))).toBeLessThan(MOST)
}, 3_600_000)

test('a web process holds no more after watchers have come and gone a hundred times', async () => {
  const web = spawn(process.execPath, ['--import', 'tsx', 'testing/web-process.ts'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_OPTIONS,
      DATABASE_URL: stage.database.url,
      NEXTAUTH_SECRET: 'a-secret-for-tests-of-the-api-0123456789',
      NEXTAUTH_URL: 'http://localhost:3000',
      LOG_LEVEL: 'fatal',
    },
  })
  const heap = heapOf(() => web.kill('SIGUSR2'))
  web.stderr.setEncoding('utf8').on('data', heap.hear)
  try {
    const [line] = (await once(web.stdout, 'data')) as [Buffer]
    const url = line.toString().trim()
    const key = await makeKey()
    const samples: number[] = []
    for (let round = 0; round < 10 * ROUNDS; round++) {
      const leave = new AbortController()
      await Promise.all(Array.from({ length: WATCHERS }, () => firstBytes(url, key, leave.signal)))
      leave.abort()
      if (round % 10 === 9) {
        // The process notices that they are gone.
        await new Promise((resolve) => setTimeout(resolve, 2_000))
        samples.push(await heap.read())
      }
    }
    console.log(`heap of the web process in MiB: ${samples.join(' ')}`)
    expect(rise(samples.slice(2))).toBeLessThan(MOST)
  } finally {
    await stage.kill(web)
  }
}, 3_600_000)

async function makeKey(): Promise<string> {
  const key = generateApiKey()
  await stage.db.apiKey.create({
    data: {
      id: uuidv7(),
      organizationId: stage.world.organizationId,
      name: 'watcher',
      role: 'VIEWER',
      prefix: apiKeyPrefix(key),
      hash: Uint8Array.from(hashApiKey(key)),
      callsPerSecond: 1_000_000,
    },
  })
  return key
}

/** Opens a stream of events and waits until it has said something. */
async function firstBytes(url: string, key: string, signal: AbortSignal): Promise<void> {
  const input = JSON.stringify({ organizationId: stage.world.organizationId, lastEventId: 'start' })
  const response = await fetch(`${url}/api/trpc/jobs.watch?input=${encodeURIComponent(input)}`, {
    headers: { authorization: `Bearer ${key}` },
    signal,
  })
  expect(response.status).toBe(200)
  const reader = response.body!.getReader()
  expect((await reader.read()).done).toBe(false)
}
