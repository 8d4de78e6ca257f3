import { afterAll, beforeAll, expect, test } from 'vitest'
import { data, openApi, refusalOf } from '@/testing/api'

// What jobs wait for, as the dashboard and other services ask for it.

const { world, api, close } = await openApi()
afterAll(close)

const as = (name: string) => ({ key: world.keys[name]! })
const { acme, globex } = world
const runAt = '2100-01-01T00:00:00Z'

beforeAll(async () => {
  const submit = (organizationId: string, who: string, count: number, more: object) =>
    data(
      api.mutate(
        'jobs.submitMany',
        {
          organizationId,
          jobs: Array.from({ length: count }, (_, n) => ({
            jobType: 'test.noop',
            dedupe: false,
            parameters: { n },
            ...more,
          })),
        },
        as(who),
      ),
    )
  await submit(acme, 'acme.ADMIN', 3, { runAt })
  await submit(globex, 'globex.ADMIN', 5, { runAt })
})

const waiting = (input: unknown, who = 'acme.VIEWER') => api.query('metrics.waiting', input, as(who))
const list = (input: object, who = 'acme.VIEWER') => api.query('jobs.list', input, as(who))

test('a viewer learns what the jobs of their own organization wait for, and nothing of another one', async () => {
  const mine = await data(waiting(undefined))
  expect(mine).toMatchObject({
    items: [{ code: 'SCHEDULED', count: 3, until: '2100-01-01T00:00:00.000Z', message: 'They are planned for later.' }],
    total: 3,
    byPriority: { LOW: 0, NORMAL: 3, HIGH: 0, CRITICAL: 0 },
    estimate: null,
  })
  expect(await refusalOf(waiting({ organizationId: globex }))).toMatchObject({ reason: 'NOT_FOUND' })
  expect((await data(waiting(undefined, 'root'))).total).toBe(8)
  expect((await data(waiting({ organizationId: globex }, 'root'))).total).toBe(5)
  expect((await data(waiting({ jobType: 'test.strict' }))).total).toBe(0)
})

test('the filter by reason finds and counts the jobs of the caller’s organizations', async () => {
  const page = await data(list({ waitingFor: ['SCHEDULED'], include: ['waiting'] }))
  expect(page.items).toHaveLength(3)
  for (const { organizationId, waiting: why } of page.items) {
    expect(organizationId).toBe(acme)
    expect(why).toEqual({
      code: 'SCHEDULED',
      message: expect.stringContaining('scheduled for 2100-01-01'),
      until: '2100-01-01T00:00:00.000Z',
    })
  }
  expect((await data(list({ waitingFor: ['PAUSED'] }))).items).toEqual([])
  expect((await data(list({ waitingFor: [] }))).items[0]).not.toHaveProperty('waiting')
  expect(await data(api.query('jobs.count', { waitingFor: ['SCHEDULED'] }, as('root')))).toEqual({
    count: 8,
    capped: false,
  })
})

test('a dry run by reason tells how many jobs it is about', async () => {
  const asked = { organizationId: acme, filter: { waitingFor: ['SCHEDULED'] }, dryRun: true }
  expect(await data(api.mutate('jobs.cancelMany', asked, as('acme.ADMIN')))).toMatchObject({ matched: 3, would: 3 })
  const none = { ...asked, filter: { waitingFor: [] } }
  expect(await refusalOf(api.mutate('jobs.cancelMany', none, as('acme.ADMIN')))).toMatchObject({
    fields: [{ path: 'filter' }],
  })
})

test.each([
  ['a reason that there is not', { waitingFor: ['TIRED'] }, 'waitingFor[0]'],
  ['a reason in small letters', { waitingFor: ['paused'] }, 'waitingFor[0]'],
  ['a reason outside of a list', { waitingFor: 'PAUSED' }, 'waitingFor'],
  ['null for the reasons', { waitingFor: null }, 'waitingFor'],
  ['more reasons than there are', { waitingFor: Array.from({ length: 16 }, () => 'PAUSED') }, 'waitingFor'],
  ['something to include that there is not', { include: ['reason'] }, 'include[0]'],
])('a list with %s is refused, and the place is named', async (_, input, path) => {
  expect(await refusalOf(list(input))).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path }] })
})

test.each([
  ['a limit below 0', { jobType: 'test.noop', whatIf: { global: -1 } }, 'whatIf.global'],
  ['half a limit', { jobType: 'test.noop', whatIf: { perOrganization: 1.5 } }, 'whatIf.perOrganization'],
  ['a limit beyond what is kept', { jobType: 'test.noop', whatIf: { global: 2 ** 31 } }, 'whatIf.global'],
  ['a limit of no job type', { whatIf: { global: 1 } }, 'jobType'],
  ['a name that no job type can have', { jobType: 'No Name' }, 'jobType'],
  ['no id of an organization', { organizationId: 'acme' }, 'organizationId'],
])('asking what waits with %s is refused, and the place is named', async (_, input, path) => {
  expect(await refusalOf(waiting(input))).toMatchObject({ reason: 'INVALID_INPUT', fields: [{ path }] })
})

test('asking about another limit for an unknown type answers that nothing waits', async () => {
  expect(await data(waiting({ jobType: 'test.unknown', whatIf: { global: null } }))).toMatchObject({
    items: [],
    total: 0,
  })
})
