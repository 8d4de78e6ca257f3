import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { buildHandlers } from '@/launcher/handlers.mjs'
import { createMissingJobTypes } from '@/server/engine'
import { jobType } from '@/server/engine/domain/job-type-config'
import { listen } from '@/testing/api-server'
import { createKey } from '@/testing/api-world'
import { startOtlpReceiver } from '@/testing/otlp-receiver'
import { createStage, within, type Stage } from './stage.fixture'

// One trace from a caller's submission over PostgreSQL and BullMQ to the call that a handler makes, over a retry. Web
// and worker are processes of their own, and the receiver takes what they send.

let stage: Stage
let handlers: string
const receiver = await startOtlpReceiver()
const called: IncomingHttpHeaders[] = []
/** The service that the handler calls. It fails the first call, so that the job is tried again. */
const service = createServer((request, response) => {
  called.push(request.headers)
  response.writeHead(called.length === 1 ? 503 : 200).end('{}')
})
const serviceUrl = await listen(service)

beforeAll(async () => {
  stage = await createStage()
  const folder = await mkdtemp(path.join(tmpdir(), 'tracing-handlers-'))
  await mkdir(folder, { recursive: true })
  for (const isolated of [true, false])
    await writeFile(
      path.join(folder, `call-${isolated}.mjs`),
      `import { defineHandler, TransientError, z } from '@jobyard/handler'
       export default defineHandler({
         key: 'own.call-${isolated}', isolated: ${isolated}, schema: z.strictObject({ url: z.string() }),
         async run({ url }) {
           const answer = await fetch(url + '/orders?token=secret')
           await answer.text()
           if (!answer.ok) throw new TransientError('HTTP ' + answer.status)
         },
       })`,
    )
  const built = await buildHandlers(process.env.TEST_DIST_DIR!, {
    folder,
    home: path.join(stage.folder, 'built'),
    silent: true,
  })
  await rm(folder, { recursive: true, force: true })
  handlers = built.folder!
  await createMissingJobTypes(
    stage.db,
    [true, false].map((isolated) =>
      jobType({
        name: `own.call-${isolated}`,
        displayName: 'Call',
        description: '',
        handler: `own.call-${isolated}`,
        parameterSchema: {},
        backoffBaseSeconds: 0,
        backoffCapSeconds: 0,
      }),
    ),
    () => 'ISOLATED', // The worker that starts corrects it where a handler is not isolated.
  )
})
afterEach(() => stage.clear())
afterAll(async () => {
  receiver.close()
  service.close()
  await stage?.close()
})

async function startWeb(env: Record<string, string>) {
  const web = spawn(process.execPath, ['--import', 'tsx', 'testing/web-process.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: stage.database.url,
      NEXTAUTH_SECRET: 'a-secret-for-tests-of-the-api-0123456789',
      NEXTAUTH_URL: 'http://localhost:3000',
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  const [line] = (await once(web.stdout!, 'data')) as [Buffer]
  return { url: line.toString().trim(), stop: () => stage.kill(web, 'SIGTERM') }
}

test.each([true, false])(
  'a job (in a thread of its own: %s) is one trace from the caller to the handler’s call, with its attempts linked',
  async (isolated) => {
    called.length = 0
    receiver.spans.length = 0
    // The last is in milliseconds: how soon spans are sent.
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' }
    const worker = stage.start(undefined, env, { args: [`--handlers=${handlers}`] })
    const web = await startWeb(env)
    const traceId = isolated ? '0af7651916cd43dd8448eb211c80319c' : '1bf7651916cd43dd8448eb211c80319d'
    const answer = await fetch(`${web.url}/api/trpc/jobs.submit`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await createKey(stage.db, stage.world.organizationId, 'ADMIN')}`,
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        'x-request-id': 'order-417',
      },
      body: JSON.stringify({
        organizationId: stage.world.organizationId,
        jobType: `own.call-${isolated}`,
        parameters: { url: serviceUrl },
      }),
    })
    expect(answer.status).toBe(200)
    const jobId = ((await answer.json()) as { result: { data: { id: string } } }).result.data.id
    await stage.reached(jobId, 'COMPLETED')
    const named = (name: string) =>
      receiver.spans.filter((span) => span.name === name).sort((a, b) => Number(a.start - b.start))
    await vi.waitFor(() => expect(named(`handler own.call-${isolated}`)).toHaveLength(2), within(20))
    await Promise.all([web.stop(), stage.kill(worker, 'SIGTERM')])

    const mine = receiver.spans.filter((span) => span.traceId === traceId)
    expect(new Set(mine.map(({ service }) => service))).toEqual(new Set(['jobyard-web', 'jobyard-worker']))
    // `kind`, as OTLP writes it: 2 server, 3 client, 5 consumer. `status`: 0 not set, 2 an error.
    const [submit] = named('jobs.submit')
    expect(submit).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331', service: 'jobyard-web', kind: 2 })
    const [first, second] = named(`handler own.call-${isolated}`)
    expect(first).toMatchObject({
      parentSpanId: submit!.spanId,
      kind: 5,
      status: 2,
      attributes: { 'jobyard.job.id': jobId, 'jobyard.outcome': 'fail', 'jobyard.request.id': 'order-417' },
    })
    expect(second).toMatchObject({
      parentSpanId: submit!.spanId,
      status: 0,
      links: [{ traceId, spanId: first!.spanId }],
      attributes: { 'jobyard.outcome': 'complete' },
    })
    for (const name of [`dispatch own.call-${isolated}`, `claim own.call-${isolated}`])
      expect(named(name).map(({ parentSpanId }) => parentSpanId)).toEqual([submit!.spanId, submit!.spanId])
    const calls = named(`GET ${new URL(serviceUrl).host}`)
    expect(calls).toMatchObject([
      { traceId, parentSpanId: first!.spanId, kind: 3, status: 2, attributes: { 'url.full': `${serviceUrl}/orders` } },
      { traceId, parentSpanId: second!.spanId, kind: 3, status: 0 },
    ])
    // What the called service got is the span of the call itself.
    expect(called.map(({ traceparent }) => traceparent)).toEqual(
      calls.map(({ spanId }) => `00-${traceId}-${spanId}-01`),
    )
  },
)

/** What a worker needs for jobs of the type `http.request`. */
const OUTSIDE = {
  NEXTAUTH_URL: 'http://localhost:3000',
  HTTP_REQUEST_SECRET: 'a-secret-for-tests-of-http-request-0123456789',
  HTTP_REQUEST_ALLOW: '127.0.0.1',
}
const callService = (headers: Record<string, string> = {}) =>
  stage.submit({
    jobType: 'http.request',
    parameters: { url: `${serviceUrl}/orders?token=secret`, headers },
    dedupe: false,
  })

test('the service that an http.request job calls gets the span of the call, unless the job names another', async () => {
  // As if it had been called once already, so that the service answers 200.
  called.length = 1
  receiver.spans.length = 0
  const worker = stage.start(undefined, {
    ...OUTSIDE,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '200',
  })
  const job = await callService()
  await stage.reached(job.id, 'COMPLETED')
  const own = '00-2bf7651916cd43dd8448eb211c80319e-b7ad6b7169203331-01'
  const other = await callService({ TraceParent: own })
  await stage.reached(other.id, 'COMPLETED')
  await stage.kill(worker, 'SIGTERM')

  const handlerOf = (jobId: string) =>
    receiver.spans.find(
      ({ name, attributes }) => name === 'handler http.request' && attributes['jobyard.job.id'] === jobId,
    )
  const calls = receiver.spans.filter(({ name }) => name === `POST ${new URL(serviceUrl).host}`)
  // A job that came without a trace begins one, which has the job's id.
  expect(calls).toMatchObject([
    {
      traceId: job.id.replaceAll('-', ''),
      parentSpanId: handlerOf(job.id)!.spanId,
      kind: 3,
      status: 0,
      attributes: { 'http.response.status_code': 200, 'url.full': `${serviceUrl}/orders` },
    },
  ])
  expect(handlerOf(other.id)).toBeDefined()
  expect(called.slice(1).map(({ traceparent }) => traceparent)).toEqual([
    `00-${calls[0]!.traceId}-${calls[0]!.spanId}-01`,
    own,
  ])
})

test('without a collector nothing is sent and no header is added, and the package is not even loaded', async () => {
  called.length = 1
  receiver.spans.length = 0
  stage.start(undefined, OUTSIDE, { args: [`--handlers=${handlers}`] })
  const jobs = [await stage.submit({ jobType: 'own.call-true', parameters: { url: serviceUrl } }), await callService()]
  for (const { id } of jobs) await stage.reached(id, 'COMPLETED')
  expect(called.slice(1).map(({ traceparent }) => traceparent)).toEqual([undefined, undefined])
  expect(receiver.spans).toEqual([])
  const loadedWith = async (env: Record<string, string>) => {
    const probe = spawn(process.execPath, ['--import', 'tsx', '-e', LOADED], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    })
    const [said] = (await once(probe.stdout!, 'data')) as [Buffer]
    return JSON.parse(said.toString()) as { on: boolean; loaded: number }
  }
  expect(await loadedWith({})).toEqual({ on: false, loaded: 0 })
  const { on, loaded } = await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
  expect(on).toBe(true)
  expect(loaded).toBeGreaterThan(0)
})

/** Says whether tracing is on, and how many files of OpenTelemetry have been loaded for it. */
const LOADED = `import('./server/telemetry/tracing/tracing.ts').then(async ({ startTracing, tracing }) => {
  await startTracing('x')
  const loaded = Object.keys(require.cache).filter((file) => file.includes('@opentelemetry')).length
  process.stdout.write(JSON.stringify({ on: tracing() !== undefined, loaded }))
  process.exit()
})`
