import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen, startApiServer, type ApiServer } from '@/testing/api-server'
import { createWorld, type World } from '@/testing/api-world'
import { createTestDatabase, type TestDatabase } from '@/testing/database'
import { ends, finish, start, type World as EngineWorld } from '@/testing/engine'

let database: TestDatabase
let server: ApiServer
let world: World
beforeAll(async () => {
  database = await createTestDatabase()
  server = await startApiServer(database.url)
  world = await createWorld(server.services.db)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

/** Where `npm run try` calls: the API, over a connection whose answers a test can hold or cut. */
async function line() {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const state = { held: '', cut: '', cuts: 0, release: () => release() }
  const proxy = createServer((request, response) => {
    void (async () => {
      const body = await text(request)
      const isAbout = (procedure: string) => procedure !== '' && request.url!.includes(procedure)
      // The first two calls of that procedure get no answer.
      if (isAbout(state.cut) && state.cuts++ < 2) return void request.socket.destroy()
      const answer = await fetch(server.url + request.url, {
        method: request.method,
        headers: { authorization: request.headers.authorization!, 'content-type': 'application/json' },
        ...(body && { body }),
      })
      const content = await answer.text()
      if (isAbout(state.held)) await released
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(content)
    })()
  })
  return { url: await listen(proxy), close: () => proxy.close(), state }
}

function startTry(url: string, parameters: object, jobType = 'test.noop') {
  const child = spawn(process.execPath, ['scripts/try.mjs', jobType, JSON.stringify(parameters)], {
    env: { ...process.env, JOBYARD_URL: url, JOBYARD_API_KEY: world.keys['acme.OPERATOR'], NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, said: () => said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

const jobsOf = (title: string) =>
  server.services.db.job.findMany({ where: { input: { parameters: { path: ['title'], equals: title } } } })

test('an author who presses Ctrl-C while the submission is on its way has the job canceled', async () => {
  const { url, close, state } = await line()
  state.held = 'jobs.submit'
  const run = startTry(url, { title: 'early' })
  await expect.poll(() => jobsOf('early')).toHaveLength(1)
  run.child.kill('SIGINT')
  await expect.poll(run.said).toContain('asking for its cancel')
  state.release()
  expect(await run.ended).toBe(1)
  expect(run.said()).toMatch(/^CANCELED$/m)
  expect(await jobsOf('early')).toMatchObject([{ status: 'CANCELED' }])
  close()
})

test('an author whose Jobyard does not answer for a moment keeps following the job, and its cancel arrives', async () => {
  const { url, close, state } = await line()
  state.cut = 'jobs.get'
  const run = startTry(url, { title: 'cut' })
  await expect.poll(() => state.cuts).toBeGreaterThan(1)
  await expect.poll(run.said).toContain('PENDING')
  Object.assign(state, { cut: 'jobs.cancel', cuts: 0 })
  run.child.kill('SIGINT')
  expect(await run.ended).toBe(1)
  expect(state.cuts).toBeGreaterThan(1)
  expect(await jobsOf('cut')).toMatchObject([{ status: 'CANCELED' }])
  close()
})

test('an author whose parameters do not fit reads once what is wrong', async () => {
  const run = startTry(server.url, { count: 'many' }, 'test.strict')
  expect(await run.ended).toBe(1)
  expect(run.said().match(/parameters\.count/g)).toHaveLength(1)
})

test('an author reads of a failed attempt also where its retry has ended before the next look at the job', async () => {
  const { url, close, state } = await line()
  state.held = 'jobs.get'
  const run = startTry(url, { title: 'quick retry' })
  await expect.poll(() => jobsOf('quick retry')).toHaveLength(1)
  const [job] = await jobsOf('quick retry')
  const engine = { db: server.services.db } as EngineWorld
  await finish(engine, ends.fail(await start(engine, job!.id), 0))
  await finish(engine, ends.complete(await start(engine, job!.id)))
  state.release()
  expect(await run.ended).toBe(0)
  expect(run.said()).toMatch(/^FAILED in attempt 1: Broken$[^]*^COMPLETED$/m)
  expect(run.said().match(/FAILED/g)).toHaveLength(1)
  close()
})
