import { Agent, request } from 'node:http'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDb } from '@/server/db'
import { line } from './line'
import { createBenchKey, ORGANIZATION, prepareDatabase } from './prepare'
import { startWebProcess } from './web-process'
import { startWorkerProcess } from './worker-process'

/** Connections of the caller, and callers of the closed loop. */
const CONNECTIONS = 50
/** Calls of `jobs.submit` in a second. */
const RATE = 200
/** How long these are measured. */
const SECONDS = 30
const WARM_UP_SECONDS = 5
/** How long the closed loop goes on, in which each caller calls again as soon as it has its answer. */
const SATURATION_SECONDS = 10
/** Calls of `submitMany` that are measured. */
const BATCHES = 20

/**
 * Rule 10: `jobs.submit` and `submitMany` as another service calls them, on a running system with one web and one
 * worker process, which runs the jobs. A call's time counts from when it was due. So a stall counts for all calls that
 * had to wait, and not only for the one that was under way.
 */
export async function submitOverHttp(options: {
  databaseUrl: string
  redisUrl: string | undefined
  workerFile: string
  backend: string
  clone: string
}): Promise<boolean> {
  const db = createDb(options.databaseUrl, { max: 4 })
  await prepareDatabase(db)
  const key = await createBenchKey(db, 'OPERATOR')
  const web = await startWebProcess(options)
  const worker = startWorkerProcess(options)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const call = (procedure: string, input: object) => post(`${web.url}/api/trpc/${procedure}`, key, agent, input)
  let n = 0
  const submit = () =>
    call('jobs.submit', { organizationId: ORGANIZATION, jobType: 'sample.noop', parameters: { n: n++ } })
  try {
    await atRate(submit, WARM_UP_SECONDS, createHistogram())
    const took = createHistogram()
    await atRate(submit, SECONDS, took)
    const saturated = await closedLoop(submit)

    const batches: number[] = []
    // Those below 0 warm up.
    for (let batch = -3; batch < BATCHES; batch++) {
      const jobs = Array.from({ length: 1_000 }, () => ({ jobType: 'sample.noop', parameters: { n: n++ } }))
      const from = performance.now()
      await call('jobs.submitMany', { organizationId: ORGANIZATION, jobs })
      if (batch >= 0) batches.push(performance.now() - from)
      await sleep(500)
    }
    batches.sort((a, b) => a - b)

    const what = `jobs.submit over HTTP at ${RATE} a second over ${CONNECTIONS} connections on ${options.backend}`
    line(`${what}, median`, took.percentile(50) / 1000, 'ms', undefined)
    const p99 = line(`${what}, p99`, took.percentile(99) / 1000, 'ms', { below: 100 })
    line(
      `jobs.submit over HTTP, ${CONNECTIONS} callers in a closed loop on ${options.backend}`,
      saturated,
      'calls/s',
      undefined,
    )
    line(`submitMany of 1,000 over HTTP on ${options.backend}, median`, batches[BATCHES / 2]!, 'ms', undefined)
    return (
      line(`submitMany of 1,000 over HTTP on ${options.backend}, worst of ${BATCHES}`, batches.at(-1)!, 'ms', {
        below: 500,
      }) && p99
    )
  } finally {
    agent.destroy()
    await worker.stop()
    await web.stop()
    await db.$disconnect()
  }
}

/**
 * Calls `RATE` times a second at even distances, whether the earlier calls are answered or not. A histogram takes whole
 * numbers from 1 on.
 */
async function atRate(call: () => Promise<void>, seconds: number, microseconds: RecordableHistogram): Promise<void> {
  const begin = performance.now()
  const calls: Promise<void>[] = []
  for (let i = 0; i < RATE * seconds; i++) {
    const due = begin + (i * 1000) / RATE
    const early = due - performance.now()
    if (early > 0) await sleep(early)
    calls.push(call().then(() => microseconds.record(Math.max(1, Math.round((performance.now() - due) * 1000)))))
  }
  await Promise.all(calls)
}

/** Calls in a second of callers who each wait for their answer. */
async function closedLoop(call: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  const end = begin + SATURATION_SECONDS * 1000
  let answered = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (; performance.now() < end; answered++) await call()
    }),
  )
  return answered / ((performance.now() - begin) / 1000)
}

function post(url: string, key: string, agent: Agent, input: object): Promise<void> {
  const body = JSON.stringify(input)
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response
        .on('error', reject)
        .on('end', () =>
          response.statusCode === 200
            ? resolve()
            : reject(new Error(`${url} was answered ${response.statusCode}: ${text.slice(0, 300)}`)),
        )
    })
    sent.on('error', reject).end(body)
  })
}
