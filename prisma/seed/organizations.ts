import { v7 as uuid } from 'uuid'
import { hashPassword } from '@/server/auth/passwords'
import type { Db, Tx } from '@/server/db'
import { apiKeyPrefix, generateApiKey, hashApiKey } from '@/server/engine/domain/api-key'
import type { Actor } from '@/server/engine/domain/types'
import { newPassword, type Credentials } from './credentials'

type OrgRole = 'ADMIN' | 'OPERATOR' | 'VIEWER'

interface DemoAccount {
  email: string
  person: string
  role: OrgRole | 'SYSTEM_ADMIN'
  keyName: string
}
interface DemoOrganization {
  slug: string
  name: string
  accounts: DemoAccount[]
}

const account = (email: string, person: string, role: DemoAccount['role'], keyName: string): DemoAccount => ({
  email,
  person,
  role,
  keyName,
})

const DEMO_ORGANIZATIONS: readonly DemoOrganization[] = [
  {
    slug: 'acme-robotics',
    name: 'Acme Robotics',
    accounts: [
      account('admin@acme.example', 'Ada Okafor', 'ADMIN', 'Acme platform team'),
      account('operator@acme.example', 'Jonas Weber', 'OPERATOR', 'Acme order service'),
      account('viewer@acme.example', 'Mina Park', 'VIEWER', 'Acme status page'),
    ],
  },
  {
    slug: 'globex-freight',
    name: 'Globex Freight',
    accounts: [
      account('admin@globex.example', 'Carla Mendes', 'ADMIN', 'Globex platform team'),
      account('operator@globex.example', 'Tom Achterberg', 'OPERATOR', 'Globex dispatch service'),
      account('viewer@globex.example', 'Yuki Tanaka', 'VIEWER', 'Globex wall display'),
    ],
  },
]
const SYSTEM_ADMIN = account('root@jobyard.example', 'Robin Root', 'SYSTEM_ADMIN', 'Demo platform key')
const ALL_ACCOUNTS = [...DEMO_ORGANIZATIONS.flatMap(({ accounts }) => accounts), SYSTEM_ADMIN]

/** What a person or program needs to sign in, for `.local/run.json`. */
export interface DemoAccess {
  accounts: { email: string; password: string; role: string; organizationId: string | null }[]
  apiKeys: { organizationId: string | null; role: string; key: string }[]
}

/** An organization with its members and keys that may submit. */
export interface SeededOrganization {
  id: string
  slug: string
  users: Record<OrgRole, Actor>
  keys: Record<OrgRole, Actor>
}

/**
 * Adds missing credentials. `fresh` names what was missing, by email addresses and names of keys. Where it is not empty,
 * the file must be written.
 */
export function completeCredentials(credentials: Credentials): { complete: Credentials; fresh: Set<string> } {
  const fresh = new Set<string>()
  const complete: Credentials = { passwords: { ...credentials.passwords }, keys: { ...credentials.keys } }
  for (const { email, keyName } of ALL_ACCOUNTS) {
    if (!complete.passwords[email]) fresh.add(email)
    if (!complete.keys[keyName]) fresh.add(keyName)
    complete.passwords[email] ??= newPassword()
    complete.keys[keyName] ??= generateApiKey('demo')
  }
  return { complete, fresh }
}

/**
 * Hashes the passwords that are new or that the database lacks. Hashing is slow on purpose, so it happens once and
 * outside of any transaction. Returns the hashes by email address.
 */
export async function hashMissingPasswords(db: Db, { passwords }: Credentials, fresh: Set<string>) {
  const known = await db.user.findMany({ where: { email: { in: ALL_ACCOUNTS.map(({ email }) => email) } } })
  const present = new Set(known.map(({ email }) => email))
  const hashes = new Map<string, string>()
  for (const { email } of ALL_ACCOUNTS) {
    const password = passwords[email]
    if (password && (fresh.has(email) || !present.has(email))) hashes.set(email, await hashPassword(password))
  }
  return hashes
}

/**
 * Creates the organizations, accounts and keys that do not exist. Existing ones stay as people made them. Only a
 * password or key whose secret was lost with the file is replaced.
 */
export async function createDemoOrganizations(
  tx: Tx,
  credentials: Credentials,
  hashes: ReadonlyMap<string, string>,
): Promise<{ organizations: SeededOrganization[]; access: DemoAccess }> {
  const access: DemoAccess = { accounts: [], apiKeys: [] }
  const enter = async (given: DemoAccount, organizationId: string | null) => {
    const user = await createAccount(tx, given, organizationId, hashes.get(given.email))
    const key = credentials.keys[given.keyName] ?? ''
    const keyId = await createKey(tx, given, organizationId, key)
    const password = credentials.passwords[given.email] ?? ''
    access.accounts.push({ email: given.email, password, role: given.role, organizationId })
    access.apiKeys.push({ organizationId, role: given.role, key })
    return {
      user: { type: 'user', id: user, name: given.person } satisfies Actor,
      key: { type: 'key', id: keyId, name: given.keyName } satisfies Actor,
    }
  }
  const organizations: SeededOrganization[] = []
  for (const { slug, name, accounts } of DEMO_ORGANIZATIONS) {
    const found = await tx.organization.findUnique({ where: { slug } })
    const id = found?.id ?? (await tx.organization.create({ data: { id: uuid(), slug, name } })).id
    const users: Partial<Record<OrgRole, Actor>> = {}
    const keys: Partial<Record<OrgRole, Actor>> = {}
    for (const given of accounts) {
      const actors = await enter(given, id)
      users[given.role as OrgRole] = actors.user
      keys[given.role as OrgRole] = actors.key
    }
    organizations.push({
      id,
      slug,
      users: users as SeededOrganization['users'],
      keys: keys as SeededOrganization['keys'],
    })
  }
  await enter(SYSTEM_ADMIN, null)
  return { organizations, access }
}

async function createAccount(tx: Tx, given: DemoAccount, organizationId: string | null, passwordHash?: string) {
  const found = await tx.user.findUnique({ where: { email: given.email } })
  if (found) {
    if (passwordHash) await tx.user.update({ where: { id: found.id }, data: { passwordHash } })
    return found.id
  }
  const user = await tx.user.create({
    data: { id: uuid(), email: given.email, passwordHash, systemAdmin: given.role === 'SYSTEM_ADMIN' },
  })
  const person = await tx.person.create({ data: { id: uuid(), userId: user.id, name: given.person } })
  if (organizationId && given.role !== 'SYSTEM_ADMIN') {
    await tx.orgMember.create({ data: { organizationId, personId: person.id, role: given.role } })
  }
  return user.id
}

async function createKey(tx: Tx, given: DemoAccount, organizationId: string | null, key: string) {
  const hashed = new Uint8Array(hashApiKey(key))
  const found = await tx.apiKey.findUnique({ where: { hash: hashed } })
  if (found) return found.id
  // The secret of the old key was lost with the file. It is revoked, because somebody might still have it.
  await tx.apiKey.updateMany({
    where: { organizationId, name: given.keyName, prefix: { startsWith: 'jy_demo_' }, revokedAt: null },
    data: { revokedAt: new Date() },
  })
  const created = await tx.apiKey.create({
    data: {
      id: uuid(),
      organizationId,
      role: given.role,
      name: given.keyName,
      prefix: apiKeyPrefix(key),
      hash: hashed,
    },
  })
  return created.id
}
