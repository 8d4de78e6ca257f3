import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { data, openApi } from '@/testing/api'
import { createKey } from '@/testing/api-world'

// What a service or a browser gets over HTTP: for its jobs, as a stranger, by its role, and while it is suspended.

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

  it('a job whose run time has passed may start now, however long ago that was and however it is written; a run time after the year 9999 is refused', async () => {
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

describe('callers from outside the organization', () => {
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
    expect(
      (await api.mutate('jobs.submit', { organizationId: world.acme, jobType: 'test.noop' }, stranger)).error.data
        .reason,
    ).toBe('NOT_FOUND')
    expect(
      (await api.mutate('jobs.submitMany', { organizationId: world.acme, jobs: [{ jobType: 'test.noop' }] }, stranger))
        .error.data.reason,
    ).toBe('NOT_FOUND')
  })

  it('the list of jobs, their count and the overview contain nothing of other organizations where none is named', async () => {
    const job = await submit()
    const stranger = key('globex.VIEWER')
    expect((await api.query('jobs.list', undefined, stranger)).data).toEqual({ items: [], nextCursor: null })
    expect((await api.query('jobs.count', {}, stranger)).data).toEqual({ count: 0, capped: false })
    expect((await api.query('jobs.list', { search: job.id }, stranger)).data.items).toEqual([])
    expect((await api.query('metrics.overview', { range: '24h' }, stranger)).data.counts.PENDING).toBe(0)
    expect((await api.query('metrics.overview', { range: '24h' }, key('root'))).data.counts.PENDING).toBeGreaterThan(0)
  })

  it('a system admin reads a job of an organization without belonging to it, and gets NOT_FOUND for one that does not exist', async () => {
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
