import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect, test } from './test'
import { baseUrl, home, key, withKey } from './world'

// Requests that browsers and client libraries hardly send. The web process refuses them or answers them as usual,
// reveals nothing about itself, and goes on.

const { hostname, port } = new URL(baseUrl)
const authorization = `Bearer ${key('OPERATOR')}`

interface Raw {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** Sends a request exactly as given, without the corrections that `fetch` would make. */
function raw(path: string, options: RequestOptions = {}, body?: (Buffer | string)[]): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path, ...options, headers: { authorization, ...options.headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    for (const chunk of body ?? []) sent.write(chunk)
    sent.end()
  })
}

const post = (body: (Buffer | string)[], headers: Record<string, string> = {}, procedure = 'jobs.submit') =>
  raw(`/api/trpc/${procedure}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, body)
const reasonOf = ({ text }: Raw) => (JSON.parse(text) as { error: { data: { reason: string } } }).error.data.reason
const submission = (parameters: string) =>
  `{"organizationId":"${home}","jobType":"sample.noop","dedupe":false,"parameters":${parameters}}`
const INSIDES = /node_modules|\n\s+at |\.tsx?:\d|\/server\/|prisma|ENOENT|SyntaxError|TypeError/

async function expectAlive() {
  expect((await raw('/api/health/live')).status).toBe(200)
}

test('bodies that are too long, compressed or meaningless are refused, also where their length is unknown, and a short body of unknown length is accepted', async () => {
  const huge = Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, 'x')) // 2.5 MiB
  // Several writes without a Content-Length make a chunked body.
  expect(reasonOf(await post([`{"a":"`, ...huge, '"}']))).toBe('TOO_LARGE')
  expect(reasonOf(await post([`{"a":"`, ...huge, '"}'], { authorization: 'Bearer no' }))).toBe('UNAUTHENTICATED')
  expect((await post(['{"organizationId":', `"${home}","jobType":"sample.noop",`, '"dedupe":false}'])).status).toBe(200)
  expect(reasonOf(await post([gzipSync(submission('{}'))], { 'content-encoding': 'gzip' }))).toBe(
    'UNSUPPORTED_MEDIA_TYPE',
  )
  expect(reasonOf(await post([gzipSync(submission('{}'))]))).toBe('INVALID_INPUT')
  expect(
    reasonOf(
      await post([Buffer.from(submission('{}'), 'utf16le')], { 'content-type': 'application/json; charset=utf-16le' }),
    ),
  ).toBe('INVALID_INPUT')
  expect(reasonOf(await post(['['.repeat(500_000)]))).toBe('INVALID_INPUT')
  expect(reasonOf(await post([submission(`${'['.repeat(101)}${']'.repeat(101)}`)]))).toBe('INVALID_INPUT')
  expect(reasonOf(await post([submission('{"a":"\\u0000"}')]))).toBe('INVALID_INPUT')
  expect(reasonOf(await post([submission('{"a":1e999}')]))).toBe('INVALID_INPUT')
  await expectAlive()
})

test('a name given twice in parameters is refused at its place, and names that JavaScript uses are ordinary names', async () => {
  const twice = await post([submission('{"a":1,"b":{"c":1,"\\u0063":2}}')])
  expect(reasonOf(twice)).toBe('INVALID_INPUT')
  expect(twice.text).toContain('"path":"parameters.b.c"')
  const answer = await post([
    submission('{"a":2,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'),
  ])
  expect(answer.status).toBe(200)
  const { parameters } = (JSON.parse(answer.text) as { result: { data: { parameters: object } } }).result.data
  expect(JSON.stringify(parameters)).toContain('"a":2')
  expect(Object.keys(parameters).sort()).toEqual(['__proto__', 'a', 'constructor'])
  expect(reasonOf(await post(['{"__proto__":{"jobType":"sample.noop"}}']))).toBe('INVALID_INPUT')
})

test('a caller who sends a body slowly keeps nobody else waiting', async () => {
  const slow = connect(Number(port), hostname)
  slow.on('error', () => undefined)
  slow.write(
    `POST /api/trpc/jobs.submit HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"a"`,
  )
  expect((await post([submission('{}')])).status).toBe(200)
  slow.destroy()
  await expectAlive()
})

test('strange addresses cause no error of the server, show nothing of its insides, and lead to no other site', async () => {
  const id = '00000000-0000-4000-8000-000000000000'
  const paths = [
    '/api/trpc/',
    '/api/trpc/jobs.get%00',
    '/api/trpc/%E0%A4%A',
    '/api/trpc/__proto__',
    '/api/trpc/jobs.__proto__.toString',
    '/api/trpc/constructor',
    '/api/trpc/..%2f..%2fetc%2fpasswd',
    `/api/trpc/${'jobs.get,'.repeat(200)}jobs.get?batch=1&input={}`,
    '/api/trpc/jobs.get?input=%',
    '/api/trpc/jobs.get?input=%FF%FE',
    '/api/trpc/jobs.get?input=%22%5Cud800%22',
    `/api/trpc/jobs.get?input=${encodeURIComponent('['.repeat(2_000))}`,
    `/api/artifacts/${id}/%00`,
    `/api/artifacts/${id}/%E0%A4%A`,
    `/api/artifacts/${id}/..%2f..%2f..%2fetc%2fpasswd`,
    '/api/artifacts/%27%20OR%201%3D1/x',
    `/api/artifacts/${id}/${'x'.repeat(5_000)}`,
    `/api/artifacts/${id}`,
    '/api/auth/__proto__',
    '/api/auth/callback/nobody',
    '/api/auth/callback/%00',
    '/api/auth/signin/..%2f..',
    '/api/auth/session%E0%A4%A',
    '/api/auth/error?error=%00',
    '/api/auth/csrf/x',
    '/api/%2e%2e/%2e%2e/etc/passwd',
    '/api//x',
    '/api/\\..\\x',
    '/%00',
    '/%E0%A4%A',
    '/jobs/%00',
    `/jobs/${id}%27`,
    '/jobs?search=%00&org=%FF',
    '/_next/..%2f..%2fpackage.json',
    '/_next/image?url=http://169.254.169.254/&w=64&q=1',
    '//evil.example',
    '/sign-in?callbackUrl=//evil.example',
  ]
  const wrong: string[] = []
  for (const path of paths) {
    const { status, text, headers } = await raw(path)
    const { location = '' } = headers
    if (status >= 500) wrong.push(`${path}: ${status} ${text.slice(0, 100)}`)
    // Further on, a page has the text of its own scripts, in which such words stand.
    if (INSIDES.test(text.slice(0, 4_000))) wrong.push(`${path} shows ${INSIDES.exec(text)![0]}`)
    if (/^(?:https?:)?\/\/(?!(?:localhost|127\.0\.0\.1))/.test(location)) wrong.push(`${path} leads to ${location}`)
    // 308: an address with a slash at its end is redirected to the one without.
    if (/^\/api\/(?:trpc|artifacts)\//.test(path) && status < 400 && status !== 308) wrong.push(`${path}: ${status}`)
  }
  expect(wrong).toEqual([])
  for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD', 'POST']) {
    for (const path of [
      '/api/trpc/jobs.list',
      `/api/artifacts/${id}/x`,
      '/api/health/live',
      '/api/nothing',
      '/jobs',
      '/no-such-page',
      '/icon.svg',
    ]) {
      const { status, text } = await raw(path, { method })
      expect(status, `${method} ${path}`).toBeLessThan(500)
      if (path.startsWith('/api/')) expect(text, `${method} ${path}`).not.toMatch(INSIDES)
    }
  }
  await expectAlive()
})

test('unknown methods are refused everywhere, and the answer lists the allowed ones', async () => {
  const paths = [
    '/',
    '/jobs',
    '/sign-in',
    '/no-such-page',
    '/icon.svg',
    '/_next/static/x.js',
    '/api',
    '/api/docs',
    '/api/trpc',
    '/api/trpc/jobs.list',
    '/api/auth/csrf',
    '/api/health/ready',
    '/api/openapi.json',
    '/api/nothing',
    '//api/x',
    '*',
  ]
  // Methods are case-sensitive: `get` and `trace` are unknown ones.
  for (const method of ['TRACE', 'CONNECT', 'OPTIONS', 'PROPFIND', 'M-SEARCH', 'BREW', 'get', 'trace']) {
    for (const path of paths) {
      const socket = connect(Number(port), hostname).on('error', () => undefined)
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n\r\n`)
      const answer = await textOf(socket)
      expect(answer, `${method} ${path}`).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
      expect(answer, `${method} ${path}`).toMatch(/\r\nAllow: GET, (?:HEAD|POST)/)
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), `${method} ${path}`).toMatchObject({
        error: { data: { reason: 'METHOD_NOT_SUPPORTED' } },
      })
    }
  }
  await expectAlive()
})

test('the answer is no error of the server and leads to no other site, whatever address the sign-in should lead back to', async () => {
  const wrong: string[] = []
  for (const address of [
    '\\\\evil.example',
    'http://localhost:4310x', // no number of a port
    '/\\evil.example',
    '//evil.example',
    '/..//evil.example',
    'http://',
    '%',
    '/%00',
    '\t//evil.example',
    'x'.repeat(3_000),
  ]) {
    const value = encodeURIComponent(address)
    for (const path of [
      '/sign-in',
      '/api/auth/signin',
      '/api/auth/signout',
      '/api/auth/session',
      '/api/auth/csrf',
      '/api/auth/providers',
      '/api/auth/error',
    ]) {
      for (const [target, headers] of [
        [`${path}?callbackUrl=${value}`, {}],
        [`${path}?callbackUrl=${value}&callbackUrl=${value}`, {}],
        [path, { cookie: `next-auth.callback-url=${value}` }],
      ] as [string, Record<string, string>][]) {
        const { status, headers: answered } = await raw(target, { headers: { authorization: '', ...headers } })
        if (status >= 500 || /evil|4310x/.test(answered.location ?? ''))
          wrong.push(`${target.slice(0, 80)}: ${status} ${answered.location}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('strange header values of every kind are refused or ignored', async () => {
  const odd: Record<string, string>[] = [
    { authorization: 'Bearer' },
    { authorization: 'Bearer  ' },
    { authorization: 'Basic YTpi' },
    { authorization: `Bearer ${'x'.repeat(7_000)}` },
    { authorization: "Bearer ' OR 1=1 --" },
    { authorization: 'Bearer \u00ff\u00fe' },
    { authorization: '', cookie: 'next-auth.session-token=x' },
    { authorization: '', cookie: `next-auth.session-token=${'eyJhbGciOiJkaXIifQ'.repeat(50)}..a.b` },
    { authorization: '', cookie: '__proto__=1; constructor=2; =; ;;' },
    { 'x-forwarded-for': "'; DROP TABLE jobs; --" },
    { 'x-forwarded-for': 'x'.repeat(6_000) },
    { 'x-forwarded-proto': 'javascript' },
    { 'x-forwarded-host': 'evil.example' },
    { host: 'evil.example' },
    { 'last-event-id': '\u00ff' },
    { 'trpc-accept': 'application/jsonl' },
    { accept: '\u00ff' },
    { 'accept-encoding': 'gzip;q=x, , ,' },
    { range: 'bytes=0-' },
    { 'if-none-match': '*' },
    { expect: '200-ok' },
    { 'next-action': 'x' },
    { rsc: '1', 'next-router-state-tree': '%' },
    { 'x-middleware-subrequest': 'proxy:proxy:proxy' },
  ]
  for (const headers of odd) {
    for (const path of ['/api/trpc/session.me', '/sign-in']) {
      const what = `${path} ${JSON.stringify(headers).slice(0, 80)}`
      const answer = await raw(path, { headers })
      expect(answer.status, what).toBeLessThan(500)
      // A page has the text of its own scripts, in which words such as TypeError stand. So less is looked for there.
      expect(answer.text, what).not.toMatch(path === '/sign-in' ? /\n\s+at |ENOENT|prisma/ : INSIDES)
      expect(answer.headers.location ?? '', what).not.toContain('evil.example')
    }
  }
  // Only a request that came by TLS, as a proxy in front tells, gets the header that forbids http.
  const tls = await raw('/sign-in', { headers: { 'x-forwarded-proto': 'https' } })
  expect(tls.headers['strict-transport-security']).toMatch(/^max-age=31536000/)
  expect((await raw('/sign-in')).headers['strict-transport-security']).toBeUndefined()
  const injected = await raw('/api/trpc/session.me?x=%0d%0aset-cookie:%20a=b')
  expect(injected.headers['set-cookie']).toBeUndefined()
  await expectAlive()
  expect((await withKey('VIEWER').query('session.me')).status).toBe(200)
})

test('the largest filter fits into an address, and a longer one is refused with an ordinary error of the API', async () => {
  const filter = {
    organizationId: home,
    jobType: Array.from({ length: 100 }, (_, n) => `a${n}.${'x'.repeat(90)}`),
    args: Array.from({ length: 10 }, (_, n) => ({ path: 'é'.repeat(200), value: `${n}${'é'.repeat(200)}` })),
  }
  const long = `/api/trpc/jobs.list?input=${encodeURIComponent(JSON.stringify(filter))}`
  // Node.js alone would allow 16 KiB of address and headers. The web process allows 64 KiB.
  expect(long.length).toBeGreaterThan(32 * 1024)
  const answer = await raw(long)
  expect(answer.status, answer.text.slice(0, 200)).toBe(200)

  const tooLong: [string, RequestOptions][] = [
    [`/api/trpc/jobs.list?input=${'x'.repeat(70_000)}`, {}],
    ['/api/trpc/session.me', { headers: { cookie: 'x'.repeat(70_000) } }],
    [`/jobs?search=${'x'.repeat(300_000)}`, {}],
  ]
  for (const [path, options] of tooLong) {
    const refused = await raw(path, options)
    expect(refused.status).toBe(413)
    expect(reasonOf(refused)).toBe('TOO_LARGE')
    expect(refused.headers).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      connection: 'close',
    })
  }
  await expectAlive()
})

test('bytes that are not HTTP are refused with an ordinary error of the API, and the connection is closed', async () => {
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET /api/health/live HTTP/1.1\r\nhost: x\r\nno header\r\n\r\n',
    `POST /api/trpc/jobs.submit HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nno length\r\n`,
  ]) {
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    socket.write(bytes)
    const answer = await textOf(socket)
    expect(answer, bytes).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer.match(/HTTP\/1\.1/g), bytes).toHaveLength(1)
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))), bytes).toMatchObject({
      error: { data: { reason: 'INVALID_INPUT' } },
    })
    expect(answer, bytes).not.toMatch(INSIDES)
  }
  await expectAlive()
})

test('strange input to the sign-in signs nobody in', async () => {
  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"__proto__":{"email":"x"}}',
    '{"email":{"a":1},"password":["x"]}',
    '{"email":"a\\u0000b","password":"\\ud800"}',
    `{"email":"${'x'.repeat(20_000)}"}`,
    '['.repeat(10_000),
  ]
  for (const body of bodies) {
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const what = `${type} ${body.slice(0, 40)}`
      const answer = await raw(
        '/api/auth/callback/credentials',
        { method: 'POST', headers: { authorization: '', 'content-type': type, origin: baseUrl } },
        [body],
      )
      expect(answer.status, what).toBeLessThan(500)
      expect(answer.text, what).not.toMatch(INSIDES)
      // A session is a JWT, which begins with "ey".
      expect(JSON.stringify(answer.headers['set-cookie'] ?? ''), what).not.toContain('session-token=ey')
    }
  }
  await expectAlive()
})

test('a call that offers HTTP/2, as Java clients do, is answered as usual, before and after a page was requested', async () => {
  const upgrade = {
    connection: 'Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
  }
  // Next.js would listen for upgrades from its first page on, and close such connections without an answer
  // (server/web/main.ts).
  for (const path of ['/api/health/live', '/sign-in', '/api/health/live', '/api/trpc/session.me']) {
    const answer = await raw(path, { method: 'GET', headers: { authorization: '', ...upgrade } }, [])
    expect(answer.status, path).toBe(path.startsWith('/api/trpc') ? 401 : 200)
  }
  await expectAlive()
})
