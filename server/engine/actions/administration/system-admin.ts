import type { DbOrTx } from '@/server/db'
import { requireName } from '../../domain/names'
import { systemActor } from '../../domain/types'
import { createAccount, findAccount } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { inTransaction } from '../../store/transaction'

/**
 * Makes the account with this address a SYSTEM_ADMIN. It is for those who administer the installation itself: a new
 * database has no account that could invite the first person. An account that exists keeps its password and its
 * sessions. One that is disabled is left as it is.
 *
 * @param passwordHash the hash of the password, for a new account
 */
export function makeSystemAdmin(
  db: DbOrTx,
  { email, name, passwordHash }: { email: string; name: string; passwordHash: string },
): Promise<'created' | 'promoted' | 'unchanged' | 'disabled'> {
  return inTransaction(db, async (tx) => {
    const found = await findAccount(tx, email)
    const made = found ? null : await createAccount(tx, { email, name: requireName(name, 'name'), passwordHash })
    // Neither found nor made: another transaction has just made this account, with a password of its own. It is
    // committed by now, so that this look finds it.
    const account = found ?? made ?? (await findAccount(tx, email))
    if (!account) throw new Error(`The account ${email} was made and deleted by others at this moment. Try again.`)
    if (account.disabled) return 'disabled'
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
      before: made ? undefined : { systemAdmin: false },
      after: { email, name: account.name, systemAdmin: true },
    })
    return made ? 'created' : 'promoted'
  })
}
