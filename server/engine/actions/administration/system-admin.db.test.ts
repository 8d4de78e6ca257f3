import { expect, test } from 'vitest'
import { openDatabase } from '@/testing/open-database'
import { makeSystemAdmin } from '../../index'

const { db } = await openDatabase({ max: 4 })

const user = (email: string) => db.user.findUniqueOrThrow({ where: { email }, include: { person: true } })
const audited = (targetId: string) => db.auditEvent.findMany({ where: { targetId } })

test('the first account of an installation gets the given password and may do everything, and the audit says how it was made', async () => {
  expect(
    await makeSystemAdmin(db, {
      email: 'first@example.com',
      name: 'First',
      passwordHash: 'hash of a few unrelated words',
    }),
  ).toBe('created')
  const made = await user('first@example.com')
  expect(made).toMatchObject({
    systemAdmin: true,
    person: { name: 'First' },
    passwordHash: 'hash of a few unrelated words',
  })
  const [event, ...others] = await audited(made.id)
  expect(event).toMatchObject({
    action: 'user.makeSystemAdmin',
    actorType: 'SYSTEM',
    actorName: 'command line',
    organizationId: null,
  })
  expect(JSON.stringify(event)).not.toContain(made.passwordHash)
  expect(others).toEqual([])
})

test('an account that exists becomes system admin and keeps its password, and doing it again changes nothing', async () => {
  const hash = 'hash of what it was before'
  const { id } = await db.user.create({
    data: { id: crypto.randomUUID(), email: 'member@example.com', passwordHash: hash },
  })
  expect(await makeSystemAdmin(db, { email: 'member@example.com', name: 'Ignored', passwordHash: 'not this' })).toBe(
    'promoted',
  )
  expect(await user('member@example.com')).toMatchObject({ systemAdmin: true, passwordHash: hash, sessionEpoch: 0 })
  expect(await makeSystemAdmin(db, { email: 'member@example.com', name: 'Ignored', passwordHash: 'not this' })).toBe(
    'unchanged',
  )
  expect(await audited(id)).toHaveLength(1)
})

test('making the same system admin twice at once makes one account', async () => {
  const twice = await Promise.all(
    [1, 2].map(() => makeSystemAdmin(db, { email: 'twice@example.com', name: 'Twice', passwordHash: 'x' })),
  )
  expect(twice.sort()).toEqual(['created', 'unchanged'])
})
