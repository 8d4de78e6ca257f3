import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { data, openApi } from '@/testing/api'
import { caller, createKey } from '@/testing/api-world'
import { createServices } from './services'

const { services, world, api, close } = await openApi()
afterAll(close)

const key = (name: string) => ({ key: world.keys[name]! })
const submit = (name = 'acme.ADMIN', over: object = {}) =>
  data(
    api.mutate('jobs.submit', { organizationId: world.acme, jobType: 'test.noop', dedupe: false, ...over }, key(name)),
  )

describe('a job that was submitted', () => {
  it('the answer for a submitted job has exactly the fields of the wire contract, and dates in ISO 8601', async () => {
    const job = await submit('acme.OPERATOR', { parameters: { order: { id: 7 } } })
    expect(Object.keys(job).sort()).toEqual(
      (
        'id title organizationId jobType jobTypeVersion rerunOf scheduleId status priority parameters progress progressMessage result artifacts withheld error ' +
        'attempt failures maxRetries timeoutSeconds runAt nextRetryAt dependsOn dependencies submittedBy cancelRequestedAt canceledAt canceledBy ' +
        'cancelReason createdAt queuedAt startedAt finishedAt'
      )
        .split(' ')
        .sort(),
    )
    expect(job).toMatchObject({
      organizationId: world.acme,
      status: 'PENDING',
      priority: 'NORMAL',
      parameters: { order: { id: 7 } },
      dependsOn: [],
      artifacts: [],
      result: null,
      withheld: false,
      error: null,
      submittedBy: { type: 'key', name: 'OPERATOR key' },
    })
    expect(job.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect((await api.query('jobs.get', { jobId: job.id }, key('acme.VIEWER'))).data).toEqual(job)
  })

  it('a job whose run time has passed may start now, however long ago that was and however it is written', async () => {
    for (const runAt of [
      '1969-12-31T23:59:59Z',
      '1970-01-01T00:00:00Z',
      '0001-01-01T00:00:00Z',
      '0000-01-01T00:00:00+23:59',
      '1582-10-04T12:00:00-08:00',
    ]) {
      const before = Date.now()
      const isNow = (job: { runAt: string }) =>
        expect(Math.abs(Date.parse(job.runAt) - before), runAt).toBeLessThan(60_000)
      isNow(await submit('acme.ADMIN', { runAt }))
      const many = await data(
        api.mutate(
          'jobs.submitMany',
          { organizationId: world.acme, jobs: [{ jobType: 'test.noop', dedupe: false, runAt }] },
          key('acme.ADMIN'),
        ),
      )
      isNow(many.jobs[0])
      const later = await submit('acme.ADMIN', { runAt: '2999-01-01T00:00:00Z' })
      isNow(await data(api.mutate('jobs.update', { jobId: later.id, changes: { runAt } }, key('acme.ADMIN'))))
    }
    const far = await api.mutate(
      'jobs.submit',
      { organizationId: world.acme, jobType: 'test.noop', runAt: '9999-12-31T23:59:59-01:00' },
      key('acme.ADMIN'),
    )
    expect(far.error.data.fields).toEqual([{ path: 'runAt', message: 'must lie before the year 10000' }])
  })

  it('submitMany returns jobs in their order, and submits none if one does not fit', async () => {
    const jobs = [1, 2, 3].map((count) => ({ jobType: 'test.strict', parameters: { count }, dedupe: false }))
    const good = await api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, key('acme.OPERATOR'))
    expect(good.data.jobs.map((job: { parameters: { count: number } }) => job.parameters.count)).toEqual([1, 2, 3])
    const before = (await api.query('jobs.count', { jobType: ['test.strict'] }, key('acme.VIEWER'))).data.count
    const bad = await api.mutate(
      'jobs.submitMany',
      { organizationId: world.acme, jobs: [...jobs, { jobType: 'test.strict', parameters: { count: 'x' } }] },
      key('acme.OPERATOR'),
    )
    expect(bad.error.data).toMatchObject({ code: 'BAD_REQUEST', reason: 'INVALID_PARAMETERS' })
    expect(bad.error.data.fields[0].path).toMatch(/^jobs\[3\]\.parameters/)
    expect((await api.query('jobs.count', { jobType: ['test.strict'] }, key('acme.VIEWER'))).data.count).toBe(before)
  })

  it('a job of submitMany may wait for others of the same call, by their refs', async () => {
    const jobs = [
      { jobType: 'test.noop', dedupe: false, ref: 'print', dependsOn: ['letter'] },
      { jobType: 'test.noop', dedupe: false, ref: 'letter' },
    ]
    const [print, letter] = (
      await api.mutate('jobs.submitMany', { organizationId: world.acme, jobs }, key('acme.OPERATOR'))
    ).data.jobs
    expect(letter.dependsOn).toEqual([])
    expect(print.dependsOn).toEqual([letter.id])
    expect((await api.query('jobs.get', { jobId: print.id }, key('acme.VIEWER'))).data).toEqual(print)
  })

  it('the history, attempts and logs of a job can be read', async () => {
    const job = await submit()
    const history = await api.query('jobs.history', { jobId: job.id }, key('acme.VIEWER'))
    expect(history.data).toMatchObject({
      items: [{ fromStatus: null, toStatus: 'PENDING', attempt: 0, actor: { type: 'key', name: 'ADMIN key' } }],
      nextCursor: null,
    })
    expect((await api.query('jobs.attempts', { jobId: job.id }, key('acme.VIEWER'))).data).toEqual({
      items: [],
      nextCursor: null,
    })
    expect(
      (await api.query('jobs.logs', { jobId: job.id, level: 'WARN', attempt: 1 }, key('acme.VIEWER'))).data.items,
    ).toEqual([])
  })
})

describe('refusals come in the order of the specification', () => {
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

  it('an unknown job type is refused before wrong parameters', async () => {
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

  it('a searched value has a largest size, both in lists and in bulk actions', async () => {
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

  it('wrong parameters are refused before an idempotency key, and an idempotency key before a duplicate', async () => {
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

describe('a caller of another organization', () => {
  it('a job of another organization is NOT_FOUND, in the same words as a job that never existed', async () => {
    const job = await submit()
    const stranger = key('globex.ADMIN')
    for (const path of ['jobs.get', 'jobs.history', 'jobs.attempts', 'jobs.logs', 'jobs.cancel', 'jobs.retry']) {
      const ask = path === 'jobs.cancel' || path === 'jobs.retry' ? api.mutate : api.query
      const absent = uuidv7()
      const [foreign, none] = await Promise.all([
        ask(path, { jobId: job.id }, stranger),
        ask(path, { jobId: absent }, stranger),
      ])
      expect(foreign.status, path).toBe(404)
      expect(foreign.text.replaceAll(job.id, '_'), path).toBe(none.text.replaceAll(absent, '_'))
    }
    for (const path of ['jobs.list', 'jobs.count', 'jobTypes.list', 'deadLetters.groups']) {
      expect((await api.query(path, { organizationId: world.acme }, stranger)).error.data.reason, path).toBe(
        'NOT_FOUND',
      )
    }
    for (const path of ['metrics.overview', 'metrics.timeseries', 'metrics.byType']) {
      expect(
        (await api.query(path, { organizationId: world.acme, range: '1h' }, stranger)).error.data.reason,
        path,
      ).toBe('NOT_FOUND')
    }
    for (const input of [{ organizationId: world.acme, jobType: 'test.noop' }]) {
      expect((await api.mutate('jobs.submit', input, stranger)).error.data.reason).toBe('NOT_FOUND')
    }
    expect(
      (await api.mutate('jobs.submitMany', { organizationId: world.acme, jobs: [{ jobType: 'test.noop' }] }, stranger))
        .error.data.reason,
    ).toBe('NOT_FOUND')
  })

  it('lists, counts and metrics without an organization contain nothing of other organizations', async () => {
    const job = await submit()
    const stranger = key('globex.VIEWER')
    expect((await api.query('jobs.list', undefined, stranger)).data).toEqual({ items: [], nextCursor: null })
    expect((await api.query('jobs.count', {}, stranger)).data).toEqual({ count: 0, capped: false })
    expect((await api.query('jobs.list', { search: job.id }, stranger)).data.items).toEqual([])
    expect((await api.query('metrics.overview', { range: '24h' }, stranger)).data.counts.PENDING).toBe(0)
    expect((await api.query('metrics.overview', { range: '24h' }, key('root'))).data.counts.PENDING).toBeGreaterThan(0)
  })

  it('a system admin reads the jobs of every organization, and gets NOT_FOUND for one that does not exist', async () => {
    const job = await submit()
    expect((await api.query('jobs.get', { jobId: job.id }, key('root'))).data.id).toBe(job.id)
    expect((await api.query('jobs.list', { organizationId: uuidv7() }, key('root'))).error.data.reason).toBe(
      'NOT_FOUND',
    )
  })
})

describe('roles', () => {
  it('an OPERATOR cancels only their own jobs, and an ADMIN any job; only an ADMIN retries', async () => {
    const own = await submit('acme.OPERATOR')
    const other = await submit('acme.ADMIN')
    const cancel = async (job: { id: string }, name: string) =>
      api.mutate('jobs.cancel', { jobId: job.id, reason: 'test' }, key(name))
    expect((await cancel(own, 'acme.VIEWER')).error.data.reason).toBe('NOT_PERMITTED')
    expect((await cancel(other, 'acme.OPERATOR')).error.data.reason).toBe('NOT_PERMITTED')
    expect((await cancel(own, 'acme.OPERATOR')).data).toMatchObject({
      status: 'CANCELED',
      cancelReason: 'test',
      canceledBy: { type: 'key' },
    })
    expect((await cancel(other, 'acme.ADMIN')).data.status).toBe('CANCELED')
    const again = await cancel(other, 'acme.ADMIN')
    expect(again.error.data).toMatchObject({
      code: 'CONFLICT',
      reason: 'ILLEGAL_TRANSITION',
      from: 'CANCELED',
      to: 'CANCELED',
    })
    expect((await api.mutate('jobs.retry', { jobId: own.id }, key('acme.OPERATOR'))).error.data.reason).toBe(
      'NOT_PERMITTED',
    )
    expect((await api.mutate('jobs.retry', { jobId: own.id }, key('acme.ADMIN'))).data.status).toBe('PENDING')
  })

  it('only an ADMIN sees the stack of an attempt', async () => {
    const job = await submit()
    await services.db.$executeRaw`
      INSERT INTO job_attempts (job_id, attempt, organization_id, job_type, ready_at, queued_at, started_at, ended_at, outcome, error_message, error_class, error_stack)
      VALUES (${job.id}::uuid, 1, ${world.acme}::uuid, 'test.noop', now(), now(), now(), now(), 'FAILED', 'boom', 'PERMANENT', 'at worker/x.ts:1')`
    const stackFor = async (name: string) =>
      (await api.query('jobs.attempts', { jobId: job.id }, key(name))).data.items[0].error
    expect(await stackFor('acme.OPERATOR')).toMatchObject({ message: 'boom', stack: null })
    expect(await stackFor('acme.ADMIN')).toMatchObject({ message: 'boom', stack: 'at worker/x.ts:1' })
  })
})

describe('callers', () => {
  it('session.me tells callers who they are', async () => {
    expect((await api.query('session.me', undefined, key('acme.OPERATOR'))).data).toEqual({
      user: { type: 'key', id: expect.any(String), name: 'OPERATOR key', email: null },
      systemAdmin: false,
      organizations: [{ id: world.acme, name: 'acme', slug: 'acme', role: 'OPERATOR', status: 'ACTIVE' }],
    })
    const user = await api.query('session.me', undefined, { cookie: world.cookies['globex.ADMIN'] })
    expect(user.data).toMatchObject({
      user: { type: 'user', email: 'globex.admin@example.com' },
      organizations: [{ id: world.globex, role: 'ADMIN' }],
    })
    const root = await api.query('session.me', undefined, key('root'))
    expect(root.data.systemAdmin).toBe(true)
    expect(root.data.organizations.map(({ slug }: { slug: string }) => slug)).toEqual(['acme', 'globex'])
  })

  it('a caller whose membership, account or key is gone has no access from the next call on', async () => {
    const [name, cookie] = ['globex.VIEWER', world.cookies['globex.VIEWER']]
    const userId = world.userIds[name]!
    expect((await api.query('jobs.list', { organizationId: world.globex }, { cookie })).status).toBe(200)
    await services.db.orgMember.deleteMany({ where: { person: { userId } } })
    expect((await api.query('jobs.list', { organizationId: world.globex }, { cookie })).error.data.reason).toBe(
      'NOT_FOUND',
    )
    await services.db.user.update({ where: { id: userId }, data: { disabledAt: new Date() } })
    expect((await api.query('session.me', undefined, { cookie })).status).toBe(401)

    const fresh = await createKey(services.db, world.globex, 'VIEWER')
    expect((await api.query('session.me', undefined, { key: fresh })).status).toBe(200)
    const id = (await api.query('session.me', undefined, { key: fresh })).data.user.id
    await services.db.apiKey.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1000) } })
    expect((await api.query('session.me', undefined, { key: fresh })).status).toBe(401)
    await services.db.apiKey.update({ where: { id }, data: { expiresAt: null, revokedAt: new Date() } })
    expect((await api.query('session.me', undefined, { key: fresh })).status).toBe(401)
  })

  it('a bad key is refused, even beside a good cookie', async () => {
    const both = { cookie: world.cookies['acme.ADMIN'], key: 'jy_live_0000000000000000000000000000000000000000' }
    expect((await api.query('session.me', undefined, both)).error.data.reason).toBe('UNAUTHENTICATED')
  })

  it('a call with a cookie changes nothing if it comes from a foreign page', async () => {
    const cookie = world.cookies['acme.ADMIN']
    const input = { organizationId: world.acme, jobType: 'test.noop', dedupe: false }
    const from = (headers: Record<string, string>) => api.mutate('jobs.submit', input, { cookie, headers })
    expect((await from({ origin: 'https://evil.example' })).error.data.reason).toBe('NOT_PERMITTED')
    expect((await from({ origin: 'null' })).status).toBe(403)
    expect((await from({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await from({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect(
      (await api.mutate('jobs.submit', input, { ...key('acme.ADMIN'), headers: { origin: 'https://evil.example' } }))
        .status,
    ).toBe(200)
  })
})

describe('bad requests', () => {
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

  it('bad requests of every other kind get a reason, too, and reveal nothing about the server', async () => {
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
      expect(text, name).not.toMatch(/stack|\/work|node_modules|SELECT|\.ts:/)
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

describe('job types', () => {
  it('job types are listed in pages and read by name', async () => {
    const first = await api.query('jobTypes.list', { organizationId: world.acme, limit: 2 }, key('acme.VIEWER'))
    expect(first.data.items.map(({ name }: { name: string }) => name)).toEqual(['test.admin-only', 'test.noop'])
    const second = await api.query('jobTypes.list', { limit: 2, cursor: first.data.nextCursor }, key('acme.VIEWER'))
    expect(second.data).toMatchObject({ items: [{ name: 'test.strict' }], nextCursor: null })
    expect((await api.query('jobTypes.get', { name: 'test.noop' }, key('acme.VIEWER'))).data).toMatchObject({
      name: 'test.noop',
      version: 1,
      rateLimit: null,
      concurrency: { global: null, perOrganization: null },
      maxRetries: 5,
    })
    expect((await api.query('jobTypes.get', { name: 'no.such' }, key('acme.VIEWER'))).error.data.reason).toBe(
      'NOT_FOUND',
    )
  })
})

describe('a suspended organization', () => {
  it('a suspended organization refuses submissions and hides results from members; a deleted one is gone for them', async () => {
    const job = await submit()
    const set = (status: 'ACTIVE' | 'SUSPENDED' | 'DELETED') =>
      services.db.organization.update({ where: { id: world.acme }, data: { status } })
    await set('SUSPENDED')
    const refused = await api.mutate(
      'jobs.submit',
      { organizationId: world.acme, jobType: 'test.noop' },
      key('acme.ADMIN'),
    )
    expect(refused.error.data).toMatchObject({ code: 'FORBIDDEN', reason: 'ORGANIZATION_SUSPENDED' })
    expect((await api.query('jobs.get', { jobId: job.id }, key('acme.ADMIN'))).data).toMatchObject({
      withheld: true,
      artifacts: null,
      result: null,
    })
    expect((await api.query('jobs.get', { jobId: job.id }, key('root'))).data).toMatchObject({
      withheld: false,
      artifacts: [],
    })
    await set('DELETED')
    expect((await api.query('jobs.get', { jobId: job.id }, key('acme.ADMIN'))).error.data.reason).toBe('NOT_FOUND')
    expect((await api.query('jobs.list', { organizationId: world.acme }, key('acme.ADMIN'))).error.data.reason).toBe(
      'NOT_FOUND',
    )
    await set('ACTIVE')
  })
})
