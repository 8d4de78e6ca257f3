import { z } from 'zod'
import { hashPassword } from '@/server/auth/passwords'
import { createDb, type Db } from '@/server/db'
import { createApiKey, makeSystemAdmin, resetPassword } from '@/server/engine'
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

/** The account cannot be had as it was asked for. Nothing was changed. The message says why. */
export class AccountRefused extends Error {
  override readonly name = 'AccountRefused'
}

/** Checks and tidies an address. Null where it is none. */
export function addressOf(text: string | undefined): string | null {
  const email = z.string().trim().toLowerCase().max(254).pipe(z.email()).safeParse(text)
  return email.success ? email.data : null
}

/**
 * Makes the account of an address a system admin, with a password of its own where it is new. The caller has looked
 * whether the database is fit for it. All of it happens or nothing: an account without its key would have a password
 * that nobody has seen.
 *
 * @throws AccountRefused for an address that is none, or of an account that is disabled
 */
export async function makeAdmin(
  databaseUrl: string,
  address: string,
  name?: string,
  withKey = false,
): Promise<MadeAdmin> {
  const email = emailOf(address)
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  return onDatabase(databaseUrl, (db) =>
    db.$transaction(async (tx) => {
      const outcome = await makeSystemAdmin(tx, { email, name: name?.trim() || email.slice(0, 100), passwordHash })
      if (outcome === 'disabled') throw disabled(email)
      const made = withKey
        ? await createApiKey(tx, {
            organizationId: null,
            role: 'SYSTEM_ADMIN',
            name: `${email.slice(0, 80)}, by command line`,
            actor: systemActor('command line'),
            address: null,
          })
        : null
      return { email, outcome, password: outcome === 'created' ? password : null, key: made?.key ?? null }
    }),
  )
}

/**
 * Gives an account a new password, for somebody who has forgotten theirs, and ends its sessions. The caller has looked
 * whether the database is fit for it.
 *
 * @throws AccountRefused for an address that is none, or of no account, or of one that is disabled
 */
export async function giveNewPassword(databaseUrl: string, address: string) {
  const email = emailOf(address)
  const password = newPassword()
  const passwordHash = await hashPassword(password)
  const outcome = await onDatabase(databaseUrl, (db) => resetPassword(db, { email, passwordHash }))
  if (outcome === 'unknown') throw new AccountRefused(`No account has the address ${email}.`)
  if (outcome === 'disabled') throw disabled(email)
  return { email, password }
}

const disabled = (email: string) => new AccountRefused(`The account ${email} is disabled. Nothing was changed.`)

function emailOf(address: string): string {
  const email = addressOf(address)
  if (!email) throw new AccountRefused(`"${address}" is no email address.`)
  return email
}

async function onDatabase<T>(databaseUrl: string, work: (db: Db) => Promise<T>): Promise<T> {
  const db = createDb(databaseUrl, { max: 2, applicationName: 'jobyard-admin' })
  try {
    return await work(db)
  } finally {
    await db.$disconnect()
  }
}
