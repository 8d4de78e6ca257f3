import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import type { OrgRole } from '@/server/generated/prisma/enums'
import { holding, refusal, tester, type World } from '@/testing/engine'
import type { Actor } from '../../domain/types'
import {
  acceptInvitation,
  changeMember,
  createApiKey,
  declineInvitation,
  inviteMember,
  removeMember,
  revokeApiKey,
} from '../../index'

// Somebody who leaves an organization, or gets a lower role in it, must keep no access that nobody has decided about.

const { database, db } = await openDatabase({ max: 6 })
const world: World = { db, databaseUrl: database.url, organizationId: '', otherOrganizationId: '' }

let serial = 0
const hashOf = (token: string) => createHash('sha256').update(token).digest()
const address = '203.0.113.9'

/** Makes an organization with an ADMIN who stays and one more member. */
async function settle(role: OrgRole = 'ADMIN', over: { systemAdmin?: boolean } = {}) {
  const organizationId = uuidv7()
  await db.organization.create({
    data: { id: organizationId, name: `Organization ${++serial}`, slug: `organization-${serial}` },
  })
  await person(organizationId, 'ADMIN')
  return { organizationId, ...(await person(organizationId, role, over)) }
}

async function person(organizationId: string, role: OrgRole, over: { systemAdmin?: boolean } = {}) {
  const [userId, personId, name] = [uuidv7(), uuidv7(), `Person ${++serial}`]
  await db.user.create({
    data: { id: userId, email: `person${serial}@example.com`, ...over, person: { create: { id: personId, name } } },
  })
  await db.orgMember.create({ data: { organizationId, personId, role } })
  return { personId, actor: { type: 'user', id: userId, name } satisfies Actor }
}

const createKey = (organizationId: string, actor: Actor, role: OrgRole = 'ADMIN', expiresAt?: Date) =>
  createApiKey(db, { organizationId, name: `${role} key`, role, expiresAt, actor, address }).then(
    ({ apiKey }) => apiKey,
  )
const invite = async (organizationId: string, actor: Actor, role: OrgRole = 'ADMIN') => {
  const email = `invited${++serial}@example.com`
  const { id } = await inviteMember(db, {
    organizationId,
    email,
    name: null,
    role,
    tokenHash: hashOf(email),
    actor,
    address,
  })
  return {
    id,
    email,
    accept: () =>
      acceptInvitation(db, { tokenHash: hashOf(email), by: { name: 'Somebody', passwordHash: 'hash' }, address: null }),
  }
}
const unrevoked = (organizationId: string) => db.apiKey.count({ where: { organizationId, revokedAt: null } })
const open = (organizationId: string) =>
  db.invitation.count({ where: { organizationId, revokedAt: null, acceptedAt: null } })
const events = (organizationId: string, action: string) =>
  db.auditEvent.findMany({ where: { organizationId, action }, orderBy: { id: 'asc' } })

describe('removing a member who made keys', () => {
  it('removing a member who made keys is refused until somebody decides about the keys, and the refusal lists them', async () => {
    const { organizationId, personId, actor } = await settle()
    const key = await createKey(organizationId, actor, 'OPERATOR')
    // The engine makes no key that has expired already, so this one gets a time in the past by hand below.
    await createKey(organizationId, actor, 'VIEWER', new Date(Date.now() + 300))
    await createKey(organizationId, tester)
    const revoked = await createKey(organizationId, actor)
    await revokeApiKey(db, { organizationId, apiKeyId: revoked.id, actor: tester, address })
    await db.apiKey.updateMany({ where: { organizationId, role: 'VIEWER' }, data: { expiresAt: new Date(0) } })
    const target = { organizationId, memberId: personId, actor: tester, address }
    const refused = await refusal(removeMember(db, target))
    expect(refused).toMatchObject({
      reason: 'KEYS_UNDECIDED',
      data: {
        keys: [{ id: key.id, name: 'OPERATOR key', role: 'OPERATOR', prefix: key.prefix, lastUsedAt: null }],
        fields: [{ path: 'keys' }],
      },
    })
    expect(await db.orgMember.count({ where: { organizationId, personId } })).toBe(1)
    expect(await events(organizationId, 'member.remove')).toEqual([])

    await removeMember(db, { ...target, keys: 'keep' })
    expect(await unrevoked(organizationId)).toBe(3)
    expect(await events(organizationId, 'member.remove')).toMatchObject([
      { before: { role: 'ADMIN' }, after: { keys: { decision: 'keep', keys: [{ id: key.id }] } } },
    ])
  })

  it('the keys of a removed member are revoked with the same commit, with keys that those keys made, and each is audited', async () => {
    const { organizationId, personId, actor } = await settle()
    const first = await createKey(organizationId, actor)
    // Older installations let keys make keys.
    const second = await createKey(organizationId, tester)
    await db.apiKey.update({
      where: { id: second.id },
      data: { createdBy: { type: 'key', id: first.id, name: 'first' } },
    })
    const others = await createKey(organizationId, tester)
    await removeMember(db, {
      organizationId,
      memberId: personId,
      keys: 'revoke',
      actor: tester,
      address,
      reason: 'left',
    })
    expect(await db.apiKey.findMany({ where: { organizationId, revokedAt: null } })).toMatchObject([{ id: others.id }])
    expect(await events(organizationId, 'apiKey.revoke')).toMatchObject([
      { targetId: first.id, reason: 'left' },
      { targetId: second.id, reason: 'left' },
    ])
  })

  it('removing a member who made keys in another organization only asks nothing, and those keys stay', async () => {
    const { organizationId, personId, actor } = await settle()
    const elsewhere = await settle()
    await db.orgMember.create({ data: { organizationId: elsewhere.organizationId, personId, role: 'ADMIN' } })
    await createKey(elsewhere.organizationId, actor)
    await removeMember(db, { organizationId, memberId: personId, actor: tester, address })
    expect(await unrevoked(elsewhere.organizationId)).toBe(1)
    expect(await events(organizationId, 'member.remove')).toMatchObject([{ after: null }])
  })
})

describe('lowering a role', () => {
  it('lowering a role asks only about keys with a role above the new one', async () => {
    const { organizationId, personId, actor } = await settle()
    const [, operator, admin] = [
      await createKey(organizationId, actor, 'VIEWER'),
      await createKey(organizationId, actor, 'OPERATOR'),
      await createKey(organizationId, actor),
    ]
    const target = { organizationId, memberId: personId, actor: tester, address }
    expect((await refusal(changeMember(db, { ...target, role: 'OPERATOR' }))).data.keys).toMatchObject([
      { id: admin.id },
    ])
    expect((await refusal(changeMember(db, { ...target, role: 'VIEWER' }))).data.keys).toMatchObject([
      { id: operator.id },
      { id: admin.id },
    ])
    expect(await changeMember(db, { ...target, role: 'OPERATOR', keys: 'revoke' })).toMatchObject({ role: 'OPERATOR' })
    expect(await unrevoked(organizationId)).toBe(2)
    expect(await events(organizationId, 'member.update')).toMatchObject([
      {
        before: { role: 'ADMIN' },
        after: { role: 'OPERATOR', keys: { decision: 'revoke', keys: [{ id: admin.id }] } },
      },
    ])
    // Raising the role again leaves nothing to decide.
    expect(await changeMember(db, { ...target, role: 'ADMIN' })).toMatchObject({ role: 'ADMIN' })
  })

  it('lowering a role takes back the invitations of a member who may invite no more, but not those of a system admin', async () => {
    for (const systemAdmin of [false, true]) {
      const { organizationId, personId, actor } = await settle('ADMIN', { systemAdmin })
      const [invitation, others] = [
        await invite(organizationId, actor, 'VIEWER'),
        await invite(organizationId, tester, 'VIEWER'),
      ]
      await changeMember(db, {
        organizationId,
        memberId: personId,
        role: 'OPERATOR',
        actor: tester,
        address,
        reason: 'moved on',
      })
      if (systemAdmin) {
        expect(await open(organizationId)).toBe(2)
        continue
      }
      expect(await refusal(invitation.accept())).toMatchObject({ reason: 'NOT_FOUND' })
      expect(await events(organizationId, 'member.uninvite')).toMatchObject([
        {
          targetId: invitation.id,
          reason: 'moved on',
          before: { email: invitation.email, role: 'VIEWER', invitedBy: { id: actor.id } },
          after: null,
        },
      ])
      expect(await others.accept()).toMatchObject({ organizationId })
    }
  })
})

describe('an invitation', () => {
  it('an invitation is void when whoever gave it may no longer give it, whatever took that right away', async () => {
    type Given = Awaited<ReturnType<typeof settle>>
    const member = () => settle()
    const ways: [() => Promise<Given>, (given: Given) => Promise<unknown>][] = [
      [
        member,
        ({ organizationId, personId }) =>
          db.orgMember.delete({ where: { organizationId_personId: { organizationId, personId } } }),
      ],
      [
        member,
        ({ organizationId, personId }) =>
          db.orgMember.update({
            where: { organizationId_personId: { organizationId, personId } },
            data: { role: 'OPERATOR' },
          }),
      ],
      [member, ({ actor }) => db.user.update({ where: { id: actor.id }, data: { disabledAt: new Date() } })],
      [member, ({ actor }) => db.user.delete({ where: { id: actor.id } })],
      [
        () => settle('OPERATOR', { systemAdmin: true }),
        ({ actor }) => db.user.update({ where: { id: actor.id }, data: { systemAdmin: false } }),
      ],
    ]
    for (const [give, way] of ways) {
      const given = await give()
      const invitation = await invite(given.organizationId, given.actor, 'VIEWER')
      await way(given)
      const refused = await refusal(invitation.accept())
      expect(refused).toMatchObject({ reason: 'NOT_FOUND', message: expect.stringContaining('void') })
      expect(await db.user.count({ where: { email: invitation.email } })).toBe(0)
    }
  })

  it('an invitation that a key of an organization gave, as keys once could, lets nobody in', async () => {
    const { organizationId, actor } = await settle()
    const key = await createKey(organizationId, actor)
    const invitation = await invite(organizationId, tester)
    await db.invitation.update({
      where: { id: invitation.id },
      data: { invitedBy: { type: 'key', id: key.id, name: key.name } },
    })
    expect(await refusal(invitation.accept())).toMatchObject({ reason: 'NOT_FOUND' })
  })

  it('the actor who raises the role of an invitation becomes responsible for it, and the invitation goes with them', async () => {
    const { organizationId, personId, actor } = await settle()
    const invitation = await invite(organizationId, tester, 'VIEWER')
    await changeMember(db, { organizationId, memberId: invitation.id, role: 'ADMIN', actor, address })
    await removeMember(db, { organizationId, memberId: personId, actor: tester, address })
    expect(await refusal(invitation.accept())).toMatchObject({ reason: 'NOT_FOUND' })
  })

  it('only the owner of the invited address can decline an invitation, which ends it', async () => {
    const { organizationId } = await settle()
    const [owner, stranger] = [await settle('VIEWER'), await settle('VIEWER')]
    const { email } = await db.user.findUniqueOrThrow({ where: { id: owner.actor.id } })
    await inviteMember(db, {
      organizationId,
      email,
      name: null,
      role: 'VIEWER',
      tokenHash: hashOf(email),
      actor: tester,
      address,
    })
    const decline = (userId: string) => declineInvitation(db, { tokenHash: hashOf(email), userId, address })
    expect(await refusal(decline(stranger.actor.id))).toMatchObject({ reason: 'NOT_PERMITTED' })
    await decline(owner.actor.id)
    expect(await refusal(decline(owner.actor.id))).toMatchObject({ reason: 'NOT_FOUND' })
    expect(await open(organizationId)).toBe(0)
    expect(await events(organizationId, 'member.decline')).toMatchObject([
      { actorId: owner.actor.id, before: { email, role: 'VIEWER' } },
    ])
  })
})

describe('a key that makes keys, invites, changes and removes', () => {
  it('a key of an organization makes no key, invites nobody and raises no role, in the same process too, but may lower and remove', async () => {
    const { organizationId, actor } = await settle()
    const { id, name } = await createKey(organizationId, actor)
    const key: Actor = { type: 'key', id, name }
    const other = await person(organizationId, 'OPERATOR')
    const target = { organizationId, memberId: other.personId, actor: key, address }
    for (const work of [
      () => createKey(organizationId, key, 'VIEWER'),
      () => invite(organizationId, key, 'VIEWER'),
      () => changeMember(db, { ...target, role: 'ADMIN' }),
    ]) {
      expect(await refusal(work())).toMatchObject({
        reason: 'NOT_PERMITTED',
        message: expect.stringContaining('Sign in'),
      })
    }
    expect(await changeMember(db, { ...target, role: 'VIEWER' })).toMatchObject({ role: 'VIEWER' })
    await removeMember(db, target)
    expect(await unrevoked(organizationId)).toBe(1)
  })

  it('a key of the platform may make keys and invite, and makes no more keys once it is revoked', async () => {
    const { organizationId } = await settle()
    const { apiKey } = await createApiKey(db, {
      organizationId: null,
      name: 'Platform',
      role: 'SYSTEM_ADMIN',
      actor: tester,
      address,
    })
    const key: Actor = { type: 'key', id: apiKey.id, name: apiKey.name }
    await createKey(organizationId, key)
    expect(await (await invite(organizationId, key)).accept()).toMatchObject({ organizationId })
    await revokeApiKey(db, { organizationId: null, apiKeyId: apiKey.id, actor: tester, address })
    expect(await refusal(createKey(organizationId, key))).toMatchObject({ reason: 'NOT_PERMITTED' })
  })
})

describe('a removal or demotion that meets a new key, an invitation or an acceptance', () => {
  const ROUNDS = 24
  it(`a member who is removed or demoted keeps no access through a new key or invitation made at that moment, in ${ROUNDS} rounds`, async () => {
    const seen = new Set<string>()
    for (let round = 0; round < ROUNDS; round++) {
      const { organizationId, personId, actor } = await settle()
      const earlier = await invite(organizationId, actor)
      const target = { organizationId, memberId: personId, keys: 'revoke' as const, actor: tester, address }
      const leave = (): Promise<unknown> =>
        round % 2 ? removeMember(db, target) : changeMember(db, { ...target, role: 'VIEWER' })
      const acts = [
        leave,
        () => createKey(organizationId, actor),
        () => invite(organizationId, actor),
        () => earlier.accept(),
      ]
      const from = round % acts.length
      const order = [...acts.slice(from), ...acts.slice(0, from)]
      // All four wait for the lock of the organization before they change anything, so none has seen what the others did.
      const ends = await holding<unknown>(
        world,
        'SELECT 1 FROM organizations WHERE id = $1::uuid FOR UPDATE',
        [organizationId],
        async (waiting) => {
          const begun = order.map((act) => {
            const work = act()
            work.catch(() => undefined)
            return work
          })
          await waiting(acts.length)
          return begun
        },
      )
      const [left, made, invited, accepted] = acts.map((act) => ends[order.indexOf(act)]!)
      expect(left).toMatchObject({ status: 'fulfilled' })
      expect(await unrevoked(organizationId), `round ${round}: ${made!.status}`).toBe(0)
      expect(await open(organizationId), `round ${round}: ${invited!.status}`).toBe(0)
      seen.add(`${made!.status} ${invited!.status} ${accepted!.status}`)
    }
    // If all rounds had ended in the same way, the four would not really have met.
    expect(seen.size).toBeGreaterThan(1)
  })

  it('removing a member waits for a transaction that uses their right at this moment, and then finds what it made', async () => {
    const { organizationId, personId, actor } = await settle()
    let leaving: Promise<unknown> | undefined
    await db.$transaction(async (tx) => {
      await createApiKey(tx, { organizationId, name: 'Last minute', role: 'ADMIN', actor, address })
      leaving = removeMember(db, { organizationId, memberId: personId, actor: tester, address })
      leaving.catch(() => undefined)
      // Time enough for the removal to reach the lock that this transaction holds.
      await new Promise((resolve) => setTimeout(resolve, 100))
    })
    expect(await refusal(leaving!)).toMatchObject({ reason: 'KEYS_UNDECIDED' })
  })

  it('making a key waits for a demotion of its maker that was begun by hand in the database, without the lock of the organization, and is then refused', async () => {
    const { organizationId, personId, actor } = await settle()
    const [end] = await holding<unknown>(
      world,
      `UPDATE org_members SET role = 'VIEWER' WHERE person_id = $1::uuid`,
      [personId],
      async (waiting) => {
        const work = createKey(organizationId, actor)
        work.catch(() => undefined)
        await waiting(1)
        return [work]
      },
    )
    expect(end).toMatchObject({ status: 'rejected', reason: { reason: 'NOT_PERMITTED' } })
  })
})
