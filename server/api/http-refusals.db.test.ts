import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { openApi } from '@/testing/api'
import { caller } from '@/testing/api-world'
import { createServices } from './services'

const { world, api, close } = await openApi()
afterAll(close)

// Which refusal a bad call gets, and in which order the checks come.

const key = (name: string) => ({ key: world.keys[name]! })

// `test.strict` takes a whole number `count`. Each test has numbers of its own, so that no job is a duplicate by
// accident.
describe('refusals come in the order of the specification, and name what is wrong', () => {
  const call = (input: unknown, who = {}) => api.mutate('jobs.submit', input, who)
  const reasonOf = async (input: unknown, who = {}) => (await call(input, who)).error?.data?.reason

  it('without authentication a call is refused before its input is checked', async () => {
    expect(await reasonOf({ nonsense: true })).toBe('UNAUTHENTICATED')
    expect(await reasonOf('{', { key: 'jy_live_wrong' })).toBe('UNAUTHENTICATED')
    expect((await call({}, {})).status).toBe(401)
  })

  it('a wrong input is refused before access is', async () => {
    expect(await reasonOf({ organizationId: world.globex, jobType: 'X!' }, key('acme.ADMIN'))).toBe('INVALID_INPUT')
  })

  it('a cursor that no list gave out is refused before access is', async () => {
    for (const cursor of ['not base64url!', 'x'.repeat(201), '']) {
      const { error } = await api.query('jobs.list', { organizationId: world.globex, cursor }, key('acme.ADMIN'))
      expect(error.data, cursor).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path: 'cursor' }] })
    }
  })

  it('missing access is refused before an unknown job type', async () => {
    expect(await reasonOf({ organizationId: world.globex, jobType: 'no.such' }, key('acme.ADMIN'))).toBe('NOT_FOUND')
    expect(await reasonOf({ organizationId: world.acme, jobType: 'no.such' }, key('acme.VIEWER'))).toBe('NOT_PERMITTED')
  })

  it('an unknown job type is refused before wrong parameters, and a type for ADMINs is refused to an OPERATOR', async () => {
    expect(
      await reasonOf({ organizationId: world.acme, jobType: 'no.such', parameters: 5 }, key('acme.OPERATOR')),
    ).toBe('UNKNOWN_JOB_TYPE')
    expect(await reasonOf({ organizationId: world.acme, jobType: 'test.admin-only' }, key('acme.OPERATOR'))).toBe(
      'NOT_PERMITTED',
    )
    expect(
      await reasonOf({ organizationId: world.acme, jobType: 'test.admin-only' }, key('acme.ADMIN')),
    ).toBeUndefined()
  })

  it('wrong parameters are refused before a dependency, and a dependency before an idempotency key', async () => {
    const job = { organizationId: world.acme, jobType: 'test.strict', idempotencyKey: 'k0', parameters: { count: 800 } }
    expect(await reasonOf(job, key('acme.OPERATOR'))).toBeUndefined()
    const dependsOn = [uuidv7()]
    expect(await reasonOf({ ...job, parameters: {}, dependsOn }, key('acme.OPERATOR'))).toBe('INVALID_PARAMETERS')
    const refused = await call({ ...job, parameters: { count: 801 }, dependsOn }, key('acme.OPERATOR'))
    expect(refused.error.data).toMatchObject({
      code: 'BAD_REQUEST',
      reason: 'INVALID_DEPENDENCY',
      fields: [{ path: 'dependsOn[0]' }],
    })
    expect(await reasonOf({ ...job, ref: 'only in a batch' }, key('acme.OPERATOR'))).toBe('INVALID_INPUT')
  })

  it('a dependency that needs no database to judge is refused in the same order: no id, the job itself, a circle', async () => {
    const batch = (who: string, ...jobs: object[]) =>
      api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, key(who))
    const strict = (count: unknown, over: object) => ({ jobType: 'test.strict', parameters: { count }, ...over })
    const circle = (jobType: string, count: unknown) => [
      { ...strict(count, { ref: 'a', dependsOn: ['b'] }), jobType },
      { ...strict(701, { ref: 'b', dependsOn: ['a'] }), jobType },
    ]
    for (const jobs of [
      [strict(700, { dependsOn: ['x'] })],
      [strict(700, { ref: 'me', dependsOn: ['me'] })],
      circle('test.strict', 700),
    ]) {
      expect((await batch('acme.OPERATOR', ...jobs)).error.data.reason).toBe('INVALID_DEPENDENCY')
      expect((await batch('globex.ADMIN', ...jobs)).error.data.reason).toBe('NOT_FOUND')
      expect((await batch('acme.VIEWER', ...jobs)).error.data.reason).toBe('NOT_PERMITTED')
    }
    expect((await batch('acme.OPERATOR', ...circle('no.such', 700))).error.data.reason).toBe('UNKNOWN_JOB_TYPE')
    expect((await batch('acme.OPERATOR', ...circle('test.strict', 'x'))).error.data.reason).toBe('INVALID_PARAMETERS')
    // Two jobs with the same ref are a wrong input, and not a wrong dependency.
    expect((await batch('globex.ADMIN', strict(1, { ref: 'a' }), strict(2, { ref: 'a' }))).error.data).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'jobs[1].ref' }],
    })
  })

  it('a duplicate within submitMany tells which job it is, and which job it repeats', async () => {
    const job = { jobType: 'test.strict', parameters: { count: 650 } }
    const first = await api.mutate('jobs.submit', { organizationId: world.acme, ...job }, key('acme.OPERATOR'))
    const other = { jobType: 'test.strict', parameters: { count: 651 } }
    const batch = (jobs: object[]) =>
      api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, key('acme.OPERATOR'))
    expect((await batch([other, job])).error.data).toMatchObject({
      reason: 'DUPLICATE_JOB',
      existingJobId: first.data.id,
      existingStatus: 'PENDING',
      fields: [{ path: 'jobs[1].parameters' }],
    })
    expect((await batch([other, other])).error.data).toMatchObject({
      reason: 'DUPLICATE_JOB',
      fields: [{ path: 'jobs[1].parameters' }],
    })
  })

  it('a condition on a parameter names one value or a list of values, and has a largest size, both in lists and in bulk actions', async () => {
    const args = (bytes: number) => [{ path: 'note', value: 'x'.repeat(bytes - 2) }]
    for (const wrong of [{ path: 'note' }, { path: 'note', value: 1, values: [1] }, { path: 'note', values: [] }]) {
      const refused = await api.query('jobs.count', { organizationId: world.acme, args: [wrong] }, key('acme.ADMIN'))
      expect(refused.error.data, JSON.stringify(wrong)).toMatchObject({ reason: 'INVALID_INPUT' })
    }
    const list = await api.query('jobs.list', { organizationId: world.acme, args: args(601) }, key('acme.ADMIN'))
    expect(list.error.data).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path: 'args[0].value' }] })
    expect(
      (await api.query('jobs.count', { organizationId: world.acme, args: args(600) }, key('acme.ADMIN'))).data,
    ).toEqual({ count: 0, capped: false })
    const bulk = await api.mutate(
      'jobs.cancelMany',
      { organizationId: world.acme, filter: { args: args(601) } },
      key('acme.ADMIN'),
    )
    expect(bulk.error.data).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path: 'filter.args[0].value' }] })
  })

  it('wrong parameters are refused before an idempotency key; other input under a known key, and a duplicate, are refused with the id of the job that is there', async () => {
    const job = { organizationId: world.acme, jobType: 'test.strict', idempotencyKey: 'k1', parameters: { count: 900 } }
    expect(await reasonOf(job, key('acme.OPERATOR'))).toBeUndefined()
    expect(await reasonOf({ ...job, parameters: {} }, key('acme.OPERATOR'))).toBe('INVALID_PARAMETERS')
    const mismatch = await call({ ...job, parameters: { count: 901 } }, key('acme.OPERATOR'))
    expect(mismatch.error.data).toMatchObject({
      code: 'CONFLICT',
      reason: 'IDEMPOTENCY_MISMATCH',
      existingJobId: expect.any(String),
    })
    const duplicate = await call({ ...job, idempotencyKey: 'k2' }, key('acme.OPERATOR'))
    expect(duplicate.error.data).toMatchObject({
      code: 'CONFLICT',
      httpStatus: 409,
      reason: 'DUPLICATE_JOB',
      existingJobId: mismatch.error.data.existingJobId,
      existingStatus: 'PENDING',
    })
  })
})

describe('requests that are bad, large, in a batch, or without a database', () => {
  const who = () => key('acme.ADMIN')

  it('a bad request is refused with the name of each wrong field', async () => {
    const { error } = await api.mutate(
      'jobs.submit',
      { organizationId: 'x', jobType: 'test.noop', priority: 'URGENT', parents: [], runAt: 'soon', maxRetries: -1 },
      who(),
    )
    expect(error.data).toMatchObject({ code: 'BAD_REQUEST', httpStatus: 400, reason: 'INVALID_INPUT' })
    expect(error.data.fields.map(({ path }: { path: string }) => path).sort()).toEqual([
      'maxRetries',
      'organizationId',
      'parents',
      'priority',
      'runAt',
    ])
    const many = await api.mutate(
      'jobs.submitMany',
      { organizationId: world.acme, jobs: [{ jobType: 'test.noop' }, { jobType: 'test.noop', runAt: 1 }] },
      who(),
    )
    expect(many.error.data.fields).toMatchObject([{ path: 'jobs[1].runAt' }])
    expect((await api.query('jobs.list', { limit: 101 }, who())).error.data.reason).toBe('INVALID_INPUT')
    expect((await api.query('jobs.list', { cursor: 'x' }, who())).error.data.fields[0].path).toBe('cursor')
  })

  it('NUL bytes, half surrogate pairs and JSON deeper than 100 are refused', async () => {
    const send = (parameters: string) =>
      api.mutate(
        'jobs.submit',
        `{"organizationId":"${world.acme}","jobType":"test.noop","dedupe":false,"parameters":${parameters}}`,
        who(),
      )
    expect((await send('{"a":["x\\u0000"]}')).error.data).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'parameters.a[0]' }],
    })
    expect((await send('{"a\\ud800":1}')).error.data).toMatchObject({ reason: 'INVALID_INPUT' })
    expect((await send('['.repeat(101) + ']'.repeat(101))).error.data.reason).toBe('INVALID_INPUT')
    expect((await send('['.repeat(100_000) + ']'.repeat(100_000))).error.data.reason).toBe('INVALID_INPUT')
    expect((await send('{"a":'.repeat(100) + '1' + '}'.repeat(100))).status).toBe(200)
  })

  it('bad requests of other kinds, from an unreadable body to a wrong method, get a reason, too, and reveal nothing about the server', async () => {
    const json = { 'content-type': 'application/json' }
    const cases: [
      string,
      Promise<{ status: number; error: { data: { reason: string } }; text: string }>,
      number,
      string,
    ][] = [
      ['unreadable body', api.mutate('jobs.submit', '{', who()), 400, 'INVALID_INPUT'],
      ['unreadable query', api.send('jobs.get?input=%7B', { method: 'GET' }, who()), 400, 'INVALID_INPUT'],
      [
        'no UTF-8',
        api.send('jobs.submit', { method: 'POST', headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }, who()),
        400,
        'INVALID_INPUT',
      ],
      ['no body', api.send('jobs.submit', { method: 'POST', headers: json }, who()), 400, 'INVALID_INPUT'],
      ['GET on a mutation', api.query('jobs.submit', {}, who()), 405, 'METHOD_NOT_SUPPORTED'],
      ['POST on a query', api.mutate('jobs.get', {}, who()), 405, 'METHOD_NOT_SUPPORTED'],
      [
        'PUT',
        api.send('jobs.submit', { method: 'PUT', headers: json, body: '{}' }, who()),
        405,
        'METHOD_NOT_SUPPORTED',
      ],
      ['unknown procedure', api.query('jobs.nothing', {}, who()), 404, 'NOT_FOUND'],
      [
        'form',
        api.send('jobs.submit', { method: 'POST', body: new URLSearchParams({ a: 'b' }) }, who()),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'bytes',
        api.send(
          'jobs.submit',
          { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: 'x' },
          who(),
        ),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'too large',
        api.mutate(
          'jobs.submit',
          { organizationId: world.acme, jobType: 'test.noop', parameters: 'x'.repeat(1_100_000) },
          who(),
        ),
        413,
        'TOO_LARGE',
      ],
    ]
    for (const [name, answer, status, reason] of cases) {
      const { error, text, status: got } = await answer
      expect([got, error?.data?.reason], name).toEqual([status, reason])
      expect(text, name).not.toMatch(/stack|node_modules|SELECT|\.ts:/)
      expect(text, name).not.toContain(process.cwd())
    }
  })

  it('the body of submitMany may be larger than that of other calls', async () => {
    const jobs = Array.from({ length: 20 }, (_, n) => ({
      jobType: 'test.noop',
      parameters: { n, text: 'x'.repeat(100_000) },
      dedupe: false,
    }))
    const answer = await api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, who())
    expect(answer.status).toBe(200)
    expect(answer.data.jobs).toHaveLength(20)
  })

  it('calls in a batch are answered one by one', async () => {
    const inputs = encodeURIComponent(JSON.stringify({ 0: { jobId: uuidv7() }, 1: {} }))
    const answer = await api.send(`jobs.get,jobs.count?batch=1&input=${inputs}`, { method: 'GET' }, who())
    const [first, second] = JSON.parse(answer.text)
    expect(first.error.data.reason).toBe('NOT_FOUND')
    expect(second.result.data.count).toBeGreaterThan(0)
  })

  it('a call is answered with UNAVAILABLE while the database is away', async () => {
    const away = createServices('postgresql://nobody:x@127.0.0.1:1/none', pino({ level: 'silent' }))
    const answer = await caller(away).query('session.me', undefined, who())
    expect([answer.status, answer.error.data.reason]).toEqual([503, 'UNAVAILABLE'])
    expect(answer.text).not.toMatch(/127\.0\.0\.1|nobody/)
    await away.db.$disconnect()
  })
})
