import { z } from 'zod'
import { hashPassword } from '@/server/auth/passwords'
import { createDb } from '@/server/db'
import { createApiKey, makeSystemAdmin } from '@/server/engine'
import { systemActor } from '@/server/engine/domain/types'
import { newPassword } from './seed/credentials'

export interface MadeAdmin {
  email: string
  outcome: 'created' | 'promoted' | 'unchanged'
  /** Only of an account that was made now. It is shown once. */
  password: string | null
  /** Only where a key was asked for. */
  key: string | null
}

/** Checks and tidies an address. Null where it is none. */
export function addressOf(text: string | undefined): string | null {
  const email = z.string().trim().toLowerCase().max(254).pipe(z.email()).safeParse(text)
  return email.success ? email.data : null
}

/**
 * Makes the account of an address a system admin, with a password of its own where it is new. The caller has looked
 * whether the database is fit for it.
 *
 * @throws Error for an address that is none
 */
export async function makeAdmin(
  databaseUrl: string,
  address: string,
  name?: string,
  withKey = false,
): Promise<MadeAdmin> {
  const email = addressOf(address)
  if (!email) throw new Error(`"${address}" is no e-mail address.`)
  const db = createDb(databaseUrl, { max: 2, applicationName: 'jobyard-admin' })
  try {
    const password = newPassword()
    const outcome = await makeSystemAdmin(db, {
      email,
      name: name?.trim() || email.slice(0, 100),
      passwordHash: await hashPassword(password),
    })
    const made = withKey
      ? await createApiKey(db, {
          organizationId: null,
          role: 'SYSTEM_ADMIN',
          name: `${email.slice(0, 80)}, by command line`,
          actor: systemActor('command line'),
          address: null,
        })
      : null
    return { email, outcome, password: outcome === 'created' ? password : null, key: made?.key ?? null }
  } finally {
    await db.$disconnect()
  }
}
