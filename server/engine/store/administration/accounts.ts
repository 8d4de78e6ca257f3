import { v7 as uuidv7 } from 'uuid'
import type { DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'

// Stores people's accounts.

/** A user and its person, with the fields that changes of membership need. */
export interface Account {
  userId: string
  name: string
  /** It rises each time all sessions of the user are ended. A session that began under a lower number is over. */
  epoch: number
  disabled: boolean
}

interface Found extends Omit<Account, 'name'> {
  email: string
  personId: string | null
  name: string | null
}

/**
 * The account with this email address, or null when there is none. It is locked, so that nobody deletes it before the
 * transaction ends.
 */
export async function findAccount(db: DbOrTx, email: string): Promise<(Account & { personId: string }) | null> {
  const [row] = await db.$queryRaw<Found[]>`
    SELECT u.id AS "userId", u.email, u.session_epoch AS epoch, u.disabled_at IS NOT NULL AS disabled, p.id AS "personId", p.name
    FROM users u LEFT JOIN persons p ON p.user_id = u.id WHERE u.email = ${email} FOR KEY SHARE OF u`
  if (!row) return null
  const { email: _email, personId, name, ...account } = row
  if (personId !== null) return { ...account, personId, name: name ?? email }
  // Normally every user has a person. A user that somebody inserted by hand may lack one.
  return { ...account, personId: await createPerson(db, row.userId, email), name: email }
}

/** Makes an account with its person. Returns null when the address has been taken in the meantime. */
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

/** Makes a person a member. Returns false when it is one already. */
export async function addMember(db: DbOrTx, organizationId: string, personId: string, role: OrgRole): Promise<boolean> {
  const added = await db.$executeRaw`
    INSERT INTO org_members (organization_id, person_id, role) VALUES (${organizationId}::uuid, ${personId}::uuid, ${role}::"OrgRole")
    ON CONFLICT (organization_id, person_id) DO NOTHING`
  return added > 0
}
