import { afterAll, expect, it } from 'vitest'
import { data, fieldsOf, openApi, reasonOf } from '@/testing/api'
import { ORIGIN } from '@/testing/api-world'

// Members and invitations, called as the dashboard and other services call them.

const { services, world, api, close } = await openApi()
afterAll(close)

const as = (name: string) => ({ key: world.keys[name]!, headers: { 'x-forwarded-for': '203.0.113.9' } })
const browser = (name: string) => ({
  cookie: world.cookies[name]!,
  headers: { origin: ORIGIN, 'x-forwarded-for': '203.0.113.9' },
})
const list = async (who: string, organizationId = world.acme) =>
  (await data(api.query('members.list', { organizationId, limit: 100 }, as(who)))).items
const invite = (email: string, who = 'acme.ADMIN', over: object = {}) =>
  api.mutate('members.invite', { organizationId: world.acme, email, role: 'OPERATOR', ...over }, browser(who))
const tokenOf = ({ link }: { link: string }) => link.split('/').at(-1)!
const audit = (action: string) => services.db.auditEvent.findFirst({ where: { action }, orderBy: { id: 'desc' } })

it('every member sees names and roles of members; only an ADMIN sees addresses and invitations', async () => {
  await data(invite('waiting@example.com'))
  expect(await list('acme.VIEWER')).toMatchObject([
    { status: 'MEMBER', name: 'acme.VIEWER', role: 'VIEWER', email: null },
    { status: 'MEMBER', name: 'acme.OPERATOR', role: 'OPERATOR', email: null },
    { status: 'MEMBER', name: 'acme.ADMIN', role: 'ADMIN', email: null },
  ])
  const all = await list('acme.ADMIN')
  expect(all).toMatchObject([
    { email: 'acme.viewer@example.com' },
    {},
    {},
    { status: 'INVITED', email: 'waiting@example.com', userId: null, invitedBy: { type: 'user', name: 'acme.ADMIN' } },
  ])
  expect(await list('root')).toEqual(all)
  expect(JSON.stringify(all)).not.toMatch(/hash|token/i)
  expect(await reasonOf(api.query('members.list', { organizationId: world.acme }, as('globex.ADMIN')))).toBe(
    'NOT_FOUND',
  )
})

it('members are not changed by an OPERATOR, a VIEWER, an ADMIN of another organization, or a foreign page that an ADMIN visits', async () => {
  const target = { organizationId: world.acme, memberId: (await list('acme.ADMIN'))[0].id }
  for (const [path, input] of [
    ['members.invite', { organizationId: world.acme, email: 'x@example.com', role: 'VIEWER' }],
    ['members.update', { ...target, role: 'ADMIN' }],
    ['members.remove', target],
  ] as const) {
    for (const [who, reason] of [
      ['acme.OPERATOR', 'NOT_PERMITTED'],
      ['acme.VIEWER', 'NOT_PERMITTED'],
      ['globex.ADMIN', 'NOT_FOUND'],
    ] as const) {
      expect(await reasonOf(api.mutate(path, input, as(who))), `${path} ${who}`).toBe(reason)
    }
    expect(
      await reasonOf(
        api.mutate(path, input, { ...browser('acme.ADMIN'), headers: { origin: 'https://evil.example' } }),
      ),
      path,
    ).toBe('NOT_PERMITTED')
  }
  // A caller cannot reach a member of another organization by naming their own organization, either.
  const foreign = { organizationId: world.globex, memberId: target.memberId }
  expect(await reasonOf(api.mutate('members.remove', foreign, as('globex.ADMIN')))).toBe('NOT_FOUND')
  expect(await reasonOf(api.mutate('members.update', { ...foreign, role: 'ADMIN' }, as('globex.ADMIN')))).toBe(
    'NOT_FOUND',
  )
})

it('an invitation is accepted once, by its link, with a name and a password; the audit has every step but not the link', async () => {
  const given = await data(invite(' New.Person@Example.com ', 'acme.ADMIN', { reason: 'night shift' }))
  expect(given).toMatchObject({
    member: { status: 'INVITED', email: 'new.person@example.com', role: 'OPERATOR' },
    message: expect.stringContaining('only now'),
  })
  expect(given.link).toMatch(new RegExp(`^${ORIGIN}/invite/[A-Za-z0-9_-]{43}$`))
  const token = tokenOf(given)
  const fields = (input: object) => fieldsOf(api.mutate('members.accept', { token, ...input }))
  expect(await fields({})).toEqual(['name', 'password'])
  expect(await fields({ name: 'New', password: 'short' })).toEqual(['password'])
  expect(await fields({ name: 'New', password: 'new.person@example.com' })).toEqual(['password'])
  expect(await fields({ name: ' ', password: 'a decent password here' })).toEqual(['name'])
  const accept = { token, name: 'New Person', password: 'seven ducks on a pond' }
  expect(await reasonOf(api.mutate('members.accept', accept, { headers: { origin: 'https://evil.example' } }))).toBe(
    'NOT_PERMITTED',
  )

  const answer = await api.mutate('members.accept', accept, { headers: { origin: ORIGIN } })
  expect(answer.data).toEqual({ organizationId: world.acme })
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0]
  expect((await data(api.query('session.me', undefined, { cookie }))).organizations).toMatchObject([
    { id: world.acme, role: 'OPERATOR' },
  ])
  expect(await reasonOf(api.mutate('members.accept', accept))).toBe('NOT_FOUND')
  expect(await audit('member.invite')).toMatchObject({
    organizationId: world.acme,
    targetType: 'invitation',
    reason: 'night shift',
    address: '203.0.113.9',
    actorName: 'acme.ADMIN',
    after: { email: 'new.person@example.com', role: 'OPERATOR' },
  })
  expect(await audit('member.accept')).toMatchObject({
    actorType: 'USER',
    actorName: 'New Person',
    targetType: 'member',
    after: { role: 'OPERATOR' },
  })
  expect(JSON.stringify(await services.db.auditEvent.findMany())).not.toMatch(new RegExp(`${token}|ducks|\\$2[aby]\\$`))

  // After a change of role, and after removal, the access is gone at the next call.
  const { id } = (await list('acme.ADMIN')).find(({ email }: { email: string }) => email === 'new.person@example.com')
  const target = { organizationId: world.acme, memberId: id }
  expect(
    await data(api.mutate('members.update', { ...target, role: 'VIEWER', reason: 'too loud' }, as('acme.ADMIN'))),
  ).toMatchObject({ role: 'VIEWER' })
  expect(await audit('member.update')).toMatchObject({
    reason: 'too loud',
    before: { role: 'OPERATOR' },
    after: { role: 'VIEWER' },
  })
  expect(
    await reasonOf(api.mutate('jobs.submit', { organizationId: world.acme, jobType: 'test.noop' }, { cookie })),
  ).toBe('NOT_PERMITTED')
  expect(await data(api.mutate('members.remove', target, browser('acme.ADMIN')))).toEqual({ memberId: id })
  expect(await audit('member.remove')).toMatchObject({
    actorName: 'acme.ADMIN',
    before: { email: 'new.person@example.com', role: 'VIEWER' },
    after: null,
  })
  expect(await reasonOf(api.query('members.list', { organizationId: world.acme }, { cookie }))).toBe('NOT_FOUND')
  expect(await reasonOf(api.mutate('members.remove', target, as('acme.ADMIN')))).toBe('NOT_FOUND')

  // The person comes back with the existing account, once its owner accepts.
  const again = await data(invite('new.person@example.com'))
  expect(again).toMatchObject({ member: { status: 'INVITED', userId: null } })
  expect((await api.query('session.me', undefined, { cookie })).data.organizations).toEqual([])
  await data(api.mutate('members.accept', { token: tokenOf(again) }, { cookie }))
  expect((await list('acme.ADMIN')).map((member: { id: string }) => member.id)).toContain(id)
  expect((await api.query('session.me', undefined, { cookie })).data.organizations).toHaveLength(1)
  expect((await invite('new.person@example.com')).error.data).toMatchObject({
    reason: 'INVALID_INPUT',
    fields: [{ path: 'email' }],
  })
})

it('an invitation that is older than the account of its address is accepted only by the owner of the account, signed in', async () => {
  const here = await data(invite('twice@example.com'))
  const there = await data(
    api.mutate(
      'members.invite',
      { organizationId: world.globex, email: 'twice@example.com', role: 'VIEWER' },
      browser('globex.ADMIN'),
    ),
  )
  const made = await api.mutate('members.accept', {
    token: tokenOf(here),
    name: 'Twice',
    password: 'seven ducks on a pond',
  })
  const cookie = made.headers.getSetCookie()[0]!.split(';')[0]
  const accept = { token: tokenOf(there), name: 'Thief', password: 'a password of the thief' }
  expect(await reasonOf(api.mutate('members.accept', accept))).toBe('UNAUTHENTICATED')
  expect(await reasonOf(api.mutate('members.accept', accept, browser('acme.VIEWER')))).toBe('NOT_PERMITTED')
  const joined = await api.mutate('members.accept', { token: tokenOf(there) }, { cookie })
  expect(joined.data).toEqual({ organizationId: world.globex })
  expect(joined.headers.getSetCookie()).toEqual([])
})

it('an invalid address, role or token is refused at its field', async () => {
  for (const email of ['nobody', 'a@b', 'x'.repeat(300) + '@example.com', 'a b@example.com', ''])
    expect(await fieldsOf(invite(email)), email).toEqual(['email'])
  expect(await fieldsOf(invite('ok@example.com', 'acme.ADMIN', { role: 'SYSTEM_ADMIN' }))).toEqual(['role'])
  expect(await fieldsOf(api.mutate('members.accept', { token: '../../etc' }))).toEqual(['token'])
  expect(await reasonOf(api.mutate('members.accept', { token: 'x'.repeat(43) }))).toBe('NOT_FOUND')
})
