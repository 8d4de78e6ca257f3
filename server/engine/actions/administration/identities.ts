import type { DbOrTx, Tx } from '@/server/db'
import { cleanedName } from '../../domain/names'
import { createAccount, findAccount, type Account } from '../../store/administration/accounts'
import { writeAudit } from '../../store/administration/audit'
import { mayGrant } from '../../store/administration/grants'
import { invitationsFor } from '../../store/administration/invitations'
import { inTransaction } from '../../store/transaction'

/** What an OIDC provider says about a person who signed in there. */
export interface Identity {
  issuer: string
  subject: string
  email: string | null
  emailVerified: boolean
  /** The name as the provider sent it. The engine cleans it. */
  name: string | null
}

/** Why a person was not let in. */
export type Unadmitted = 'EMAIL_NOT_VERIFIED' | 'NOT_INVITED' | 'OTHER_IDENTITY' | 'DISABLED'

/**
 * Finds the user of an identity. Once issuer and subject are bound to a user, they alone decide, even if the identity's
 * email address changes later. The first time, the verified address decides. It must belong to a user who is bound to
 * no other subject of this issuer, or have an invitation. An invitation leads to an account but not to a membership:
 * each invitation is accepted by its link.
 *
 * @param address the IP address from which the person signs in, for the audit
 */
export function admitIdentity(db: DbOrTx, identity: Identity, address: string | null): Promise<Account | Unadmitted> {
  return inTransaction(db, async (tx) => {
    // Two first sign-ins may come at once, for example by a double click. The second waits here, and finds what the
    // first has bound.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${JSON.stringify([spellingsOf(identity)[0], identity.subject])}, 0))`
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

/**
 * An issuer with and without a slash at its end is the same one. Whoever adds or removes that slash in the setting must
 * not make a new issuer of it. Otherwise email addresses would decide again, and an address may belong to another
 * person by now.
 */
function spellingsOf({ issuer }: Identity): [string, string] {
  const bare = issuer.replace(/\/+$/, '')
  return [bare, `${bare}/`]
}

async function findByIdentity(tx: Tx, identity: Identity): Promise<Account | null> {
  const [row] = await tx.$queryRaw<Account[]>`
    SELECT u.id AS "userId", coalesce(p.name, u.email) AS name, u.session_epoch AS epoch, u.disabled_at IS NOT NULL AS disabled
    FROM user_identities i JOIN users u ON u.id = i.user_id LEFT JOIN persons p ON p.user_id = u.id
    WHERE i.issuer = ANY(${spellingsOf(identity)}::text[]) AND i.subject = ${identity.subject}`
  return row ?? null
}

/**
 * Makes an account for a person who has an open invitation from somebody who may still let people in. Null where there
 * is none, or where the address has got an account in the meantime.
 */
async function enter(tx: Tx, { email, name }: Identity & { email: string }) {
  for (const invitation of await invitationsFor(tx, email)) {
    if (!(await mayGrant(tx, invitation.organizationId, invitation.invitedBy))) continue
    return createAccount(tx, { email, name: cleanedName(name) ?? invitation.name ?? email, passwordHash: null })
  }
  return null
}

/**
 * Binds an identity to a user. False where the user is bound to another subject of this issuer, which happens when the
 * provider gave the address to another person.
 */
async function bind(
  tx: Tx,
  identity: Identity & { email: string },
  { userId, name }: Account,
  address: string | null,
): Promise<boolean> {
  const { subject, email } = identity
  const spellings = spellingsOf(identity)
  const [issuer] = spellings
  // Two subjects may bind the same user at once, because the lock above is for one subject. The index of user and
  // issuer lets one of them in.
  const bound = await tx.$executeRaw`
    INSERT INTO user_identities (issuer, subject, user_id, email)
    SELECT ${issuer}, ${subject}, ${userId}::uuid, ${email}
    WHERE NOT EXISTS (SELECT FROM user_identities WHERE user_id = ${userId}::uuid AND issuer = ANY(${spellings}::text[]))
    ON CONFLICT DO NOTHING`
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
