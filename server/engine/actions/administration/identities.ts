import type { DbOrTx, Tx } from '@/server/db'
import { cleanedName } from '../../domain/names'
import { createAccount, findAccount, type Account } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { mayGrant } from '../../store/administration/grants'
import { invitationsFor } from '../../store/administration/invitations'
import { inTransaction } from '../../store/transaction'

/** What an OIDC provider says about somebody who signed in there. */
export interface Identity {
  issuer: string
  subject: string
  email: string | null
  emailVerified: boolean
  /** As it said it: the engine cleans it. */
  name: string | null
}

/** Why nobody was let in. */
export type Unadmitted = 'EMAIL_NOT_VERIFIED' | 'NOT_INVITED' | 'OTHER_IDENTITY' | 'DISABLED'

/**
 * Finds the user of an identity. Issuer and subject decide, once they are bound to a user; what its e-mail
 * address became since changes nothing. The first time the verified address decides: it must be that
 * of a user who is bound to no other subject of this issuer, or hold an invitation. That makes the account,
 * and no membership: each invitation is accepted by its link.
 */
export function admitIdentity(db: DbOrTx, identity: Identity, address: string | null): Promise<Account | Unadmitted> {
  return inTransaction(db, async (tx) => {
    // Two first sign-ins at once (a double click): the second finds what the first bound.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify([identity.issuer, identity.subject])}, 0))`
    const known = await findByIdentity(tx, identity)
    if (known) return known.disabled ? 'DISABLED' : known
    if (!identity.email || !identity.emailVerified) return 'EMAIL_NOT_VERIFIED'
    const email = identity.email.toLowerCase()
    const account = (await findAccount(tx, email)) ?? (await enter(tx, { ...identity, email }))
    if (!account) return 'NOT_INVITED'
    if (account.disabled) return 'DISABLED'
    return (await bind(tx, { ...identity, email }, account, address)) ? account : 'OTHER_IDENTITY'
  })
}

async function findByIdentity(tx: Tx, { issuer, subject }: Identity): Promise<Account | null> {
  const [row] = await tx.$queryRaw<Account[]>`
    SELECT u.id AS "userId", coalesce(p.name, u.email) AS name, u.session_epoch AS epoch, u.disabled_at IS NOT NULL AS disabled
    FROM user_identities i JOIN users u ON u.id = i.user_id LEFT JOIN persons p ON p.user_id = u.id
    WHERE i.issuer = ${issuer} AND i.subject = ${subject}`
  return row ?? null
}

/** A new account for somebody who is invited by whoever may still do so; null where nobody did, or somebody else was quicker. */
async function enter(tx: Tx, { email, name }: Identity & { email: string }) {
  for (const invitation of await invitationsFor(tx, email)) {
    if (!(await mayGrant(tx, invitation.organizationId, invitation.invitedBy))) continue
    return createAccount(tx, { email, name: cleanedName(name) ?? invitation.name ?? email, passwordHash: null })
  }
  return null
}

/** False where the user is bound to another subject of this issuer: the address was given to somebody else there. */
async function bind(
  tx: Tx,
  { issuer, subject, email }: Identity & { email: string },
  { userId, name }: Account,
  address: string | null,
): Promise<boolean> {
  const bound = await tx.$executeRaw`
    INSERT INTO user_identities (issuer, subject, user_id, email) VALUES (${issuer}, ${subject}, ${userId}::uuid, ${email}) ON CONFLICT DO NOTHING`
  if (bound === 0) return false
  await writeAudit(tx, {
    organizationId: null,
    actor: { type: 'user', id: userId, name },
    address,
    action: 'user.bindIdentity',
    targetType: 'user',
    targetId: userId,
    after: { issuer, subject, email },
  })
  return true
}
