import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answerAtDoor, refuseTunnels } from './front-door'
import { answerUnreadable } from './unreadable'

const inside: RequestListener = (request, response) => void response.end(`inside ${request.method} ${request.url}`)
const server = createServer((request, response) => void (answerAtDoor(request, response) || inside(request, response)))
refuseTunnels(server)
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
): Promise<{ status: number; allow?: string; headers: string; body: string }> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
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
it.each(STRANGE)('a request by %s is refused with what is allowed, wherever it goes', async (method) => {
  const allowed = {
    '/': 'GET, HEAD, POST',
    '/jobs?x': 'GET, HEAD, POST',
    '/api/trpc/jobs.list': 'GET, POST',
    '/api/auth/csrf': 'GET, POST',
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
})

it('methods that something may understand go on to it', async () => {
  for (const [method, target] of [
    ['GET', '/'],
    ['POST', '/sign-in'],
    ['PUT', '/api/trpc/jobs.list'],
    ['DELETE', '/api/nothing'],
  ] as const)
    expect((await ask(method, target)).body).toContain(`inside ${method} ${target}`)
  for (const page of ['/jobs', '/api/docs', '/api/docs?x']) expect((await ask('PUT', page)).status).toBe(405)
})

it('every answer carries the headers that let it do nothing, unless whoever answers says otherwise', async () => {
  const { headers } = await ask('GET', '/anything')
  for (const name of ['Content-Security-Policy', 'X-Content-Type-Options', 'X-Frame-Options', 'Referrer-Policy'])
    expect(headers).toContain(`\r\n${name}: `)
})

it('a target that is no path leads nowhere, and a whole address means the path in it', async () => {
  expect(await ask('GET', '*')).toMatchObject({ status: 404, body: expect.stringContaining('NOT_FOUND') as string })
  expect((await ask('GET', 'http://elsewhere.example/jobs?a=1')).body).toContain('inside GET /jobs?a=1')
  expect((await ask('TRACE', 'http://elsewhere.example/api/trpc/x')).allow).toBe('GET, POST')
})
