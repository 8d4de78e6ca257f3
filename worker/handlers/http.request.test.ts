import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseAllowList } from '@/server/engine/domain/destination'
import { MAX_PAYLOAD_BYTES } from '@/server/engine/domain/limits'
import { classifyFailure } from '@/server/engine/domain/failure'
import httpRequest from './http.request'
import { MAX_ANSWER_BYTES, send } from './http/send'
import { secretOfOrigin } from './http/signature'
import { recordingContext } from '@/worker/handler/recording'

// The tests call a real server on the loopback, which the allow list permits.

const secret = 'a-secret-for-tests-of-http-request-0123456789'
let answer: (request: IncomingMessage, response: ServerResponse) => void
let requests: { request: IncomingMessage; body: string }[]
const server = createServer((request, response) => {
  void text(request).then((body) => {
    requests.push({ request, body })
    answer(request, response)
  })
})
let port: number
let base: string

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  base = `http://127.0.0.1:${port}`
})
beforeEach(() => {
  requests = []
})
afterAll(() => void server.close())

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const begin = (parameters: object, allow = '127.0.0.1') => {
  const recording = recordingContext({ outside: { callbackUrl: 'https://jobs.example.com/api/trpc', secret, allow } })
  const run = async () =>
    httpRequest.run(httpRequest.schema.parse({ url: `${base}/work?x=1`, ...parameters }), recording.ctx)
  return { ...recording, end: run() }
}
const failureOf = async (work: Promise<unknown>) =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => classifyFailure(error, { now: new Date() }),
  )

describe('what is sent', () => {
  test('a request carries the body, a description of the job, and a signature over both with the secret of this origin', async () => {
    answer = json(200, { done: true })
    await begin({ body: { order: 'ä' }, headers: { 'X-Trace': '1', Accept: 'text/csv' }, mode: 'respond' }).end
    const [{ request, body }] = requests as [(typeof requests)[0]]
    expect([request.method, request.url, body]).toEqual(['POST', '/work?x=1', '{"order":"ä"}'])
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'text/csv',
      'x-trace': '1',
      'idempotency-key': '0199b2c0-0000-7000-8000-000000000001-1',
    })
    expect(JSON.parse(request.headers['jobyard-job'] as string)).toEqual({
      id: '0199b2c0-0000-7000-8000-000000000001',
      attempt: 1,
      type: 'test',
      organizationId: '0199b2c0-0000-7000-8000-000000000002',
      idempotencyKey: '0199b2c0-0000-7000-8000-000000000001-1',
      mode: 'respond',
      timeoutSeconds: 300,
      callbackUrl: 'https://jobs.example.com/api/trpc',
      token: 'jy_attempt_of-a-test',
    })
    const [, seconds = '', signature] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(request.headers['jobyard-signature'] as string) ?? []
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60)
    const expected = (key: string) =>
      createHmac('sha256', key)
        .update(`${seconds}\n${request.headers['jobyard-job'] as string}\n${body}`)
        .digest('hex')
    expect(signature).toBe(expected(secretOfOrigin(secret, base)))
    expect(signature).not.toBe(expected(secretOfOrigin(secret, 'https://other.example.com')))
  })

  test('a GET request carries no body; a job with a reserved header, a body with GET or a password in its address fails for good and is not sent', async () => {
    answer = json(200, 1)
    await begin({ method: 'GET' }).end
    expect(requests[0]?.request.headers['content-type']).toBeUndefined()
    for (const wrong of [
      { method: 'GET', body: {} },
      { headers: { Host: 'a' } },
      { headers: { 'Jobyard-Job': '{}' } },
      { headers: { 'content-length': '1' } },
      { url: `http://u:p@127.0.0.1:${port}/` },
    ]) {
      expect((await failureOf(begin(wrong).end)).class, JSON.stringify(wrong)).toBe('PERMANENT')
    }
    expect(requests).toHaveLength(1)
  })

  test('no request is sent without a secret in the environment', async () => {
    const { ctx } = recordingContext()
    await expect(httpRequest.run(httpRequest.schema.parse({ url: base }), ctx)).rejects.toThrow(/HTTP_REQUEST_SECRET/)
  })
})

describe('the answer, or none', () => {
  test('an answer in JSON with a number that a double cannot hold is kept as the text that it was', async () => {
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":9007199254740993}')
    expect(await begin({}).end).toMatchObject({ body: '{"id":9007199254740993}', truncated: false })
  })

  test('the result is the answer: its status, some headers, JSON as JSON and text as text, without what PostgreSQL cannot keep', async () => {
    answer = json(201, { id: 7 }, { location: '/things/7', 'set-cookie': 'a=b', etag: '"1"' })
    expect(await begin({}).end).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json', location: '/things/7', etag: '"1"' },
      body: { id: 7 },
      truncated: false,
    })
    // PostgreSQL cannot keep NUL: in text it is replaced, and JSON with it stays text.
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('nul \0 ä')
    expect(await begin({}).end).toMatchObject({ body: 'nul \uFFFD ä' })
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":"\\u0000"}')
    expect(await begin({}).end).toMatchObject({ body: '{"a":"\\u0000"}' })
    answer = (_, response) => void response.writeHead(204).end()
    expect(await begin({}).end).toEqual({ status: 204, headers: {}, body: null, truncated: false })
    // Bytes are not kept. `truncated` says that the body is missing.
    answer = (_, response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.alloc(10))
    expect(await begin({}).end).toMatchObject({ body: null, truncated: true })
  })

  test('an answer that is too large is cut, and an endless one is not read to its end', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (response.write('\u0001'.repeat(16_384)));
      }
      response.on('drain', more)
      more()
    }
    const result = (await begin({}).end) as { body: string; truncated: boolean }
    expect(result.truncated).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES)
    // Each of these characters takes six bytes as JSON, so only a part of what was read fits.
    expect(result.body.length).toBeGreaterThan(MAX_ANSWER_BYTES / 10)
  })

  const inTwoHours = new Date(Date.now() + 7_200_000).toUTCString()
  test.each([
    [429, { 'retry-after': '120' }, 'TRANSIENT', 120],
    [503, { 'retry-after': inTwoHours }, 'TRANSIENT', 7_200],
    [500, {}, 'TRANSIENT', null],
    [408, {}, 'TRANSIENT', null],
    [400, {}, 'PERMANENT', null],
    [401, {}, 'PERMANENT', null],
    [404, { 'retry-after': '5' }, 'PERMANENT', null],
    [302, { location: 'http://127.0.0.1:1/' }, 'PERMANENT', null],
    [304, {}, 'PERMANENT', null],
  ] as const)(
    'an answer with status %i and headers %j fails the attempt with its class of error',
    async (status, headers, errorClass, seconds) => {
      answer = json(status, { why: 'because' }, headers)
      const { end, lines } = begin({})
      const failure = await failureOf(end)
      expect(failure.class).toBe(errorClass)
      if ('retry-after' in headers && headers['retry-after'] === inTwoHours) {
        // The date was made when this file was loaded, so fewer seconds are left.
        expect(failure.retryAfterSeconds).toBeGreaterThan(7_200 - 100)
        expect(failure.retryAfterSeconds).toBeLessThanOrEqual(7_200)
      } else expect(failure.retryAfterSeconds).toBe(seconds)
      expect(failure.message).toContain(`POST ${base}/work answered ${status}`)
      expect(failure.message).not.toContain('x=1')
      if (status !== 304) expect(lines.at(-1)).toBe('It said: {"why":"because"}')
      expect(requests).toHaveLength(1)
    },
  )

  test('a connection that is refused, or ends before or within the answer, is a TRANSIENT error', async () => {
    answer = (request) => void request.socket.destroy()
    expect((await failureOf(begin({}).end)).class).toBe('TRANSIENT')
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x')
      setTimeout(() => request.socket.destroy(), 20)
    }
    expect((await failureOf(begin({}).end)).class).toBe('TRANSIENT')
    expect((await failureOf(begin({ url: 'http://127.0.0.1:1/' }).end)).class).toBe('TRANSIENT')
  })
})

describe('how long a job waits', () => {
  test.each([
    ['after an answer of 202', 202, 'respond'],
    ['in mode report', 200, 'report'],
  ])('a service is waited for %s, until the signal fires', async (_, status, mode) => {
    answer = json(status, {})
    const { end, cancel, lines } = begin({ mode })
    end.catch(() => undefined)
    await expect.poll(() => lines.at(-1)).toBe('The service has accepted the work; waiting for its report')
    const reason = new Error('reported')
    cancel(reason)
    await expect(end).rejects.toBe(reason)
  })

  test('the signal ends a request that nobody answers', async () => {
    answer = () => undefined
    const { end, cancel } = begin({})
    end.catch(() => undefined)
    await expect.poll(() => requests.length).toBe(1)
    const reason = new Error('canceled')
    cancel(reason)
    await expect(end).rejects.toBe(reason)
  })
})

describe('a destination that is not public', () => {
  // Many ways to write the address of this machine, and addresses of ranges that are private or reserved.
  test.each([
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f.1:PORT/',
    'http://0:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[4000::1]/',
    'http://0177.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://127.0.0.1.:PORT/',
    'http://１２７.0.0.1:PORT/',
    'http://a.localhost:PORT/',
    'http://LOCALHOST.:PORT/',
    'http://[2001:0:7f00:1::]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[5f00::1]/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'https://192.168.0.1/',
    'http://[fd00:ec2::254]/',
    'http://[64:ff9b::7f00:1]/',
  ])('a job that calls %s fails for good, and nothing is sent', async (url) => {
    answer = json(200, {})
    // The list permits another name, and this address at another port only.
    const failure = await failureOf(
      begin({ url: url.replace('PORT', String(port)) }, 'other.internal, 127.0.0.1:1').end,
    )
    expect(failure).toMatchObject({
      class: 'PERMANENT',
      message: expect.stringContaining('HTTP_REQUEST_ALLOW') as string,
    })
    expect(requests).toHaveLength(0)
  })

  test.each(['127.0.0.0/8', 'localhost', '[::1], 127.0.0.1'])(
    'a private address is called where HTTP_REQUEST_ALLOW is %s',
    async (allow) => {
      answer = json(200, {})
      const { end } = begin({ url: `http://localhost:${port}/` }, allow)
      expect(await end).toMatchObject({ status: 200 })
    },
  )

  /** Answers a name with these addresses, one after the other, as an attacker's name server would. */
  const rebinding = (...answers: string[]) => {
    let asked = 0
    return {
      asked: () => asked,
      resolve: (
        _host: string,
        _options: object,
        done: (error: null, addresses: { address: string; family: number }[]) => void,
      ) => {
        done(null, [{ address: answers[asked++] ?? '', family: 4 }])
      },
    }
  }
  const request = { url: new URL('http://rebind.example/'), method: 'POST', headers: {}, body: '' }

  test('a name that resolves to a private address when the connection is made is refused', async () => {
    const names = rebinding('127.0.0.1', '8.8.8.8')
    const url = new URL(`http://rebind.example:${port}/`)
    await expect(
      send({ ...request, url }, { allow: [], signal: new AbortController().signal, resolve: names.resolve }),
    ).rejects.toThrow(/private, loopback or reserved/)
    expect(names.asked()).toBe(1)
    expect(requests).toHaveLength(0)
  })

  test('a name that leads to a private address fails exactly as one that does not exist or cannot be looked up', async () => {
    const resolvers = {
      private: (_: string, __: object, done: (error: null, addresses: { address: string; family: number }[]) => void) =>
        done(null, [
          { address: '10.0.0.1', family: 4 },
          { address: '::1', family: 6 },
        ]),
      ...Object.fromEntries(
        ['ENOTFOUND', 'EAI_AGAIN', 'ENODATA', 'ESERVFAIL'].map((code) => [
          code,
          (_: string, __: object, done: (error: NodeJS.ErrnoException, addresses: []) => void) =>
            setImmediate(() =>
              done(Object.assign(new Error(`getaddrinfo ${code}`), { code, hostname: 'db.internal' }), []),
            ),
        ]),
      ),
    } as Record<string, NonNullable<Parameters<typeof send>[1]['resolve']>>
    const failures: Record<string, unknown> = {}
    for (const [name, resolve] of Object.entries(resolvers)) {
      failures[name] = await failureOf(
        send(
          { ...request, url: new URL('http://db.internal:5432/') },
          { allow: [], signal: new AbortController().signal, resolve },
        ),
      )
    }
    for (const failure of Object.values(failures)) expect(failure).toEqual(failures.private)
    expect(failures.private).toMatchObject({
      class: 'TRANSIENT',
      message: expect.stringMatching(
        /^db\.internal:5432 cannot be called: the name does not resolve, or only to private/,
      ) as string,
    })
  })

  test('a name with several addresses is called at its permitted ones only', async () => {
    answer = json(200, {})
    const several: NonNullable<Parameters<typeof send>[1]['resolve']> = (_, __, done) =>
      done(null, [
        { address: '127.0.0.2', family: 4 },
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ])
    const done = await send(
      { ...request, url: new URL(`http://several.example:${port}/`) },
      { allow: parseAllowList('127.0.0.1'), signal: new AbortController().signal, resolve: several },
    )
    expect(done.status).toBe(200)
    // Nothing listens at the permitted address. The other, at which a server would answer, is not tried instead.
    requests = []
    await expect(
      send(
        { ...request, url: new URL(`http://several.example:${port}/`) },
        { allow: parseAllowList('127.0.0.2'), signal: new AbortController().signal, resolve: several },
      ),
    ).rejects.toThrow()
    expect(requests).toEqual([])
  })

  test('a name is looked up once, and the connection goes to the address of that answer', async () => {
    answer = json(200, {})
    const names = rebinding('127.0.0.1', '127.0.0.2')
    const url = new URL(`http://rebind.example:${port}/`)
    const allow = parseAllowList('rebind.example')
    const done = await send(
      { ...request, url },
      { allow, signal: new AbortController().signal, resolve: names.resolve },
    )
    expect([done.status, names.asked()]).toEqual([200, 1])
    expect(requests[0]?.request.headers.host).toBe(`rebind.example:${port}`)
  })
})
