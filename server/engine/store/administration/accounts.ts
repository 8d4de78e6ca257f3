import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'

/** A user with its person, as far as changes of membership need it. */
export interface Account {
  userId: string
  name: string
  epoch: number
  disabled: boolean
}

interface Found extends Omit<Account, 'name'> {
  email: string
  personId: string | null
  name: string | null
}

/** The account with this e-mail address, locked against its own deletion; null when there is none. */
export async function findAccount(db: DbOrTx, email: string): Promise<(Account & { personId: string }) | null> {
  const [row] = await db.$queryRaw<Found[]>`
    SELECT u.id AS "userId", u.email, u.session_epoch AS epoch, u.disabled_at IS NOT NULL AS disabled, p.id AS "personId", p.name
    FROM users u LEFT JOIN persons p ON p.user_id = u.id WHERE u.email = ${email} FOR KEY SHARE OF u`
  if (!row) return null
  const { email: _email, personId, name, ...account } = row
  if (personId !== null) return { ...account, personId, name: name ?? email }
  // A user that somebody inserted by hand may lack its person.
  return { ...account, personId: await createPerson(db, row.userId, email), name: email }
}

/** A new account with its person, or null when the address was taken meanwhile. */
export async function createAccount(
  db: DbOrTx,
  { email, name, passwordHash }: { email: string; name: string; passwordHash: string | null },
): Promise<(Account & { personId: string }) | null> {
  const userId = uuidv7()
  const rows = await db.$queryRaw<unknown[]>`
    INSERT INTO users (id, email, password_hash) VALUES (${userId}::uuid, ${email}, ${passwordHash}) ON CONFLICT (email) DO NOTHING RETURNING 1`
  if (rows.length === 0) return null
  return { userId, name, epoch: 0, disabled: false, personId: await createPerson(db, userId, name) }
}

async function createPerson(db: DbOrTx, userId: string, name: string): Promise<string> {
  const id = uuidv7()
  await db.$executeRaw`INSERT INTO persons (id, user_id, name) VALUES (${id}::uuid, ${userId}::uuid, ${name})`
  return id
}

/** Makes a person a member; false when it is one already. */
export async function addMember(db: DbOrTx, organizationId: string, personId: string, role: OrgRole): Promise<boolean> {
  const added = await db.$executeRaw`
    INSERT INTO org_members (organization_id, person_id, role) VALUES (${organizationId}::uuid, ${personId}::uuid, ${role}::"OrgRole")
    ON CONFLICT (organization_id, person_id) DO NOTHING`
  return added > 0
}
