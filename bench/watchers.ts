import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '@/launcher/processes.mjs'
import { createDb } from '@/server/db'
import { submitJob, submitJobs } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { line } from './line'
import { createBenchKey, ORGANIZATION, prepareDatabase } from './prepare'
import { startWebProcess } from './web-process'

const WATCHERS = 1_000
/** Jobs that are submitted one after the other while all watchers listen. */
const EVENTS = 20
/** Watchers that do not read. */
const DEAF = 200
/** A caller may have so many streams open (server/api/open-streams.ts), so there are several keys. */
const OF_A_KEY = 100
/** Jobs that are submitted while the deaf watchers do not read. */
const MISSED = 20_000
const actor = systemActor('bench')

/**
 * Rule 5: a thousand viewers of one organization on one web process. Measures how long after its commit the last of
 * them has an event, and how much memory they take. Also measures how much memory one viewer takes that does not read
 * while many events pass.
 */
export async function watchers({ databaseUrl, clone }: { databaseUrl: string; clone: string }): Promise<boolean> {
  const db = createDb(databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const keys: string[] = []
  for (let n = 0; n < WATCHERS / OF_A_KEY; n++) keys.push(await createBenchKey(db, 'VIEWER'))
  const keyOf = (n: number) => keys[Math.floor(n / OF_A_KEY)]!
  const web = await startWebProcess({ databaseUrl, clone })
  const submit = async (n: number) =>
    (await submitJob(db, { organizationId: ORGANIZATION, job: { jobType: 'sample.noop', parameters: { n } }, actor }))
      .id
  try {
    // The first watcher makes the process load things once. They do not count for each watcher.
    const first = await connect(web.url, keyOf(0))
    await submit(-1)
    await sleep(2_000)
    const empty = web.memory()

    const streams: Watcher[] = [first]
    while (streams.length < WATCHERS)
      streams.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(50, WATCHERS - streams.length) }, (_, n) =>
            connect(web.url, keyOf(streams.length + n)),
          ),
        )),
      )
    await sleep(2_000)
    const idle = web.memory()
    const took: number[] = []
    for (let n = 0; n < EVENTS; n++) {
      const jobId = await submit(n)
      const committed = performance.now()
      if (!(await until(() => streams.every((stream) => stream.saw(jobId)), 30_000, 5)))
        throw new Error(
          `${streams.filter((stream) => !stream.saw(jobId)).length} of ${WATCHERS} watchers did not see an event`,
        )
      took.push(performance.now() - committed)
    }
    const busy = web.memory()
    for (const stream of streams) stream.close()
    await sleep(3_000)

    const before = web.memory()
    const deaf = await Promise.all(Array.from({ length: DEAF }, (_, n) => connect(web.url, keyOf(n), { deaf: true })))
    for (let n = 0; n < MISSED; n += 1_000) {
      await submitJobs(db, {
        organizationId: ORGANIZATION,
        jobs: Array.from({ length: 1_000 }, (_, i) => ({ jobType: 'sample.noop', parameters: { missed: n + i } })),
        actor,
      })
    }
    await sleep(5_000)
    const stuffed = web.memory()
    for (const stream of deaf) stream.close()

    const what = `${WATCHERS} watchers of one organization`
    const worst = line(`${what}, the last has an event, worst of ${EVENTS}`, Math.max(...took), 'ms', { below: 2_000 })
    line(`${what}, the last has an event, median`, took.sort((a, b) => a - b)[EVENTS / 2]!, 'ms', undefined)
    line(`${what}, memory of the process`, idle, `MiB, ${Math.round(empty)} with one`, undefined)
    line(`${what}, memory of each`, ((Math.max(idle, busy) - empty) * 1024) / (WATCHERS - 1), 'KiB', undefined)
    const bounded = line(
      `a watcher that does not read while ${MISSED} events pass, memory`,
      Math.max(0, ((stuffed - before) * 1024) / DEAF),
      'KiB',
      { below: 2_048 },
    )
    return worst && bounded
  } finally {
    await web.stop()
    await db.$disconnect()
  }
}

interface Watcher {
  saw(jobId: string): boolean
  close(): void
}

/** Resolves once the stream has said where it begins. With `deaf`, nobody reads the stream after that. */
async function connect(url: string, key: string, { deaf = false } = {}): Promise<Watcher> {
  const input = JSON.stringify({ organizationId: ORGANIZATION, lastEventId: 'start' })
  const agent = new Agent({ keepAlive: false })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      `${url}/api/trpc/jobs.watch?input=${encodeURIComponent(input)}`,
      { agent, headers: { authorization: `Bearer ${key}` } },
      resolve,
    ).on('error', reject)
  })
  if (response.statusCode !== 200) throw new Error(`a watcher was answered ${response.statusCode}`)
  response.on('error', () => undefined)
  const seen = new Set<string>()
  await new Promise<void>((resolve) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('"reset"')) {
        resolve()
        if (deaf) response.pause()
      }
      for (const [, jobId] of text.matchAll(/"jobId":"([0-9a-f-]{36})"/g)) seen.add(jobId!)
    })
  })
  return { saw: (jobId) => seen.has(jobId), close: () => response.destroy() }
}
