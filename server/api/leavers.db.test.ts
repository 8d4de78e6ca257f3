import { v7 as uuidv7 } from 'uuid'
import { afterAll, describe, expect, it } from 'vitest'
import { data, openApi, refusalOf, reasonOf } from '@/testing/api'
import { createUser, ORIGIN, type Credentials } from '@/testing/api-world'

// A person is removed from an organization, or gets a lower role, and tries to come back with what they left behind. Also
// invitations of people who have an account, and names with invisible characters.

const { services, world, api, close } = await openApi()
afterAll(close)

const organizationId = world.acme
const admin = { cookie: world.cookies['acme.ADMIN']!, headers: { origin: ORIGIN } }
const tokenOf = ({ link }: { link: string }) => link.split('/').at(-1)!

/** Creates another ADMIN of acme, who is signed in. */
async function colleague() {
  const name = `mallory ${uuidv7()}`
  const { cookies, userIds } = await createUser(
    services.db,
    { cookies: {}, userIds: {} },
    name,
    organizationId,
    'ADMIN',
  )
  const userId = userIds[name]!
  const email = `m.${userId}@example.com`
  await services.db.user.update({ where: { id: userId }, data: { email } })
  const { id } = await services.db.person.findUniqueOrThrow({ where: { userId } })
  return { memberId: id, email, browser: { cookie: cookies[name]!, headers: { origin: ORIGIN } } satisfies Credentials }
}

const keyOf = async (who: Credentials, over: object = {}) =>
  data(api.mutate('apiKeys.create', { organizationId, name: 'Back door', role: 'ADMIN', ...over }, who))
const inviteBy = (who: Credentials, email: string) =>
  api.mutate('members.invite', { organizationId, email, role: 'ADMIN' }, who)

describe('an ADMIN who has made a key and is removed', () => {
  it('an ADMIN who got a lower role and was removed cannot come back by their keys and invitations, nor by anything that a key makes', async () => {
    const { memberId, email, browser } = await colleague()
    const second = `second.${memberId}@example.com`
    const { apiKey, key } = await keyOf(browser)
    const invitation = await data(inviteBy(browser, second))

    // Even while its maker is an ADMIN, the key cannot make anything that would remain after it. The fourth call does
    // not count yet, because its maker is an ADMIN already.
    const byKey = { key }
    const tries = () =>
      Promise.all([
        reasonOf(api.mutate('apiKeys.create', { organizationId, name: 'Next', role: 'VIEWER' }, byKey)),
        reasonOf(inviteBy(byKey, email)),
        reasonOf(inviteBy(byKey, second)),
        reasonOf(api.mutate('members.update', { organizationId, memberId, role: 'ADMIN' }, byKey)),
      ])
    expect((await tries()).slice(0, 3)).toEqual(['NOT_PERMITTED', 'NOT_PERMITTED', 'NOT_PERMITTED'])

    // Nobody can lower the role or remove the person without deciding about the key.
    const lower = { organizationId, memberId, role: 'VIEWER', reason: 'audit' }
    const asked = await refusalOf(api.mutate('members.update', lower, admin))
    expect(asked).toMatchObject({
      code: 'CONFLICT',
      httpStatus: 409,
      reason: 'KEYS_UNDECIDED',
      keys: [
        {
          id: apiKey.id,
          name: 'Back door',
          role: 'ADMIN',
          prefix: key.slice(0, 12),
          lastUsedAt: expect.stringMatching(/Z$/),
        },
      ],
    })
    expect(JSON.stringify(asked)).not.toContain(key.slice(12))
    expect(await reasonOf(api.mutate('members.remove', { organizationId, memberId }, admin))).toBe('KEYS_UNDECIDED')

    // The role is lowered and the key kept. The key cannot raise its maker again, and the invitation is gone.
    expect(await data(api.mutate('members.update', { ...lower, keys: 'keep' }, admin))).toMatchObject({
      role: 'VIEWER',
    })
    expect(await tries()).toEqual(['NOT_PERMITTED', 'NOT_PERMITTED', 'NOT_PERMITTED', 'NOT_PERMITTED'])
    const accept = { token: tokenOf(invitation), name: 'Second', password: 'seven ducks on a pond' }
    expect(await reasonOf(api.mutate('members.accept', accept))).toBe('NOT_FOUND')

    // The member is removed and the key revoked. No access is left.
    expect(await reasonOf(api.mutate('members.remove', { organizationId, memberId }, admin))).toBe('KEYS_UNDECIDED')
    expect(await data(api.mutate('members.remove', { organizationId, memberId, keys: 'revoke' }, admin))).toEqual({
      memberId,
    })
    expect(await tries()).toEqual(Array.from({ length: 4 }, () => 'UNAUTHENTICATED'))
    expect(
      await reasonOf(api.mutate('apiKeys.create', { organizationId, name: 'Next', role: 'VIEWER' }, browser)),
    ).toBe('NOT_FOUND')
    expect(await reasonOf(inviteBy(browser, email))).toBe('NOT_FOUND')
    expect(await services.db.user.count({ where: { email: second } })).toBe(0)
    const { items } = await data(api.query('members.list', { organizationId, limit: 100 }, admin))
    expect(items.map((member: { email: string }) => member.email)).not.toEqual(expect.arrayContaining([email]))
    expect(items.map((member: { email: string }) => member.email)).not.toEqual(expect.arrayContaining([second]))
  })

  it("the waiting jobs of a removed ADMIN's key end with the key, or pass to the person who removes them", async () => {
    for (const [waitingJobs, status] of [
      [undefined, 'CANCELED'],
      ['transfer', 'PENDING'],
    ] as const) {
      const { memberId, browser } = await colleague()
      const { key } = await keyOf(browser, { role: 'OPERATOR' })
      const { id } = await data(
        api.mutate(
          'jobs.submit',
          { organizationId, jobType: 'test.noop', dedupe: false, runAt: '2100-01-01T00:00:00Z' },
          { key },
        ),
      )
      await data(api.mutate('members.remove', { organizationId, memberId, keys: 'revoke', waitingJobs }, admin))
      const job = await data(api.query('jobs.get', { jobId: id }, admin))
      expect(job).toMatchObject({ status })
      if (waitingJobs) expect(job.submittedBy).toMatchObject({ type: 'user', id: world.userIds['acme.ADMIN'] })
    }
  })
})

describe('somebody with an account', () => {
  it('a person with an account is asked before they become a member, and may decline for good; a key cannot answer for them', async () => {
    const email = 'globex.operator@example.com'
    const owner = { cookie: world.cookies['globex.OPERATOR']!, headers: { origin: ORIGIN } }
    const invitation = await data(inviteBy(admin, email))
    expect(await data(api.query('session.me', undefined, owner))).toMatchObject({
      organizations: [{ id: world.globex }],
    })
    const input = { token: tokenOf(invitation) }
    expect(await reasonOf(api.mutate('members.decline', input))).toBe('UNAUTHENTICATED')
    expect(await reasonOf(api.mutate('members.decline', input, { key: world.keys['globex.OPERATOR'] }))).toBe(
      'NOT_PERMITTED',
    )
    expect(await reasonOf(api.mutate('members.decline', input, admin))).toBe('NOT_PERMITTED')
    expect(await data(api.mutate('members.decline', input, owner))).toEqual({ organizationId })
    expect(await reasonOf(api.mutate('members.accept', input, owner))).toBe('NOT_FOUND')
    expect((await data(api.query('session.me', undefined, owner))).organizations).toHaveLength(1)
  })
})

describe('names', () => {
  const root = { key: world.keys.root }
  it('names with invisible characters are refused, each at its field', async () => {
    const { db } = services
    const invitation = await data(inviteBy(admin, 'named@example.com'))
    const wrong = [
      'Ac\u202eme',
      'Acme\u200b',
      '\u2066Acme\u2069',
      'Ac\u0007me',
      'Acme\n',
      '\ufeffAcme',
      'Ac\u00adme',
      'Ac\ufe0fme',
      '\u3164',
      'Ac\u2028me',
    ]
    for (const name of wrong) {
      const calls: [string, unknown, Credentials, string][] = [
        ['organizations.create', { name, slug: 'hidden' }, root, 'name'],
        ['organizations.update', { organizationId, changes: { name } }, admin, 'changes.name'],
        ['members.invite', { organizationId, email: 'x@example.com', role: 'VIEWER', name }, admin, 'name'],
        ['members.accept', { token: tokenOf(invitation), name, password: 'seven ducks on a pond' }, {}, 'name'],
        ['apiKeys.create', { organizationId, name, role: 'VIEWER' }, admin, 'name'],
        [
          'jobTypes.create',
          { name: 'test.hidden', displayName: name, handler: 'sample.noop', parameterSchema: { type: 'object' } },
          root,
          'displayName',
        ],
        ['jobTypes.update', { name: 'test.noop', changes: { displayName: name } }, root, 'changes.displayName'],
      ]
      for (const [path, input, who, field] of calls) {
        const refused = await refusalOf(api.mutate(path, input, who))
        expect(refused, `${path} ${JSON.stringify(name)}`).toMatchObject({
          reason: 'INVALID_INPUT',
          fields: [{ path: field }],
        })
      }
    }
    expect(await db.organization.count({ where: { slug: 'hidden' } })).toBe(0)
    expect(
      await data(api.mutate('organizations.create', { name: ' Zoe\u0308\u00a0 & Co ', slug: 'seen' }, root)),
    ).toMatchObject({ name: 'Zoë & Co' })
  })
})
