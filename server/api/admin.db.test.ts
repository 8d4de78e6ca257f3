import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { data, openApi, reasonOf } from '@/testing/api'

// Calls that administrators make, with the addresses and reasons that they would send.

const { services, world, api, close } = await openApi()
afterAll(close)

/** A call through our one proxy (10.0.0.1), which saw it come from 203.0.113.9. The audit notes that address. */
const as = (name: string) => ({ key: world.keys[name]!, headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' } })
const root = () => as('root')
const submit = (name = 'acme.ADMIN', over: object = {}) =>
  data(
    api.mutate(
      'jobs.submit',
      { organizationId: world.acme, jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z', ...over },
      as(name),
    ),
  )
const audit = (action: string) => services.db.auditEvent.findFirst({ where: { action }, orderBy: { id: 'desc' } })

describe('who may administer', () => {
  const notRoot: [string, () => unknown][] = [
    [
      'jobTypes.create',
      () => ({ name: 'x', displayName: 'X', handler: 'sample.noop', parameterSchema: { type: 'object' } }),
    ],
    ['jobTypes.update', () => ({ name: 'test.noop', changes: { maxRetries: 1 } })],
    ['control.pause', () => ({ scope: 'platform' })],
    ['control.resume', () => ({ scope: 'platform' })],
    ['control.pause', () => ({ scope: 'jobType', jobType: 'test.noop' })],
    ['control.resume', () => ({ scope: 'jobType', jobType: 'test.noop' })],
    ['organizations.suspend', () => ({ organizationId: world.acme })],
    ['organizations.resume', () => ({ organizationId: world.acme })],
    ['organizations.delete', () => ({ organizationId: world.acme })],
  ]
  it.each(notRoot)(
    '%s is for system admins: an ADMIN of the organization and a caller without credentials are refused',
    async (path, input) => {
      expect(await reasonOf(api.mutate(path, input(), as('acme.ADMIN')))).toBe('NOT_PERMITTED')
      expect(await reasonOf(api.mutate(path, input(), {}))).toBe('UNAUTHENTICATED')
    },
  )

  const ofAdmins: [string, () => unknown][] = [
    ['control.pause', () => ({ scope: 'organization', organizationId: world.acme })],
    ['control.resume', () => ({ scope: 'organization', organizationId: world.acme })],
    ['circuits.close', () => ({ organizationId: world.acme, jobType: 'test.noop' })],
  ]
  it.each(ofAdmins)(
    '%s is for an ADMIN of the organization: its OPERATOR and an ADMIN of another organization are refused',
    async (path, input) => {
      expect(await reasonOf(api.mutate(path, input(), as('acme.OPERATOR')))).toBe('NOT_PERMITTED')
      expect(await reasonOf(api.mutate(path, input(), as('globex.ADMIN')))).toBe('NOT_FOUND')
    },
  )

  it('an organization that the caller does not belong to is NOT_FOUND, like one that never existed; nobody but a system admin lists all organizations', async () => {
    for (const path of ['organizations.suspend', 'organizations.resume', 'organizations.delete']) {
      expect(await reasonOf(api.mutate(path, { organizationId: world.globex }, as('acme.ADMIN')))).toBe('NOT_FOUND')
      expect(await reasonOf(api.mutate(path, { organizationId: uuidv7() }, root()))).toBe('NOT_FOUND')
    }
    for (const path of ['control.list', 'circuits.list']) {
      expect(await reasonOf(api.query(path, { organizationId: world.globex }, as('acme.ADMIN')))).toBe('NOT_FOUND')
    }
    expect(await reasonOf(api.query('organizations.list', undefined, as('acme.ADMIN')))).toBe('NOT_PERMITTED')
  })
})

describe('job types', () => {
  const given = {
    name: 'letters.print',
    displayName: 'Print letters',
    handler: 'sample.noop',
    parameterSchema: { type: 'object', properties: { to: { type: 'string' } } },
  }

  it('a system admin creates a job type with defaults and changes it, and every version is kept', async () => {
    const made = await data(api.mutate('jobTypes.create', given, root()))
    expect(made).toEqual({
      ...given,
      description: '',
      title: null,
      pool: 'default',
      enabled: true,
      requiredRole: 'OPERATOR',
      timeoutSeconds: 300,
      priority: 'NORMAL',
      maxRetries: 5,
      backoffBaseSeconds: 60,
      backoffCapSeconds: 960,
      dedupeWindowSeconds: 300,
      rateLimit: null,
      concurrency: { global: null, perOrganization: null },
      retentionDays: 30,
      version: 1,
    })
    expect(await data(api.query('jobTypes.get', { name: given.name }, as('acme.VIEWER')))).toEqual(made)

    const changes = {
      rateLimit: { count: 0, windowSeconds: 60 },
      concurrency: { perOrganization: 0 },
      maxRetries: 0,
      dedupeWindowSeconds: 0,
    }
    const changed = await data(api.mutate('jobTypes.update', { name: given.name, changes, reason: 'too loud' }, root()))
    expect(changed).toEqual({ ...made, ...changes, concurrency: { global: null, perOrganization: 0 }, version: 2 })
    expect(
      await data(
        api.mutate('jobTypes.update', { name: given.name, changes: { rateLimit: null, concurrency: null } }, root()),
      ),
    ).toMatchObject({
      rateLimit: null,
      concurrency: { global: null, perOrganization: null },
      version: 3,
    })
    const page = await data(api.query('jobTypes.versions', { name: given.name, limit: 2 }, as('acme.VIEWER')))
    expect(page.items.map((item: { version: number }) => item.version)).toEqual([3, 2])
    expect(page.items[1]).toEqual({
      version: 2,
      config: changed,
      createdAt: expect.stringMatching(/Z$/),
      createdBy: { type: 'key', id: expect.any(String), name: 'SYSTEM_ADMIN key' },
      unfinished: null,
    })
    const rest = await data(
      api.query('jobTypes.versions', { name: given.name, limit: 2, cursor: page.nextCursor }, as('acme.VIEWER')),
    )
    expect(rest).toMatchObject({ items: [{ version: 1, config: made }], nextCursor: null })
    expect(
      await services.db.auditEvent.findMany({ where: { targetId: given.name }, orderBy: { id: 'asc' } }),
    ).toMatchObject([
      {
        action: 'jobType.create',
        address: '203.0.113.9',
        actorType: 'KEY',
        actorName: 'SYSTEM_ADMIN key',
        organizationId: null,
        reason: null,
      },
      { action: 'jobType.update', reason: 'too loud', before: { maxRetries: 5 }, after: { maxRetries: 0 } },
      { action: 'jobType.update', before: { rateLimit: { count: 0, windowSeconds: 60 } }, after: { rateLimit: null } },
    ])
  })

  it('the versions of a job type come with the number of jobs of all older versions, also of those on later pages', async () => {
    const name = 'letters.older'
    await data(api.mutate('jobTypes.create', { ...given, name }, root()))
    const change = (maxRetries: number) => api.mutate('jobTypes.update', { name, changes: { maxRetries } }, root())
    await submit('acme.ADMIN', { jobType: name })
    await data(change(1))
    await submit('acme.ADMIN', { jobType: name })
    await data(change(2))
    await submit('acme.ADMIN', { jobType: name })
    const versions = (who: string, input: object) =>
      data(api.query('jobTypes.versions', { name, limit: 1, ...input }, as(who)))
    const page = await versions('acme.VIEWER', { unfinished: true })
    expect(page).toMatchObject({
      items: [{ version: 3, unfinished: { waiting: 1, running: 0 } }],
      jobsOfOlderVersions: { waiting: 2, running: 0 },
    })
    const later = await versions('acme.VIEWER', { unfinished: true, cursor: page.nextCursor })
    expect(later).toMatchObject({ items: [{ version: 2 }], jobsOfOlderVersions: { waiting: 2, running: 0 } })
    expect((await versions('globex.VIEWER', { unfinished: true })).jobsOfOlderVersions).toEqual({
      waiting: 0,
      running: 0,
    })
    expect((await versions('acme.VIEWER', {})).jobsOfOlderVersions).toBeNull()
  })

  it('a wrong setting of a job type is refused, and the wrong field is named', async () => {
    const fields = async (path: string, input: object) => {
      const { error } = await api.mutate(path, input, root())
      expect(error.data).toMatchObject({ code: 'BAD_REQUEST', reason: 'INVALID_INPUT' })
      return error.data.fields.map((field: { path: string }) => field.path)
    }
    const fresh = { ...given, name: 'letters.other' }
    expect(await fields('jobTypes.create', { ...fresh, name: 'Bad Name' })).toEqual(['name'])
    expect(await fields('jobTypes.create', { ...fresh, parameterSchema: undefined })).toEqual(['parameterSchema'])
    expect(await fields('jobTypes.create', { ...fresh, handler: 'no.such' })).toEqual(['handler'])
    expect(await fields('jobTypes.create', { ...fresh, timeoutSeconds: 0 })).toEqual(['timeoutSeconds'])
    expect(await fields('jobTypes.create', { ...fresh, timeoutSeconds: '5' })).toEqual(['timeoutSeconds'])
    expect(await fields('jobTypes.create', { ...fresh, colour: 'red' })).toEqual(['colour'])
    expect(
      await fields('jobTypes.create', {
        ...fresh,
        parameterSchema: { type: 'object', $ref: 'https://example.com/x.json' },
      }),
    ).toEqual(['parameterSchema.$ref'])
    expect(await fields('jobTypes.create', given)).toEqual(['name'])
    expect(await fields('jobTypes.update', { name: given.name, changes: { name: 'other' } })).toEqual(['changes.name'])
    expect(await fields('jobTypes.update', { name: given.name, changes: { retentionDays: 0 } })).toEqual([
      'changes.retentionDays',
    ])
    expect(await reasonOf(api.mutate('jobTypes.update', { name: 'no.such', changes: {} }, root()))).toBe('NOT_FOUND')
    expect(await reasonOf(api.query('jobTypes.versions', { name: 'no.such' }, root()))).toBe('NOT_FOUND')
  })
})

describe('pauses', () => {
  it('a pause is shown to everybody it concerns, explains why jobs wait, and can be ended', async () => {
    const job = await submit('acme.OPERATOR', { runAt: undefined })
    const paused = await data(
      api.mutate(
        'control.pause',
        { scope: 'organization', organizationId: world.acme, reason: 'stocktaking' },
        as('acme.ADMIN'),
      ),
    )
    expect(paused).toEqual({
      scope: 'organization',
      jobType: null,
      organizationId: world.acme,
      reason: 'stocktaking',
      pausedAt: expect.stringMatching(/Z$/),
      pausedBy: { type: 'key', id: expect.any(String), name: 'ADMIN key' },
    })
    const platform = await data(api.mutate('control.pause', { scope: 'platform' }, root()))
    const type = await data(api.mutate('control.pause', { scope: 'jobType', jobType: 'test.noop' }, root()))
    const list = async (who: string, input?: object) => (await data(api.query('control.list', input, as(who)))).items
    // A VIEWER may not read the audit, so its entry has no link. Acme has a job of the type, so `used` is true.
    const seen = (pause: object) => ({ ...pause, used: true, auditId: null })
    expect(await list('acme.VIEWER')).toEqual([paused, platform, type].map(seen))
    expect(await list('globex.VIEWER')).toMatchObject([platform, type])
    expect(await list('root', { organizationId: world.globex })).toMatchObject([platform, type])
    expect((await list('acme.ADMIN'))[0].auditId).toEqual(expect.any(String))

    const page = (input: object) => api.query('control.list', input, as('acme.VIEWER'))
    const first = await data(page({ limit: 2 }))
    expect(first).toEqual({ items: [paused, platform].map(seen), nextCursor: expect.any(String) })
    expect(await data(page({ limit: 2, cursor: first.nextCursor }))).toEqual({ items: [seen(type)], nextCursor: null })
    expect(await data(page({ limit: 3 }))).toEqual({ items: [paused, platform, type].map(seen), nextCursor: null })
    const { nextCursor } = await data(api.query('jobTypes.list', { limit: 1 }, as('acme.VIEWER')))
    expect((await page({ cursor: nextCursor })).error.data).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'cursor' }],
    })

    const { reasons } = await data(api.query('jobs.explain', { jobId: job.id }, as('acme.VIEWER')))
    expect(reasons.slice(0, 3)).toMatchObject([
      {
        code: 'PAUSED',
        data: { scope: 'platform', pausedBy: { name: 'SYSTEM_ADMIN key' } },
        message: expect.stringContaining('The whole platform is paused'),
      },
      { code: 'PAUSED', data: { scope: 'jobType', jobType: 'test.noop' } },
      {
        code: 'PAUSED',
        data: { scope: 'organization', reason: 'stocktaking' },
        message: expect.stringContaining('“stocktaking”'),
      },
    ])
    expect(await reasonOf(api.query('jobs.explain', { jobId: job.id }, as('globex.ADMIN')))).toBe('NOT_FOUND')

    expect(await data(api.mutate('control.resume', { scope: 'platform', reason: 'fixed' }, root()))).toEqual({
      resumed: true,
    })
    expect(await data(api.mutate('control.resume', { scope: 'platform' }, root()))).toEqual({ resumed: false })
    await data(api.mutate('control.resume', { scope: 'jobType', jobType: 'test.noop' }, root()))
    await data(api.mutate('control.resume', { scope: 'organization', organizationId: world.acme }, as('acme.ADMIN')))
    expect(await list('root')).toEqual([])
    expect(await audit('control.resume')).toMatchObject({
      organizationId: world.acme,
      address: '203.0.113.9',
      actorName: 'ADMIN key',
    })
  })

  it('a pause must tell exactly what it pauses', async () => {
    expect(await reasonOf(api.mutate('control.pause', { scope: 'jobType' }, root()))).toBe('INVALID_INPUT')
    expect(await reasonOf(api.mutate('control.pause', { scope: 'everything' }, root()))).toBe('INVALID_INPUT')
    expect(await reasonOf(api.mutate('control.pause', { scope: 'platform', organizationId: world.acme }, root()))).toBe(
      'INVALID_INPUT',
    )
    expect(await reasonOf(api.mutate('control.pause', { scope: 'jobType', jobType: 'no.such' }, root()))).toBe(
      'NOT_FOUND',
    )
  })
})

describe('circuits', () => {
  it('members list circuits by page and state, and an ADMIN closes one', async () => {
    const open = { state: 'OPEN' as const, failures: 8, outcomes: 10, openedAt: new Date(), countsFrom: new Date(0) }
    await services.db.circuit.createMany({
      data: [
        { jobType: 'test.noop', organizationId: world.acme, ...open },
        { jobType: 'test.strict', organizationId: world.acme, ...open },
        { jobType: 'test.noop', organizationId: world.globex, ...open },
      ],
    })
    const all = (await data(api.query('circuits.list', undefined, as('acme.VIEWER')))).items
    expect(all).toEqual([
      {
        jobType: 'test.noop',
        organizationId: world.acme,
        state: 'OPEN',
        failures: 8,
        outcomes: 10,
        openedAt: open.openedAt.toISOString(),
        trialMayStartAt: new Date(open.openedAt.getTime() + 15 * 60_000).toISOString(),
        trialJobId: null,
        closedAt: null,
        closedBy: null,
        closeReason: null,
        auditId: null,
        cause: null,
        recent: [],
      },
      expect.objectContaining({ jobType: 'test.strict' }),
    ])
    const pages = [await data(api.query('circuits.list', { limit: 2 }, root()))]
    pages.push(await data(api.query('circuits.list', { limit: 2, cursor: pages[0].nextCursor }, root())))
    expect(pages.map(({ items }) => items.length)).toEqual([2, 1])

    const closed = await data(
      api.mutate(
        'circuits.close',
        { organizationId: world.acme, jobType: 'test.noop', reason: 'repaired' },
        as('acme.ADMIN'),
      ),
    )
    expect(closed).toMatchObject({
      state: 'CLOSED',
      closedAt: expect.stringMatching(/Z$/),
      closedBy: { type: 'key', name: 'ADMIN key' },
    })
    expect(
      await data(api.mutate('circuits.close', { organizationId: world.acme, jobType: 'test.noop' }, as('acme.ADMIN'))),
    ).toEqual(closed)
    expect(await audit('circuit.close')).toMatchObject({
      organizationId: world.acme,
      targetId: 'test.noop',
      reason: 'repaired',
      before: { state: 'OPEN', failures: 8 },
    })
    expect(
      (await data(api.query('circuits.list', { state: ['OPEN', 'HALF_OPEN'] }, as('acme.VIEWER')))).items,
    ).toMatchObject([{ jobType: 'test.strict' }])
    expect(
      await reasonOf(
        api.mutate('circuits.close', { organizationId: world.acme, jobType: 'test.admin-only' }, as('acme.ADMIN')),
      ),
    ).toBe('NOT_FOUND')
    await services.db.circuit.deleteMany()
  })
})

describe('jobs.delete', () => {
  const remove = (jobId: string, who = 'acme.ADMIN') =>
    api.mutate('jobs.delete', { jobId, reason: 'private data' }, as(who))

  it('deleting a job that has ended removes everything that belongs to it, and the audit keeps what it was', async () => {
    const { id } = await submit('acme.OPERATOR', { parameters: { secret: 1 } })
    const waiting = (await remove(id)).error.data
    expect(waiting).toMatchObject({ code: 'CONFLICT', reason: 'ILLEGAL_TRANSITION', from: 'PENDING' })
    await data(api.mutate('jobs.cancel', { jobId: id }, as('acme.OPERATOR')))
    expect(await reasonOf(remove(id, 'acme.OPERATOR'))).toBe('NOT_PERMITTED')
    expect(await reasonOf(remove(id, 'globex.ADMIN'))).toBe('NOT_FOUND')
    expect(await data(remove(id))).toEqual({ jobId: id })
    for (const path of ['jobs.get', 'jobs.history', 'jobs.explain'])
      expect(await reasonOf(api.query(path, { jobId: id }, root()))).toBe('NOT_FOUND')
    expect(await services.db.executionLog.count({ where: { jobId: id } })).toBe(0)
    expect(await reasonOf(remove(id))).toBe('NOT_FOUND')
    const event = await audit('job.delete')
    expect(event).toMatchObject({
      organizationId: world.acme,
      targetType: 'job',
      targetId: id,
      reason: 'private data',
      address: '203.0.113.9',
      actorName: 'ADMIN key',
      before: { jobType: 'test.noop', status: 'CANCELED' },
    })
    expect(JSON.stringify(event)).not.toContain('secret')
  })
})

// These tests come last, because they delete the organization Globex.
describe('organizations', () => {
  const change = (verb: string, reason?: string) =>
    api.mutate(`organizations.${verb}`, { organizationId: world.globex, reason }, root())

  it('a system admin lists organizations page by page', async () => {
    const first = await data(api.query('organizations.list', { limit: 1 }, root()))
    expect(first.items).toEqual([
      {
        id: world.acme,
        name: 'acme',
        slug: 'acme',
        status: 'ACTIVE',
        maxConcurrent: null,
        maxUnfinished: 100_000,
        timeZone: 'UTC',
        createdAt: expect.stringMatching(/Z$/),
        suspendedAt: null,
        suspendReason: null,
        deletedAt: null,
      },
    ])
    expect(await data(api.query('organizations.list', { limit: 1, cursor: first.nextCursor }, root()))).toMatchObject({
      items: [{ id: world.globex }],
      nextCursor: null,
    })
  })

  it('a suspended organization refuses submissions, but reading and canceling go on', async () => {
    const job = await data(
      api.mutate(
        'jobs.submit',
        { organizationId: world.globex, jobType: 'test.noop', dedupe: false },
        as('globex.ADMIN'),
      ),
    )
    expect(await data(change('suspend', 'unpaid'))).toMatchObject({
      status: 'SUSPENDED',
      suspendReason: 'unpaid',
      suspendedAt: expect.stringMatching(/Z$/),
    })
    expect(
      await reasonOf(
        api.mutate(
          'jobs.submit',
          { organizationId: world.globex, jobType: 'test.noop', dedupe: false },
          as('globex.ADMIN'),
        ),
      ),
    ).toBe('ORGANIZATION_SUSPENDED')
    const { reasons } = await data(api.query('jobs.explain', { jobId: job.id }, as('globex.VIEWER')))
    expect(reasons[0]).toMatchObject({ code: 'ORGANIZATION_SUSPENDED', data: { reason: 'unpaid' } })
    expect(await data(api.mutate('jobs.cancel', { jobId: job.id }, as('globex.ADMIN')))).toMatchObject({
      status: 'CANCELED',
      withheld: true,
    })
    expect(await data(change('resume'))).toMatchObject({ status: 'ACTIVE' })
    expect(
      await reasonOf(
        api.mutate(
          'jobs.submit',
          { organizationId: world.globex, jobType: 'test.noop', dedupe: false },
          as('globex.ADMIN'),
        ),
      ),
    ).toBeUndefined()
  })

  it('a deleted organization is gone for its members at once and for ever', async () => {
    const job = await data(
      api.mutate(
        'jobs.submit',
        { organizationId: world.globex, jobType: 'test.noop', dedupe: false },
        as('globex.ADMIN'),
      ),
    )
    expect(await data(change('delete', 'left us'))).toMatchObject({
      status: 'DELETED',
      deletedAt: expect.stringMatching(/Z$/),
    })
    for (const path of ['jobs.get', 'jobs.explain', 'jobs.history'])
      expect(await reasonOf(api.query(path, { jobId: job.id }, as('globex.ADMIN'))), path).toBe('NOT_FOUND')
    for (const path of ['jobs.cancel', 'jobs.retry'])
      expect(await reasonOf(api.mutate(path, { jobId: job.id }, as('globex.ADMIN'))), path).toBe('NOT_FOUND')
    expect(
      await reasonOf(
        api.mutate('jobs.submit', { organizationId: world.globex, jobType: 'test.noop' }, as('globex.ADMIN')),
      ),
    ).toBe('NOT_FOUND')
    expect(
      (await data(api.query('session.me', undefined, { cookie: world.cookies['globex.ADMIN'] }))).organizations,
    ).toEqual([])
    const refused = (await change('resume')).error.data
    expect(refused).toMatchObject({ code: 'CONFLICT', reason: 'ILLEGAL_TRANSITION', from: 'DELETED', to: 'ACTIVE' })
    expect(await audit('organization.delete')).toMatchObject({
      organizationId: world.globex,
      reason: 'left us',
      before: { status: 'ACTIVE' },
      after: { status: 'DELETED' },
      address: '203.0.113.9',
    })
  })

  it('rows of the audit can be neither changed nor deleted', async () => {
    await expect(services.db.$executeRaw`UPDATE audit_events SET reason = 'none'`).rejects.toThrow(/append-only/)
    await expect(services.db.$executeRaw`DELETE FROM audit_events`).rejects.toThrow(/append-only/)
  })
})
