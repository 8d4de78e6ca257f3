import { expect, test } from 'vitest'
import { checkPassword } from '@/server/auth/passwords'
import { openDatabase } from '@/testing/open-database'
import { giveNewPassword, makeAdmin } from './make-admin'

const { database, db } = await openDatabase({ max: 2 })

const accountOf = (email: string) => db.user.findUnique({ where: { email } })
const signsIn = async (email: string, password: string | null) =>
  checkPassword(password ?? '', (await accountOf(email))!.passwordHash)

test('whoever makes the first account with a key gets a password that works, and asking again for a key gives no second password', async () => {
  const made = await makeAdmin(database.url, 'First@example.com', undefined, true)
  expect(made).toMatchObject({ email: 'first@example.com', outcome: 'created', key: expect.stringMatching(/^jy_/) })
  expect(await signsIn('first@example.com', made.password)).toBe(true)
  const again = await makeAdmin(database.url, 'first@example.com', undefined, true)
  expect(again).toMatchObject({ outcome: 'unchanged', password: null, key: expect.stringMatching(/^jy_/) })
  expect(await signsIn('first@example.com', made.password)).toBe(true)
})

test('where the key cannot be made, there is no account either, whose password nobody has seen', async () => {
  await db.$executeRaw`ALTER TABLE api_keys ADD CONSTRAINT no_more_keys CHECK (name NOT LIKE 'second@%')`
  await expect(makeAdmin(database.url, 'second@example.com', undefined, true)).rejects.toThrow()
  expect(await accountOf('second@example.com')).toBeNull()
  expect(await makeAdmin(database.url, 'second@example.com')).toMatchObject({ outcome: 'created' })
})

test('somebody who has forgotten their password gets another one, and whoever is signed in with the account is signed out', async () => {
  const { password: forgotten } = await makeAdmin(database.url, 'forgetful@example.com')
  const before = (await accountOf('forgetful@example.com'))!
  const { email, password } = await giveNewPassword(database.url, ' Forgetful@example.com')
  expect(email).toBe('forgetful@example.com')
  expect(await signsIn(email, forgotten)).toBe(false)
  expect(await signsIn(email, password)).toBe(true)
  expect((await accountOf(email))!.sessionEpoch).toBe(before.sessionEpoch + 1)
  const event = await db.auditEvent.findFirstOrThrow({ where: { action: 'user.resetPassword' } })
  expect(event).toMatchObject({ targetId: before.id, actorType: 'SYSTEM', actorName: 'command line' })
  expect(JSON.stringify(event)).not.toContain(password)
})

test('a new password makes a member no system admin, and no account where there is none', async () => {
  await db.user.create({ data: { id: crypto.randomUUID(), email: 'member@example.com' } })
  const { password } = await giveNewPassword(database.url, 'member@example.com')
  expect(await signsIn('member@example.com', password)).toBe(true)
  expect(await accountOf('member@example.com')).toMatchObject({ systemAdmin: false })
  await expect(giveNewPassword(database.url, 'nobody@example.com')).rejects.toThrow(
    'No account has the address nobody@example.com.',
  )
  expect(await accountOf('nobody@example.com')).toBeNull()
})

test('an account that is disabled stays as it is, and both commands say why', async () => {
  await db.user.create({ data: { id: crypto.randomUUID(), email: 'gone@example.com', disabledAt: new Date() } })
  const refusal = 'The account gone@example.com is disabled. Nothing was changed.'
  await expect(makeAdmin(database.url, 'gone@example.com', undefined, true)).rejects.toThrow(refusal)
  await expect(giveNewPassword(database.url, 'gone@example.com')).rejects.toThrow(refusal)
  expect(await accountOf('gone@example.com')).toMatchObject({ systemAdmin: false, passwordHash: null, sessionEpoch: 0 })
  expect(await db.apiKey.count({ where: { name: { startsWith: 'gone@' } } })).toBe(0)
})
