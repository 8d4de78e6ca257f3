import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { data, fieldsOf, openApi, reasonOf } from '@/testing/api'

// The audit and the figures of the platform, as each role sees them.

const { services, world, api, close } = await openApi()
afterAll(close)

const as = (name: string) => ({ key: world.keys[name]! })
const entriesFor = async (
  who: string,
  input: object = {},
): Promise<{ id: string; sentence: string; action: string }[]> =>
  (await data(api.query('audit.list', input, as(who)))).items

beforeAll(async () => {
  const reason = 'The provider raised our quota'
  const limit = (maxConcurrent: number) =>
    api.mutate('organizations.update', { organizationId: world.acme, changes: { maxConcurrent }, reason }, as('root'))
  await data(limit(2))
  await data(limit(5))
  await data(api.mutate('jobTypes.update', { name: 'test.noop', changes: { concurrency: { global: 3 } } }, as('root')))
  await data(api.mutate('control.pause', { scope: 'organization', organizationId: world.globex }, as('globex.ADMIN')))
})

it('an ADMIN finds who changed a limit, from which value to which, and why', async () => {
  const [entry] = await entriesFor('acme.ADMIN', { organizationId: world.acme, action: 'organization.update' })
  expect(entry).toMatchObject({
    sentence: expect.stringMatching(/set acme's limit of running jobs from 2 to 5$/),
    reason: 'The provider raised our quota',
    before: { maxConcurrent: 2 },
    after: { maxConcurrent: 5 },
    targetName: 'acme',
    organizationName: 'acme',
  })
  expect(await data(api.query('audit.get', { id: entry!.id }, as('acme.ADMIN')))).toEqual(entry)
})

it('a VIEWER and an OPERATOR are refused the audit of their organization, and every entry of it', async () => {
  const [entry] = await entriesFor('acme.ADMIN')
  for (const who of ['acme.VIEWER', 'acme.OPERATOR']) {
    expect(await reasonOf(api.query('audit.list', {}, as(who)))).toBe('NOT_PERMITTED')
    expect(await reasonOf(api.query('audit.get', { id: entry!.id }, as(who)))).toBe('NOT_PERMITTED')
    expect(await reasonOf(api.query('audit.actors', { organizationId: world.acme }, as(who)))).toBe('NOT_PERMITTED')
  }
})

it('for the ADMIN of another organization, audit entries are NOT_FOUND, like entries that never existed', async () => {
  const [entry] = await entriesFor('globex.ADMIN')
  for (const id of [entry!.id, randomUUID()])
    expect(await reasonOf(api.query('audit.get', { id }, as('acme.ADMIN')))).toBe('NOT_FOUND')
})

it('acts on the platform are only for system admins: an ADMIN gets neither the list nor an entry', async () => {
  const [entry] = await entriesFor('root', { organizationId: null })
  expect(entry!.sentence).toMatch(/set test\.noop's limit from no limit to 3$/)
  expect((await data(api.query('audit.get', { id: entry!.id }, as('root')))).id).toBe(entry!.id)
  expect(await reasonOf(api.query('audit.get', { id: entry!.id }, as('acme.ADMIN')))).toBe('NOT_FOUND')
  expect(await reasonOf(api.query('audit.list', { organizationId: null }, as('acme.ADMIN')))).toBe('NOT_PERMITTED')
  expect(await reasonOf(api.query('audit.actors', { organizationId: null }, as('acme.ADMIN')))).toBe('NOT_PERMITTED')
  expect((await entriesFor('acme.ADMIN')).map(({ id }) => id)).not.toContain(entry!.id)
})

it('everybody who acted in an organization can be chosen as the person of the filter', async () => {
  const { items } = await data(api.query('audit.actors', { organizationId: world.globex }, as('globex.ADMIN')))
  expect(items).toEqual([expect.objectContaining({ type: 'key' })])
  const found = await entriesFor('globex.ADMIN', { organizationId: world.globex, actorId: items[0].id })
  expect(found.map(({ action }) => action)).toEqual(['control.pause'])
})

it('bad input to the audit is refused with its field, and unknown words find nothing', async () => {
  for (const id of ['x', '', null, 7, `${randomUUID()} OR TRUE`])
    expect(await fieldsOf(api.query('audit.get', { id }, as('acme.ADMIN'))), String(id)).toEqual(['id'])
  expect(await fieldsOf(api.query('audit.actors', {}, as('acme.ADMIN')))).toEqual(['organizationId'])
  for (const odd of ["' OR TRUE --", '%', '\u202Ereversed', 'x'.repeat(100)])
    expect(await entriesFor('acme.ADMIN', { targetType: odd, targetId: odd }), odd).toEqual([])
})

it('the usage of limits is for an ADMIN of the organization; its VIEWER and an ADMIN of another organization are refused', async () => {
  const usage = (who: string) => api.query('organizations.usage', { organizationId: world.acme }, as(who))
  expect(await data(usage('acme.ADMIN'))).toEqual({
    maxUnfinished: { limit: 100_000, used: 0, peak: 0, peakAt: null },
    maxConcurrent: { limit: 5, used: 0, peak: 0, peakAt: null },
  })
  expect(await reasonOf(usage('acme.VIEWER'))).toBe('NOT_PERMITTED')
  expect(await reasonOf(usage('globex.ADMIN'))).toBe('NOT_FOUND')
})

it('a key tells for how many days it was not used, counted from its creation if it was never used', async () => {
  /** A minute more than so many days ago, so that as many whole days have passed. */
  const days = (n: number) => new Date(Date.now() - n * 86_400_000 - 60_000)
  const keyOf = async (name: string, createdAt: Date, lastUsedAt: Date | null) => {
    const id = randomUUID()
    const data = {
      id,
      organizationId: world.acme,
      role: 'VIEWER',
      name,
      prefix: name,
      hash: new Uint8Array(randomBytes(32)),
    } as const
    await services.db.apiKey.create({ data: { ...data, createdAt, lastUsedAt } })
  }
  await keyOf('never', days(91), null)
  await keyOf('long ago', days(200), days(90))
  // Used by a process whose clock is a day ahead.
  await keyOf('ahead', days(0), new Date(Date.now() + 86_400_000))
  const { items } = await data(api.query('apiKeys.list', { organizationId: world.acme, limit: 100 }, as('acme.ADMIN')))
  const of = (name: string) => items.find((key: { name: string }) => key.name === name).unusedForDays
  expect([of('never'), of('long ago'), of('ahead')]).toEqual([91, 90, 0])
})

it('the figures of the platform are only for system admins, and include a paused organization', async () => {
  for (const who of ['acme.VIEWER', 'acme.OPERATOR', 'acme.ADMIN'])
    expect(await reasonOf(api.query('metrics.platform', undefined, as(who)))).toBe('NOT_PERMITTED')
  const { items, total } = await data(api.query('metrics.platform', { search: 'globex' }, as('root')))
  expect(total).toBe(1)
  expect(items[0]).toMatchObject({ slug: 'globex', paused: true, waiting: 0, slots: null, outliers: [] })
  expect(await fieldsOf(api.query('metrics.platform', { sort: 'size' }, as('root')))).toEqual(['sort'])
  expect(await fieldsOf(api.query('metrics.platform', { cursor: 'x' }, as('root')))).toEqual(['cursor'])
})
