import { expect, test } from 'vitest'
import { holding } from '@/testing/engine'
import { openDatabase } from '@/testing/open-database'
import { makeSystemAdmin } from '../../index'

const { database, db } = await openDatabase({ max: 4 })

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

const ofCommand = { name: 'Ops', passwordHash: 'of the password that the command prints' }

/**
 * Makes a system admin of an address for which `insert` makes an account at the same moment. That account is committed
 * after the command has seen that there is none, and while it tries to make one.
 */
async function whileMadeByOthers(email: string, insert: string) {
  const [ended] = await holding(
    { databaseUrl: database.url },
    insert,
    [crypto.randomUUID(), email],
    async (waiting) => {
      const made = makeSystemAdmin(db, { email, ...ofCommand })
      made.catch(() => undefined)
      await waiting(1)
      return [made]
    },
  )
  return ended
}

test('an account that somebody else makes at the same moment becomes system admin with its own password, and is not told as new', async () => {
  const email = 'invited@example.com'
  const ended = await whileMadeByOthers(
    email,
    `INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'of the invited person')`,
  )
  expect(ended).toEqual({ status: 'fulfilled', value: 'promoted' })
  const made = await user(email)
  expect(made).toMatchObject({ systemAdmin: true, passwordHash: 'of the invited person' })
  expect(await audited(made.id)).toMatchObject([{ before: { systemAdmin: false } }])
})

test('a system admin whom another command makes at the same moment is told as one who was it before', async () => {
  const email = 'twice@example.com'
  const ended = await whileMadeByOthers(
    email,
    `INSERT INTO users (id, email, password_hash, system_admin) VALUES ($1, $2, 'of the other command', true)`,
  )
  expect(ended).toEqual({ status: 'fulfilled', value: 'unchanged' })
  expect(await user(email)).toMatchObject({ passwordHash: 'of the other command' })
})

test('an account that is disabled does not become system admin, and the command is told', async () => {
  const { id, email } = await db.user.create({
    data: { id: crypto.randomUUID(), email: 'gone@example.com', disabledAt: new Date() },
  })
  expect(await makeSystemAdmin(db, { email, ...ofCommand })).toBe('disabled')
  expect(await user(email)).toMatchObject({ systemAdmin: false })
  expect(await audited(id)).toEqual([])
})
