import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answerAtDoor, refuseExpectations, refuseTunnels, SERVER_OPTIONS } from './front-door'
import { answerUnreadable } from './unreadable'

const inside: RequestListener = (request, response) => void response.end(`inside ${request.method} ${request.url}`)
const server = createServer(
  SERVER_OPTIONS,
  (request, response) => void (answerAtDoor(request, response) || inside(request, response)),
)
refuseTunnels(server)
refuseExpectations(server)
answerUnreadable(server)
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => void server.close())

/** All that comes back for one request. */
async function ask(
  method: string,
  target: string,
  sent = 'host: x\r\n',
  version = '1.1',
): Promise<{ status: number; allow?: string; headers: string; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.write(`${method} ${target} HTTP/${version}\r\n${sent}connection: close\r\ncontent-length: 0\r\n\r\n`)
  await once(socket, 'close')
  const [headers = '', body = ''] = text.split(/\r\n\r\n(.*)/s)
  return { status: Number(headers.slice(9, 12)), allow: /\r\nAllow: (.*)/.exec(headers)?.[1], headers, body }
}

const STRANGE = [
  'TRACE',
  'CONNECT',
  'OPTIONS',
  'PROPFIND',
  'PURGE',
  'SEARCH',
  'M-SEARCH',
  'BREW',
  'get',
  'trace',
  'Post',
  'GETT',
  '$X',
]
it.each(STRANGE)(
  'a request with the method %s is refused at addresses of every kind, and told which methods are allowed there',
  async (method) => {
    const allowed = {
      '/': 'GET, HEAD, POST',
      '/jobs?x': 'GET, HEAD, POST',
      '/api/trpc/jobs.list': 'GET, POST',
      '/api/auth/csrf': 'GET, POST',
      '/api/uploads?x': 'POST',
      '/api/uploads/x': 'GET, HEAD, PATCH, DELETE',
      '/api/health/live': 'GET, HEAD',
      '/api': 'GET, HEAD',
      '/icon.svg': 'GET, HEAD',
      '//api/x': 'GET, HEAD, POST',
      '*': 'GET, HEAD, POST',
    }
    for (const [target, allow] of Object.entries(allowed)) {
      const answer = await ask(method, target)
      expect([target, answer.status, answer.allow]).toEqual([target, 405, allow])
      expect(answer.headers).toMatch(/\r\nContent-Security-Policy: default-src 'none'/)
      expect(answer.headers).toMatch(/\r\nX-Content-Type-Options: nosniff/)
      expect(JSON.parse(answer.body)).toMatchObject({
        error: { data: { code: 'METHOD_NOT_SUPPORTED', httpStatus: 405, reason: 'METHOD_NOT_SUPPORTED' } },
      })
    }
  },
)

it('a request with a method that its address may know is passed on, and a page knows no PUT', async () => {
  for (const [method, target] of [
    ['GET', '/'],
    ['POST', '/sign-in'],
    ['PUT', '/api/trpc/jobs.list'],
    ['DELETE', '/api/nothing'],
  ] as const)
    expect((await ask(method, target)).body).toContain(`inside ${method} ${target}`)
  for (const page of ['/jobs', '/api/docs', '/api/docs?x']) expect((await ask('PUT', page)).status).toBe(405)
})

it('an answer that the door only passes on has the headers that protect a browser', async () => {
  const { headers } = await ask('GET', '/anything')
  for (const name of ['Content-Security-Policy', 'X-Content-Type-Options', 'X-Frame-Options', 'Referrer-Policy'])
    expect(headers).toContain(`\r\n${name}: `)
})

it('a request for something that is no path is answered with 404, and of a whole address the path counts', async () => {
  expect(await ask('GET', '*')).toMatchObject({ status: 404, body: expect.stringContaining('NOT_FOUND') as string })
  expect((await ask('GET', 'http://elsewhere.example/jobs?a=1')).body).toContain('inside GET /jobs?a=1')
  expect((await ask('TRACE', 'http://elsewhere.example/api/trpc/x')).allow).toBe('GET, POST')
})

it.each([
  ['expects what nothing here does', 'host: x\r\nexpect: foo\r\n', 417],
  ['names no host', '', 400],
])('a request that %s is refused like any other, with our headers and as JSON', async (_, sent, status) => {
  for (const target of ['/', '/api/trpc/jobs.list']) {
    const answer = await ask('GET', target, sent)
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatch(/\r\nContent-Type: application\/json/)
    expect(answer.headers).toMatch(/\r\nContent-Security-Policy: default-src 'none'/)
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { data: { code: 'BAD_REQUEST', httpStatus: status, reason: 'INVALID_INPUT', fields: [{ path: '' }] } },
    })
  }
})

it('a request of HTTP/1.0 needs no host, and one that asks whether it may send its body is answered', async () => {
  expect((await ask('GET', '/a', '', '1.0')).body).toContain('inside GET /a')
  expect((await ask('GET', '/a', 'host: x\r\nexpect: 100-continue\r\n')).body).toContain('inside GET /a')
})

it('an address with thousands of parameters is refused before Next.js takes seconds to read it', async () => {
  for (const parameters of ['a=1&'.repeat(301), '&'.repeat(10_000), 'a&'.repeat(5_000)]) {
    const { status, body } = await ask('GET', `/jobs?${parameters}`)
    expect(status).toBe(413)
    expect(JSON.parse(body)).toMatchObject({ error: { data: { reason: 'TOO_LARGE' } } })
  }
  expect((await ask('GET', `/jobs?${'status=FAILED&'.repeat(200)}`)).body).toContain('inside GET /jobs')
})
