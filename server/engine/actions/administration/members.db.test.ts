import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { holding, refusal, tester, type World } from '@/testing/engine'
import {
  acceptInvitation,
  admitIdentity,
  changeMember,
  findInvitation,
  inviteMember,
  listMembers,
  removeMember,
  type Identity,
} from '../../index'

const { database, db } = await openDatabase()
const world: World = { db, databaseUrl: database.url, organizationId: '', otherOrganizationId: '' }

let serial = 0
const hashOf = (token: string) => createHash('sha256').update(token).digest()
const by = { actor: tester, address: '203.0.113.9' }

async function organization(): Promise<string> {
  const id = uuidv7()
  await db.organization.create({ data: { id, name: `Organization ${++serial}`, slug: `organization-${serial}` } })
  return id
}

/** Makes a member with an account. `personId` is what the engine calls `memberId`. */
async function memberOf(
  organizationId: string,
  role: 'VIEWER' | 'OPERATOR' | 'ADMIN',
  over: { disabledAt?: Date } = {},
) {
  const user = await db.user.create({
    data: {
      id: uuidv7(),
      email: `person${++serial}@example.com`,
      ...over,
      person: { create: { id: uuidv7(), name: `Person ${serial}` } },
    },
    include: { person: true },
  })
  const personId = user.person!.id
  await db.orgMember.create({ data: { organizationId, personId, role } })
  return { userId: user.id, personId, email: user.email }
}

const invite = (
  organizationId: string,
  email: string,
  token = `token ${++serial}`,
  role: 'VIEWER' | 'ADMIN' = 'VIEWER',
) =>
  inviteMember(db, { organizationId, email, name: null, role, tokenHash: hashOf(token), ...by }).then((member) => ({
    member,
    token,
  }))
const accept = (token: string, name = 'New Person') =>
  acceptInvitation(db, { tokenHash: hashOf(token), by: { name, passwordHash: 'hash' }, address: null })
const roles = async (organizationId: string) =>
  (await db.orgMember.findMany({ where: { organizationId }, orderBy: { role: 'asc' } })).map(({ role }) => role)
const actions = async (organizationId: string) =>
  (await db.auditEvent.findMany({ where: { organizationId }, orderBy: { id: 'asc' } })).map(({ action }) => action)

describe('the last ADMIN', () => {
  it('the last ADMIN is neither removed nor demoted, even where this organization has a disabled ADMIN and another one has more', async () => {
    const [here, there] = [await organization(), await organization()]
    const admin = await memberOf(here, 'ADMIN')
    await memberOf(there, 'ADMIN')
    await memberOf(here, 'ADMIN', { disabledAt: new Date() })
    await memberOf(here, 'OPERATOR')
    const target = { organizationId: here, memberId: admin.personId, ...by }
    expect(await refusal(removeMember(db, target))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      data: { from: 'ADMIN', to: 'removed' },
    })
    expect(await refusal(changeMember(db, { ...target, role: 'VIEWER' }))).toMatchObject({
      reason: 'ILLEGAL_TRANSITION',
      data: { from: 'ADMIN', to: 'VIEWER' },
    })
    expect(await changeMember(db, { ...target, role: 'ADMIN' })).toMatchObject({ role: 'ADMIN' })
    expect(await actions(here)).toEqual([])
  })

  it('one ADMIN remains when the only two are removed or demoted at the same moment, in either order', async () => {
    for (let round = 0; round < 12; round++) {
      const organizationId = await organization()
      const [one, two] = [await memberOf(organizationId, 'ADMIN'), await memberOf(organizationId, 'ADMIN')]
      const away = (personId: string) => (): Promise<unknown> => {
        const target = { organizationId, memberId: personId, ...by }
        return round % 3 === 2 ? changeMember(db, { ...target, role: 'OPERATOR' }) : removeMember(db, target)
      }
      const contestants =
        round % 2 ? [away(one.personId), away(two.personId)] : [away(two.personId), away(one.personId)]
      // Both wait for the row that decides, so neither has seen what the other did.
      const ends = await holding(
        world,
        'SELECT 1 FROM organizations WHERE id = $1::uuid FOR UPDATE',
        [organizationId],
        async (waiting) => {
          const all = contestants.map((begin) => begin())
          await waiting(2)
          return all
        },
      )
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect((await roles(organizationId)).filter((role) => role === 'ADMIN')).toHaveLength(1)
      expect(await actions(organizationId)).toHaveLength(1)
    }
  })
})

describe('invitations', () => {
  it('an invitation makes account, person and membership, and works once', async () => {
    const organizationId = await organization()
    const email = `new${++serial}@example.com`
    const { token, member } = await invite(organizationId, email)
    expect(member).toMatchObject({
      status: 'INVITED',
      email,
      role: 'VIEWER',
      userId: null,
      invitedBy: { type: 'system', name: 'test' },
    })
    expect((member.expiresAt!.getTime() - member.since.getTime()) / 86_400_000).toBeCloseTo(7, 2)
    const ends = await Promise.allSettled([accept(token, 'Nia'), accept(token, 'Nia')])
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { items } = await listMembers(db, organizationId, { invitations: true, limit: 10 })
    expect(items).toMatchObject([
      {
        status: 'MEMBER',
        email,
        name: 'Nia',
        role: 'VIEWER',
        userId: expect.any(String),
        invitedBy: null,
        expiresAt: null,
      },
    ])
    expect(await refusal(accept(token))).toMatchObject({ reason: 'NOT_FOUND' })
    expect(await actions(organizationId)).toEqual(['member.invite', 'member.accept'])
    const audit = JSON.stringify(await db.auditEvent.findMany({ where: { organizationId } }))
    expect(audit).not.toContain(token)
    expect(audit).not.toMatch(/hash/i)
  })

  it('an invitation that is made again ends the earlier link, and a link that was withdrawn, has expired or is of a deleted organization is not accepted', async () => {
    const organizationId = await organization()
    const email = `new${++serial}@example.com`
    const first = await invite(organizationId, email)
    const second = await invite(organizationId, email, undefined, 'ADMIN')
    expect(second.member.id).toBe(first.member.id)
    expect(await findInvitation(db, hashOf(first.token))).toBeNull()
    expect(await findInvitation(db, hashOf(second.token))).toMatchObject({
      organizationId,
      email,
      role: 'ADMIN',
      hasAccount: false,
    })

    await db.invitation.updateMany({ where: { email }, data: { expiresAt: new Date(Date.now() - 1000) } })
    expect(await refusal(accept(second.token))).toMatchObject({ reason: 'NOT_FOUND' })
    expect((await listMembers(db, organizationId, { invitations: true, limit: 10 })).items).toMatchObject([
      { status: 'EXPIRED', email },
    ])

    const third = await invite(organizationId, email)
    await removeMember(db, { organizationId, memberId: third.member.id, ...by })
    expect(await refusal(accept(third.token))).toMatchObject({ reason: 'NOT_FOUND' })

    const last = await invite(organizationId, email)
    await db.organization.update({ where: { id: organizationId }, data: { status: 'DELETED' } })
    expect(await refusal(accept(last.token))).toMatchObject({ reason: 'NOT_FOUND' })
    expect(await refusal(invite(organizationId, 'x@example.com'))).toMatchObject({ reason: 'NOT_FOUND' })
    expect(await db.user.count({ where: { email } })).toBe(0)
  })

  it('a person with an account has to accept too, and a token never opens an account that exists', async () => {
    const [here, there] = [await organization(), await organization()]
    const { email, personId, userId } = await memberOf(there, 'OPERATOR')
    const asked = await invite(here, email)
    expect(asked.member).toMatchObject({ status: 'INVITED', userId: null, email })
    expect(await roles(here)).toEqual([])
    await acceptInvitation(db, { tokenHash: hashOf(asked.token), by: { userId }, address: null })
    expect((await listMembers(db, here, { invitations: true, limit: 10 })).items).toMatchObject([
      { id: personId, status: 'MEMBER', role: 'VIEWER' },
    ])
    expect(await refusal(invite(here, email))).toMatchObject({
      reason: 'INVALID_INPUT',
      data: { fields: [{ path: 'email' }] },
    })

    // The address was invited twice before it had an account. The first link makes the account, the second needs its
    // owner.
    const late = `late${++serial}@example.com`
    const [one, two] = [await invite(here, late), await invite(there, late)]
    await accept(one.token)
    expect(await refusal(accept(two.token))).toMatchObject({ reason: 'NOT_PERMITTED' })
    const stranger = { tokenHash: hashOf(two.token), by: { userId }, address: null }
    expect(await refusal(acceptInvitation(db, stranger))).toMatchObject({ reason: 'NOT_PERMITTED' })
    const owner = await db.user.findUniqueOrThrow({ where: { email: late } })
    await acceptInvitation(db, { ...stranger, by: { userId: owner.id } })
    expect(owner.passwordHash).toBe('hash')
    expect(await roles(there)).toEqual(['VIEWER', 'OPERATOR'])
  })

  it('invitations are listed after the members, page by page', async () => {
    const organizationId = await organization()
    const people = [await memberOf(organizationId, 'ADMIN'), await memberOf(organizationId, 'VIEWER')]
    const asked = [
      await invite(organizationId, `a${++serial}@example.com`),
      await invite(organizationId, `b${++serial}@example.com`),
    ]
    const seen: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await listMembers(db, organizationId, { invitations: true, limit: 1, cursor })
      seen.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(seen).toEqual([...people.map(({ personId }) => personId), ...asked.map(({ member }) => member.id)])
    expect((await listMembers(db, organizationId, { invitations: false, limit: 10 })).items).toHaveLength(2)
  })
})

describe('a first sign-in at the OIDC provider', () => {
  const issuer = 'https://login.example.com'
  const admit = (subject: string, email: string | null, over: Partial<Identity> = {}) =>
    admitIdentity(db, { issuer, subject, email, emailVerified: true, name: 'Olive', ...over }, '203.0.113.9')

  it('a first OIDC sign-in needs an invitation and a verified address, and makes an account whose invitations are still to be accepted', async () => {
    const [here, there, gone] = [await organization(), await organization(), await organization()]
    const email = `olive${++serial}@example.com`
    const subject = `sub ${serial}`
    expect(await admit(subject, email)).toBe('NOT_INVITED')
    const [first] = [await invite(here, email), await invite(there, email), await invite(gone, email)]
    await db.invitation.updateMany({ where: { organizationId: gone }, data: { expiresAt: new Date(0) } })
    expect(await admit(subject, email, { emailVerified: false })).toBe('EMAIL_NOT_VERIFIED')
    expect(await admit(subject, null)).toBe('EMAIL_NOT_VERIFIED')
    expect(await db.user.count({ where: { email } })).toBe(0)

    const [one, two] = await Promise.all([admit(subject, email.toUpperCase()), admit(subject, email)])
    expect(one).toMatchObject({ name: 'Olive', epoch: 0 })
    expect(two).toMatchObject({ userId: (one as { userId: string }).userId })
    expect([await roles(here), await roles(there), await roles(gone)]).toEqual([[], [], []])
    const { userId } = one as { userId: string }
    await acceptInvitation(db, { tokenHash: hashOf(first!.token), by: { userId }, address: null })
    expect([await roles(here), await roles(there), await roles(gone)]).toEqual([['VIEWER'], [], []])
    expect(await actions(here)).toEqual(['member.invite', 'member.accept'])
    expect(
      await db.auditEvent.findFirst({ where: { action: 'user.bindIdentity' }, orderBy: { id: 'desc' } }),
    ).toMatchObject({
      organizationId: null,
      address: '203.0.113.9',
      after: { issuer, subject, email },
    })
  })

  it('a first OIDC sign-in is refused where nobody who invited may still do so', async () => {
    const organizationId = await organization()
    await memberOf(organizationId, 'ADMIN')
    const inviter = await memberOf(organizationId, 'ADMIN')
    const email = `late${++serial}@example.com`
    const given = {
      organizationId,
      email,
      name: null,
      role: 'ADMIN',
      tokenHash: hashOf(email),
      actor: { type: 'user', id: inviter.userId, name: 'Inviter' },
      address: null,
    } as const
    await inviteMember(db, given)
    // The role is changed by hand in the database, so nothing has taken the invitation back.
    await db.orgMember.update({
      where: { organizationId_personId: { organizationId, personId: inviter.personId } },
      data: { role: 'OPERATOR' },
    })
    expect(await admit(`sub ${++serial}`, email)).toBe('NOT_INVITED')
  })

  it('a name from an OIDC provider is cleaned and not refused', async () => {
    const organizationId = await organization()
    const email = `spoof${++serial}@example.com`
    await invite(organizationId, email)
    expect(await admit(`sub ${++serial}`, email, { name: '\u202eevilO\u200b Oidc\u0007' })).toMatchObject({
      name: 'evilO Oidc',
    })
  })

  it('an OIDC sign-in is bound to issuer and subject: a changed address opens no other account, and a reused one not the old account', async () => {
    const organizationId = await organization()
    const [one, two] = [await memberOf(organizationId, 'ADMIN'), await memberOf(organizationId, 'VIEWER')]
    expect(await admit('one', one.email)).toMatchObject({ userId: one.userId })
    // The address at the provider now belongs to somebody else, or to nobody, or is not verified. The user is still the
    // same.
    for (const [email, emailVerified] of [
      [two.email, true],
      ['nobody@example.com', true],
      [null, false],
    ] as const) {
      expect(await admit('one', email, { emailVerified })).toMatchObject({ userId: one.userId })
    }
    // The provider gave the old address to another person.
    expect(await admit('another', one.email)).toBe('OTHER_IDENTITY')
    // The same subject at another issuer is another identity.
    expect(await admit('one', two.email, { issuer: 'https://other.example.com' })).toMatchObject({ userId: two.userId })
    await db.user.update({ where: { id: one.userId }, data: { disabledAt: new Date() } })
    expect(await admit('one', one.email)).toBe('DISABLED')
  })
})
