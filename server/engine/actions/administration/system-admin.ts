import type { DbOrTx } from '@/server/db'
import { requireName } from '../../domain/names'
import { systemActor } from '../../domain/types'
import { createAccount, findAccount } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

/**
 * Makes the account with this address a SYSTEM_ADMIN. It is for those who administer the installation itself: a new
 * database has no account that could invite the first person. An account that exists keeps its password and its
 * sessions.
 *
 * @param passwordHash the hash of the password, for a new account
 */
export function makeSystemAdmin(
  db: DbOrTx,
  { email, name, passwordHash }: { email: string; name: string; passwordHash: string },
): Promise<'created' | 'promoted' | 'unchanged'> {
  return inTransaction(db, async (tx) => {
    const found = await findAccount(tx, email)
    // It is null only where another transaction made the same account at this moment, and committed it.
    const account =
      found ??
      (await createAccount(tx, { email, name: requireName(name, 'name'), passwordHash })) ??
      (await findAccount(tx, email))
    if (!account) throw new Error(`The account ${email} was being made by somebody else at the same moment. Try again.`)
    const changed =
      await tx.$executeRaw`UPDATE users SET system_admin = true WHERE id = ${account.userId}::uuid AND NOT system_admin`
    if (changed === 0) return 'unchanged'
    await writeAudit(tx, {
      organizationId: null,
      actor: systemActor('command line'),
      address: null,
      action: 'user.makeSystemAdmin',
      targetType: 'user',
      targetId: account.userId,
      before: found ? { systemAdmin: false } : undefined,
      after: { email, name: account.name, systemAdmin: true },
    })
    return found ? 'promoted' : 'created'
  })
}
