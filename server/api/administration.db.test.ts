import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { hashApiKey } from '@/server/engine/domain/api-key'
import { data, fieldsOf, openApi, reasonOf } from '@/testing/api'
import { sendArtifact } from './artifact'
import { createKey, ORIGIN, type Credentials } from '@/testing/api-world'

// API keys, settings of organizations and the audit, called as administrators call them.

const { services, world, api, close } = await openApi()
afterAll(close)

// The calls come through our one proxy (10.0.0.1), which saw them come from 203.0.113.9. What stands before that is the
// caller's own claim. The audit notes 203.0.113.9.
const as = (name: string) => ({
  key: world.keys[name]!,
  headers: { 'x-forwarded-for': '198.51.100.1, 203.0.113.9, 10.0.0.1' },
})
const byCookie = (name: string) => ({
  cookie: world.cookies[name]!,
  headers: { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' },
})
const create = (over: object = {}, who: Credentials = byCookie('acme.ADMIN')) =>
  api.mutate('apiKeys.create', { organizationId: world.acme, name: 'Order service', role: 'OPERATOR', ...over }, who)
const submit = (who: { key: string }, over: object = {}) =>
  data(
    api.mutate(
      'jobs.submit',
      { organizationId: world.acme, jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z', ...over },
      who,
    ),
  )

describe('API keys', () => {
  it('an API key is shown once, listed without its secret, and opens what its role opens', async () => {
    const { apiKey, key } = await data(create({ expiresAt: '2100-01-01T00:00:00Z' }))
    expect(key).toMatch(/^jy_live_[0-9A-Za-z]{46}$/)
    expect(apiKey).toEqual({
      id: expect.any(String),
      organizationId: world.acme,
      name: 'Order service',
      role: 'OPERATOR',
      prefix: key.slice(0, 12),
      callsPerSecond: 100,
      createdAt: expect.stringMatching(/Z$/),
      createdBy: { type: 'user', id: world.userIds['acme.ADMIN'], name: 'acme.ADMIN' },
      expiresAt: '2100-01-01T00:00:00.000Z',
      lastUsedAt: null,
      unusedForDays: 0,
      revokedAt: null,
      revokedBy: null,
    })
    await submit({ key })
    await expect
      .poll(async () => (await services.db.apiKey.findUnique({ where: { id: apiKey.id } }))?.lastUsedAt)
      .not.toBeNull()
    const page = await api.query('apiKeys.list', { organizationId: world.acme, limit: 1 }, as('acme.ADMIN'))
    expect(page.data.items).toEqual([{ ...apiKey, lastUsedAt: expect.stringMatching(/Z$/) }])
    expect(page.text).not.toContain(key.slice(12))
    const rest = await data(
      api.query('apiKeys.list', { organizationId: world.acme, cursor: page.data.nextCursor }, as('acme.ADMIN')),
    )
    expect(rest.items.map(({ name }: { name: string }) => name).sort()).toEqual([
      'ADMIN key',
      'OPERATOR key',
      'VIEWER key',
    ])
    expect((await data(api.query('apiKeys.list', { organizationId: null }, as('root')))).items).toMatchObject([
      { role: 'SYSTEM_ADMIN' },
    ])
  })

  it('nobody makes an API key with a role above their own, with a role that is impossible in its place, without a name, or for a time that is over', async () => {
    expect(await reasonOf(create({ role: 'SYSTEM_ADMIN' }))).toBe('NOT_PERMITTED')
    expect(await reasonOf(create({ role: 'ADMIN' }, byCookie('acme.OPERATOR')))).toBe('NOT_PERMITTED')
    expect(await fieldsOf(create({ role: 'SYSTEM_ADMIN' }, as('root')))).toEqual(['role'])
    expect(await fieldsOf(create({ organizationId: null, role: 'ADMIN' }, as('root')))).toEqual(['role'])
    expect(await fieldsOf(create({ expiresAt: '2001-01-01T00:00:00Z', name: ' ' }))).toEqual(['name'])
    expect(await fieldsOf(create({ expiresAt: '2001-01-01T00:00:00Z' }))).toEqual(['expiresAt'])
  })

  it('a text that only looks like an API key is refused, and a key is not taken for another one with the same beginning', async () => {
    const { key } = await data(create())
    const wrong = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    expect(await reasonOf(api.query('session.me', undefined, { key: wrong }))).toBe('UNAUTHENTICATED')
    // Makes another key with the same first characters, which can happen by chance.
    const other = await createKey(services.db, world.globex, 'ADMIN')
    await services.db.apiKey.update({
      where: { hash: new Uint8Array(hashApiKey(other)) },
      data: { prefix: key.slice(0, 12) },
    })
    expect((await data(api.query('session.me', undefined, { key }))).organizations).toMatchObject([{ id: world.acme }])
  })

  it('a key with a job that waits is revoked only with a decision about the job; then it opens nothing, and the job passes to the person who revoked it', async () => {
    const { apiKey, key } = await data(create({ name: 'Old service' }))
    const job = await submit({ key })
    const input = { organizationId: world.acme, apiKeyId: apiKey.id, reason: 'replaced' }
    const { error } = await api.mutate('apiKeys.revoke', input, byCookie('acme.ADMIN'))
    expect(error.data).toMatchObject({
      reason: 'INVALID_INPUT',
      fields: [{ path: 'waitingJobs', message: expect.stringContaining('1 job ') }],
    })
    expect(
      await reasonOf(api.mutate('apiKeys.revoke', { ...input, organizationId: world.globex }, as('globex.ADMIN'))),
    ).toBe('NOT_FOUND')
    const revoked = await data(
      api.mutate('apiKeys.revoke', { ...input, waitingJobs: 'transfer' }, byCookie('acme.ADMIN')),
    )
    expect(revoked).toMatchObject({
      jobs: 1,
      apiKey: { id: apiKey.id, revokedAt: expect.stringMatching(/Z$/), revokedBy: { name: 'acme.ADMIN' } },
    })
    expect(await reasonOf(api.query('session.me', undefined, { key }))).toBe('UNAUTHENTICATED')
    expect((await data(api.query('jobs.get', { jobId: job.id }, as('acme.VIEWER')))).submittedBy).toEqual({
      type: 'user',
      id: world.userIds['acme.ADMIN'],
      name: 'acme.ADMIN',
    })
    expect((await data(api.mutate('apiKeys.revoke', input, byCookie('acme.ADMIN')))).apiKey).toEqual(revoked.apiKey)
  })

  it('an API key has a limit of calls per second, and each call of a batch counts; a person may make 200 calls a second, in all windows together', async () => {
    const { key } = await data(create({ callsPerSecond: 3 }))
    const batch = Array.from({ length: 8 }, () => 'session.me').join(',')
    const answer = await api.send(`${batch}?batch=1`, {}, { key })
    const answers = JSON.parse(answer.text) as { error?: { data: object } }[]
    const refused = answers.filter(({ error }) => error)
    // Of eight calls, three a second are answered. They may fall into two seconds.
    expect(refused.length).toBeGreaterThanOrEqual(2)
    for (const { error } of refused)
      expect(error!.data).toMatchObject({
        code: 'TOO_MANY_REQUESTS',
        httpStatus: 429,
        reason: 'RATE_LIMITED',
        retryAfterSeconds: 1,
      })
    expect(answer.headers.get('retry-after')).toBe('1')
    await expect.poll(async () => (await api.query('session.me', undefined, { key })).status).toBe(200)

    const all = await Promise.all(
      Array.from({ length: 30 }, () => api.query('session.me', undefined, byCookie('acme.ADMIN'))),
    )
    expect(all.every(({ status }) => status === 200)).toBe(true)
    const many = await Promise.all(
      Array.from({ length: 9 }, () =>
        api.send(`${Array(50).fill('session.me').join(',')}?batch=1`, {}, byCookie('acme.VIEWER')),
      ),
    )
    const beyond = many
      .flatMap(({ text }) => JSON.parse(text) as { error?: { data: object } }[])
      .filter(({ error }) => error)
    // These are 450 calls. They may fall into two seconds, and then 400 of them are answered.
    expect(beyond.length).toBeGreaterThanOrEqual(50)
    for (const { error } of beyond) expect(error!.data).toMatchObject({ reason: 'RATE_LIMITED', retryAfterSeconds: 1 })
    // Downloads count, too. They need no storage here, because there is no such job.
    const file = () =>
      sendArtifact(
        new Request(`${ORIGIN}/x`, { headers: { authorization: `Bearer ${key}` } }),
        { jobId: uuidv7(), name: 'x' },
        { services, storage: undefined as never },
      )
    const files = await Promise.all(Array.from({ length: 8 }, file))
    const late = files.find(({ status }) => status === 429)
    expect(late?.headers.get('retry-after')).toBe('1')
  })
})

describe('an organization', () => {
  it('a new organization has the limits of the specification, or the given ones; a name that looks like a taken one is refused, and so is a taken short name', async () => {
    const made = await data(
      api.mutate('organizations.create', { name: 'Initech', slug: 'initech', reason: 'contract 7' }, as('root')),
    )
    expect(made).toMatchObject({
      name: 'Initech',
      slug: 'initech',
      status: 'ACTIVE',
      maxConcurrent: null,
      maxUnfinished: 100_000,
    })
    expect(await data(api.query('organizations.get', { organizationId: made.id }, as('root')))).toEqual(made)
    expect(
      await data(
        api.mutate(
          'organizations.create',
          { name: 'Zero', slug: 'zero', maxConcurrent: 0, maxUnfinished: null },
          as('root'),
        ),
      ),
    ).toMatchObject({ maxConcurrent: 0, maxUnfinished: null })
    // The first letter of both names is Cyrillic, so they only look like Initech, which exists.
    const alike = await Promise.all(
      ['Іnitech', 'ІNITECH'].map((name, n) =>
        fieldsOf(api.mutate('organizations.create', { name, slug: `alike-${n}` }, as('root'))),
      ),
    )
    expect(alike).toEqual([['name'], ['name']])
    // Four names that look alike, some with Cyrillic or Greek letters, arrive together.
    const atOnce = await Promise.all(
      ['Hооli', 'Hooli', 'HOOLI', 'Ηooli'].map((name, n) =>
        api.mutate('organizations.create', { name, slug: `hooli-${n}` }, as('root')),
      ),
    )
    expect(atOnce.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await fieldsOf(api.mutate('organizations.create', { name: 'Again', slug: 'initech' }, as('root')))).toEqual([
      'slug',
    ])
    expect(
      await fieldsOf(api.mutate('organizations.create', { name: '', slug: 'No Good', maxConcurrent: -1 }, as('root'))),
    ).toEqual(['name', 'slug', 'maxConcurrent'])
  })

  it('an ADMIN sets the time zone of the organization, which is audited; what is no time zone is refused by its field', async () => {
    const set = (timeZone: string, who = as('globex.ADMIN')) =>
      api.mutate('organizations.update', { organizationId: world.globex, changes: { timeZone } }, who)
    const get = () => data(api.query('organizations.get', { organizationId: world.globex }, as('globex.ADMIN')))
    expect(await get()).toMatchObject({ timeZone: 'UTC' })
    for (const wrong of ['', 'Mars/Olympus', '+02:00', 'x'.repeat(100)])
      expect(await fieldsOf(set(wrong))).toEqual(['changes.timeZone'])
    expect(await reasonOf(set('Asia/Tokyo', as('globex.OPERATOR')))).toBe('NOT_PERMITTED')
    expect(await data(set('Asia/Tokyo'))).toMatchObject({ timeZone: 'Asia/Tokyo' })
    expect(await get()).toMatchObject({ timeZone: 'Asia/Tokyo' })
    const audit = await data(api.query('audit.list', { organizationId: world.globex }, as('globex.ADMIN')))
    expect(JSON.stringify(audit.items)).toContain('time zone from UTC to Asia/Tokyo')
  })

  it('an ADMIN renames the organization, and the platform sets its limits; a limit of zero admits no job, and null is no limit', async () => {
    const update = (changes: object, who = as('root')) =>
      api.mutate('organizations.update', { organizationId: world.acme, changes, reason: 'review' }, who)
    expect(await data(update({ name: 'Acme Robotics' }, as('acme.ADMIN')))).toMatchObject({ name: 'Acme Robotics' })
    expect(await reasonOf(update({ name: 'x', maxUnfinished: 5 }, as('acme.ADMIN')))).toBe('NOT_PERMITTED')
    const job = { organizationId: world.acme, jobType: 'test.noop', dedupe: false }
    expect(await data(update({ maxUnfinished: 0 }))).toMatchObject({ maxUnfinished: 0 })
    expect(await reasonOf(api.mutate('jobs.submit', job, as('acme.ADMIN')))).toBe('QUEUE_FULL')
    expect(await data(update({ maxUnfinished: null, maxConcurrent: 3 }))).toMatchObject({
      maxUnfinished: null,
      maxConcurrent: 3,
    })
    expect(await reasonOf(api.mutate('jobs.submit', job, as('acme.ADMIN')))).toBeUndefined()
    expect(await fieldsOf(update({ slug: 'globex' }))).toEqual(['changes.slug'])
    expect(await data(update({}))).toMatchObject({ maxConcurrent: 3 })
    const events = await services.db.auditEvent.findMany({
      where: { action: 'organization.update', organizationId: world.acme },
      orderBy: { id: 'asc' },
    })
    expect(events).toMatchObject([
      {
        actorName: 'ADMIN key',
        before: { name: 'acme' },
        after: { name: 'Acme Robotics' },
        reason: 'review',
        address: '203.0.113.9',
      },
      { before: { maxUnfinished: 100_000 }, after: { maxUnfinished: 0 } },
      { before: { maxUnfinished: 0, maxConcurrent: null }, after: { maxUnfinished: null, maxConcurrent: 3 } },
    ])
  })
})

describe('the audit', () => {
  const list = async (input: object | undefined, who = as('acme.ADMIN')) =>
    (await data(api.query('audit.list', input, who))).items as { [field: string]: any }[] // eslint-disable-line @typescript-eslint/no-explicit-any

  it('the audit shows an ADMIN their organization, and shows system admins everything', async () => {
    await data(api.mutate('control.pause', { scope: 'organization', organizationId: world.globex }, as('globex.ADMIN')))
    await data(api.mutate('control.pause', { scope: 'jobType', jobType: 'test.strict', reason: 'noise' }, as('root')))
    const [event] = await list({ organizationId: world.acme, action: 'apiKey.revoke' })
    expect(event).toEqual({
      id: expect.any(String),
      organizationId: world.acme,
      organizationName: 'Acme Robotics',
      actor: { type: 'user', id: world.userIds['acme.ADMIN'], name: 'acme.ADMIN' },
      address: '203.0.113.9',
      action: 'apiKey.revoke',
      targetType: 'apiKey',
      targetId: expect.any(String),
      targetName: 'Old service',
      sentence: 'acme.ADMIN revoked the API key Old service',
      reason: 'replaced',
      before: expect.objectContaining({ name: 'Old service', revokedAt: null }),
      after: expect.objectContaining({ jobs: 1, waitingJobs: 'transfer' }),
      at: expect.stringMatching(/Z$/),
    })
    const organizations = async (input?: object, who?: ReturnType<typeof as>) =>
      new Set((await list(input, who)).map(({ organizationId }) => organizationId))
    expect(await organizations()).toEqual(new Set([world.acme]))
    expect(await organizations(undefined, as('globex.ADMIN'))).toEqual(new Set([world.globex]))
    const all = await organizations({ limit: 100 }, as('root'))
    for (const one of [world.acme, world.globex, null]) expect(all).toContain(one)
    expect(await list({ organizationId: null }, as('root'))).toMatchObject([
      { action: 'control.pause', targetType: 'jobType', targetId: 'test.strict', reason: 'noise' },
    ])
  })

  it('the audit can be filtered and read page by page', async () => {
    const all = await list({ limit: 100 })
    const [newest, second] = all
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    )
    const { items, nextCursor } = await data(api.query('audit.list', { limit: 1 }, as('acme.ADMIN')))
    expect(items).toEqual([newest])
    expect(await list({ limit: 1, cursor: nextCursor })).toEqual([second])
    const byUser = await list({ actorId: world.userIds['acme.ADMIN'], limit: 100 })
    expect(byUser.length).toBeGreaterThan(0)
    expect(byUser).toEqual(all.filter(({ actor }) => actor.id === world.userIds['acme.ADMIN']))
    const target = all.find(({ action }) => action === 'apiKey.revoke')!.targetId
    expect(await list({ targetType: 'apiKey', targetId: target })).toEqual(
      all.filter(({ targetId }) => targetId === target),
    )
    const { at } = second!
    expect(await list({ after: at, limit: 100 })).toEqual(all.filter((event) => event.at >= at))
    expect(await list({ before: at, limit: 100 })).toEqual(all.filter((event) => event.at < at))
    expect(await fieldsOf(api.query('audit.list', { cursor: 'x' }, as('acme.ADMIN')))).toEqual(['cursor'])
  })

  it('the audit contains no key, and nobody can change it', async () => {
    const secrets = await services.db.auditEvent.findMany()
    expect(JSON.stringify(secrets)).not.toMatch(/jy_(live|demo)_[0-9A-Za-z]{5,}/)
    for (const statement of [
      `UPDATE audit_events SET reason = 'none'`,
      'DELETE FROM audit_events',
      'TRUNCATE audit_events',
    ]) {
      await expect(services.db.$executeRawUnsafe(statement), statement).rejects.toThrow(/append-only/)
    }
  })
})
