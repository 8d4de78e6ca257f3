import { expect, test } from './test'
import { baseUrl, foreign, home, uniqueWord, withKey, type Job, type Refusal } from './world'

// Calls by a program that knows only HTTP and JSON, and not tRPC.

const operator = withKey('OPERATOR')
const json = { ...operator.headers, 'content-type': 'application/json' }

type Part = { result?: { data: unknown }; error?: Refusal }
async function call(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; text: string; one: Part; each: Part[] }> {
  const response = await fetch(`${baseUrl}${path}`, { headers: operator.headers, ...init })
  const text = await response.text()
  const body = (text === '' ? {} : JSON.parse(text)) as Part | Part[]
  return {
    status: response.status,
    headers: response.headers,
    text,
    one: Array.isArray(body) ? {} : body,
    each: Array.isArray(body) ? body : [body],
  }
}
const encoded = (input: unknown) => encodeURIComponent(JSON.stringify(input))

/** Stack traces, SQL and our own paths. An answer may contain none of them. */
const LEAK = /node_modules|\.tsx?\b|\.next\/|select .* from|at \w+ \(|prisma|zod/i

test.describe('several calls in one request', () => {
  test('several calls in one request are answered in their order, each as it would be alone', async () => {
    const jobs = await Promise.all(
      [1, 2].map(() => operator.submit({ jobType: 'sample.noop', parameters: { word: uniqueWord() } })),
    )
    const inputs = { 0: { jobId: jobs[1]!.id }, 1: { jobId: jobs[0]!.id }, 2: { organizationId: home } }
    const { status, each } = await call(`/api/trpc/jobs.get,jobs.get,jobs.count?batch=1&input=${encoded(inputs)}`)
    expect(status).toBe(200)
    expect(each.map(({ result }) => (result?.data as Job).id)).toEqual([jobs[1]!.id, jobs[0]!.id, undefined])
    expect(each[2]!.result!.data).toHaveProperty('capped')

    const made = await call('/api/trpc/jobs.submit,jobs.cancel?batch=1', {
      method: 'POST',
      headers: { ...withKey('ADMIN').headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        0: { organizationId: home, jobType: 'sample.noop', parameters: { word: uniqueWord() } },
        1: { jobId: crypto.randomUUID() },
      }),
    })
    expect(made.status).toBe(207)
    expect(made.each[0]!.result!.data).toMatchObject({ status: 'PENDING' })
    expect(made.each[1]!.error!.data).toMatchObject({ httpStatus: 404, reason: 'NOT_FOUND' })
  })

  test('several calls in one request fail one by one, or together where the request cannot be read', async () => {
    const inputs = { 0: { jobId: 'no-uuid' }, 2: { organizationId: foreign } }
    const mixed = await call(`/api/trpc/jobs.get,no.such,jobs.count,session.me?batch=1&input=${encoded(inputs)}`)
    expect(mixed.status).toBe(207)
    expect(mixed.each.map(({ error }) => error?.data.reason)).toEqual([
      'INVALID_INPUT',
      'NOT_FOUND',
      'NOT_FOUND',
      undefined,
    ])
    expect(mixed.each[0]!.error!.data.fields?.[0]?.path).toBe('jobId')
    expect(mixed.text).not.toMatch(LEAK)

    const cases: [string, string, RequestInit, number, string][] = [
      ['inputs that are no JSON', '/api/trpc/jobs.get,jobs.get?batch=1&input=%7B', {}, 400, 'INVALID_INPUT'],
      ['inputs that are a list', `/api/trpc/jobs.get,jobs.get?batch=1&input=${encoded([1])}`, {}, 400, 'INVALID_INPUT'],
      [
        'a body that is no JSON',
        '/api/trpc/jobs.cancel,jobs.cancel?batch=1',
        { method: 'POST', headers: json, body: '{' },
        400,
        'INVALID_INPUT',
      ],
      [
        'two calls without batch=1',
        `/api/trpc/jobs.get,jobs.get?input=${encoded({ jobId: crypto.randomUUID() })}`,
        {},
        404,
        'NOT_FOUND',
      ],
      [
        'more calls than the 50 that a request may hold',
        `/api/trpc/${Array.from({ length: 51 }, () => 'session.me').join(',')}?batch=1`,
        {},
        400,
        'INVALID_INPUT',
      ],
      [
        'queries and mutations together',
        `/api/trpc/session.me,jobs.cancel?batch=1&input=${encoded({ 1: { jobId: crypto.randomUUID() } })}`,
        {},
        400,
        'INVALID_INPUT',
      ],
      ['mutations by GET', '/api/trpc/jobs.cancel,jobs.cancel?batch=1', {}, 405, 'METHOD_NOT_SUPPORTED'],
    ]
    for (const [what, path, init, status, reason] of cases) {
      const { each, text, ...answer } = await call(path, init)
      expect(
        each.map(({ error }) => error?.data),
        what,
      ).toContainEqual(expect.objectContaining({ httpStatus: status, reason }))
      // The answer as a whole has 207 where its calls ended differently.
      expect([status, 207], what).toContain(answer.status)
      expect(text, what).not.toMatch(LEAK)
    }
  })
})

test('a request that is no call of the API is refused in JSON with a reason, and reveals nothing about the server', async () => {
  const id = crypto.randomUUID()
  const cases: [string, string, RequestInit, number, string][] = [
    ['no procedure', '/api/trpc/', {}, 404, 'NOT_FOUND'],
    ['a noun alone', '/api/trpc/jobs', {}, 404, 'NOT_FOUND'],
    ['a name out of a prototype', '/api/trpc/jobs.constructor', {}, 404, 'NOT_FOUND'],
    ['another path of the API', '/api/jobs', {}, 404, 'NOT_FOUND'],
    ['a path below the reference', '/api/docs/more', {}, 404, 'NOT_FOUND'],
    ['a query without the input it needs', '/api/trpc/jobs.get', {}, 400, 'INVALID_INPUT'],
    ['an input that is a string', `/api/trpc/jobs.get?input=${encoded('jobId')}`, {}, 400, 'INVALID_INPUT'],
    ['an input that is null', '/api/trpc/jobs.get?input=null', {}, 400, 'INVALID_INPUT'],
    ['an input that was not encoded', '/api/trpc/jobs.get?input={"jobId":"%"}', {}, 400, 'INVALID_INPUT'],
    [
      'a query by POST',
      '/api/trpc/jobs.get',
      { method: 'POST', headers: json, body: JSON.stringify({ jobId: id }) },
      405,
      'METHOD_NOT_SUPPORTED',
    ],
    [
      'a mutation whose input is in the address',
      `/api/trpc/jobs.cancel?input=${encoded({ jobId: id })}`,
      { method: 'POST', headers: json },
      400,
      'INVALID_INPUT',
    ],
    ['OPTIONS', '/api/trpc/jobs.get', { method: 'OPTIONS' }, 405, 'METHOD_NOT_SUPPORTED'],
    ['PATCH', '/api/trpc/jobs.submit', { method: 'PATCH', headers: json, body: '{}' }, 405, 'METHOD_NOT_SUPPORTED'],
    [
      'a file by POST',
      `/api/artifacts/${id}/report.csv`,
      { method: 'POST', headers: json, body: '{}' },
      405,
      'METHOD_NOT_SUPPORTED',
    ],
    ['a file by DELETE', `/api/artifacts/${id}/report.csv`, { method: 'DELETE' }, 405, 'METHOD_NOT_SUPPORTED'],
    [
      'the document by POST',
      '/api/openapi.json',
      { method: 'POST', headers: json, body: '{}' },
      405,
      'METHOD_NOT_SUPPORTED',
    ],
    ['a probe by PUT', '/api/health/live', { method: 'PUT', headers: json, body: '{}' }, 405, 'METHOD_NOT_SUPPORTED'],
    ['a probe by OPTIONS', '/api/health/ready', { method: 'OPTIONS' }, 405, 'METHOD_NOT_SUPPORTED'],
    [
      'text',
      '/api/trpc/jobs.cancel',
      {
        method: 'POST',
        headers: { ...operator.headers, 'content-type': 'text/plain' },
        body: JSON.stringify({ jobId: id }),
      },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'JSON of a kind of its own',
      '/api/trpc/jobs.cancel',
      { method: 'POST', headers: { ...operator.headers, 'content-type': 'application/vnd.api+json' }, body: '{}' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a form with a file',
      '/api/trpc/jobs.cancel',
      { method: 'POST', body: new FormData() },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ]
  for (const [what, path, init, status, reason] of cases) {
    const answer = await call(path, init)
    expect(answer.status, what).toBe(status)
    expect(answer.one.error?.data, what).toMatchObject({ httpStatus: status, reason })
    expect(answer.headers.get('content-type'), what).toMatch(/^application\/json/)
    expect(answer.text, what).not.toMatch(LEAK)
    if (reason === 'INVALID_INPUT') expect(answer.one.error?.data.fields?.length, what).toBeGreaterThan(0)
    if (status === 405 && !path.startsWith('/api/trpc/')) expect(answer.headers.get('allow'), what).toBe('GET, HEAD')
  }
})

test('JSON is accepted with a charset, with another spelling of its type, and with a byte order mark', async () => {
  const job = { organizationId: home, jobType: 'sample.noop' }
  for (const [type, prefix] of [
    ['application/json; charset=utf-8', ''],
    ['Application/JSON', ''],
    ['application/json', '\uFEFF'],
  ] as const) {
    const answer = await call('/api/trpc/jobs.submit', {
      method: 'POST',
      headers: { ...operator.headers, 'content-type': type },
      body: prefix + JSON.stringify({ ...job, parameters: { word: uniqueWord(), größe: 'Zoë 🚂' } }),
    })
    expect(answer.status, type).toBe(200)
    expect((answer.one.result!.data as Job).parameters['größe']).toBe('Zoë 🚂')
  }
})

test('no cache keeps an answer of the API, and HEAD has no body', async () => {
  const answer = await call(`/api/trpc/jobs.count?input=${encoded({ organizationId: home })}`)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const head = await fetch(`${baseUrl}/api/openapi.json`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})
