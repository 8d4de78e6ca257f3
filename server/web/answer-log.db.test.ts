import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createServices } from '@/server/api/services'
import { createRootLogger } from '@/server/logger'
import { DatabaseWatch } from '@/server/telemetry/database-watch'
import { openApi } from '@/testing/api'
import { openDoor } from '@/testing/door'
import { followRequest } from './answer-log'
import { createDirectListener } from './direct-api'

// Over real HTTP, with a database that goes away: which lines a web process writes.

interface Line {
  level: string
  event?: string
  msg: string
  requestId?: string
  [field: string]: unknown
}

const { world, close, database } = await openApi()
const door = await openDoor(database.url)
let lines: Line[] = []
const logger = createRootLogger('debug', { write: (line) => void lines.push(JSON.parse(line) as Line) })
const services = createServices(door.url, logger)
// `getServices` finds them there.
;(globalThis as { jobyardServices?: unknown }).jobyardServices = services
const direct = createDirectListener()
const server = createServer((request, response) => {
  followRequest(request, response, logger)
  if (request.url === '/page') return void response.writeHead(500).end()
  direct(request, response)
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as AddressInfo
const url = `http://127.0.0.1:${port}`
const key = { authorization: `Bearer ${world.keys['acme.OPERATOR']}` }

beforeEach(() => {
  lines = []
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await services.db.$disconnect()
  await door.close()
  await close()
})

const submit = (headers: Record<string, string> = {}) =>
  fetch(`${url}/api/trpc/jobs.submit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...key, ...headers },
    body: JSON.stringify({ organizationId: world.acme, jobType: 'test.noop', dedupe: false }),
  })

test('a request keeps the id that its caller sent, and its job is stored with that id and the trace', async () => {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const answer = await submit({ 'x-request-id': 'order-417', traceparent: trace })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-request-id')).toBe('order-417')
  const { result } = (await answer.json()) as { result: { data: { id: string } } }
  expect(await services.db.jobInput.findUniqueOrThrow({ where: { jobId: result.data.id } })).toMatchObject({
    requestId: 'order-417',
    traceParent: trace,
  })
  await expect
    .poll(() => lines)
    .toMatchObject([
      { level: 'debug', requestId: 'order-417', method: 'POST', path: '/api/trpc/jobs.submit', status: 200 },
    ])
})

test('a caller who sends no id, or one that is not well formed, gets one that was made', async () => {
  const [without, odd, broken] = await Promise.all([
    submit(),
    submit({ 'x-request-id': 'two words' }),
    submit({ traceparent: '00-zz-yy-01' }),
  ])
  const ids = [without, odd, broken].map(({ headers }) => headers.get('x-request-id'))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(new Set(ids).size).toBe(3)
  const { result } = (await broken!.json()) as { result: { data: { id: string } } }
  expect(await services.db.jobInput.findUniqueOrThrow({ where: { jobId: result.data.id } })).toMatchObject({
    traceParent: null,
  })
})

test('an answer with a status of 5xx is logged in one line with the id of its request, and an outage of the database in one line when it begins and one when it ends', async () => {
  const watch = new DatabaseWatch(services.db, logger)
  await watch.look()
  door.shut()
  const refused = await submit({ 'x-request-id': 'during-outage' })
  expect(refused.status).toBe(503)
  await watch.look()
  await watch.look()
  door.open()
  await expect.poll(async () => (await submit()).status).toBe(200)
  await watch.look()
  const failed = lines.filter(({ event }) => event === 'answer-failed')
  expect(failed.filter(({ requestId }) => requestId === 'during-outage')).toMatchObject([
    {
      level: 'error',
      path: '/api/trpc/jobs.submit',
      procedure: 'jobs.submit',
      status: 503,
      reason: 'UNAVAILABLE',
      err: { message: expect.any(String) as string },
    },
  ])
  expect(lines.filter(({ event }) => event === 'lost' || event === 'found')).toMatchObject([
    { event: 'lost', level: 'error', what: 'database' },
    { event: 'found', level: 'info', what: 'database' },
  ])
})

test('a page that fails is logged in one line, and a refusal or a caller who leaves only at the level debug', async () => {
  await fetch(`${url}/page`)
  await fetch(`${url}/api/trpc/jobs.get?input=%7B%7D`, { headers: key })
  const left = connect(port, '127.0.0.1')
  left.write(
    `POST /api/trpc/jobs.submit HTTP/1.1\r\nhost: x\r\nauthorization: ${key.authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  left.destroy()
  await expect.poll(() => lines.length).toBe(3)
  expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject([
    { event: 'answer-failed', method: 'GET', path: '/page', status: 500 },
  ])
})
