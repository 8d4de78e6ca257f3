import { v7 as uuidv7 } from 'uuid'
import { Prisma, type DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { Actor } from '../../domain/types'
import { mayGrant } from './grants'

// Stores and finds invitations to an organization.

/** Days for which the link of an invitation is valid. */
export const INVITATION_DAYS = 7

/** An invitation that can be accepted now. */
export interface OpenInvitation {
  id: string
  organizationId: string
  organizationName: string
  email: string
  /** Null where whoever invited gave none. */
  name: string | null
  role: OrgRole
  /** The actor who invited and is responsible for the role. */
  invitedBy: Actor
  expiresAt: Date
  /** True where the address has an account now. Its owner then signs in instead of choosing a password. */
  hasAccount: boolean
}

/**
 * The invitation that a token belongs to. Null where it is unknown, used, withdrawn or expired, or its organization is
 * gone.
 */
export async function findInvitation(db: DbOrTx, tokenHash: Buffer): Promise<OpenInvitation | null> {
  const [row] = await db.$queryRaw<OpenInvitation[]>`${open(Prisma.sql`i.token_hash = ${tokenHash}`)}`
  return row ?? null
}

/**
 * The same invitation, but only where the actor who gave the role may still give it. Pages show only such invitations
 * as valid.
 */
export async function findStandingInvitation(db: DbOrTx, tokenHash: Buffer): Promise<OpenInvitation | null> {
  const found = await findInvitation(db, tokenHash)
  return found && (await mayGrant(db, found.organizationId, found.invitedBy)) ? found : null
}

/** Finds an open invitation and locks it. Of two people who accept it at the same time, the second finds none. */
export async function lockInvitation(db: DbOrTx, tokenHash: Buffer): Promise<OpenInvitation | null> {
  const [row] = await db.$queryRaw<OpenInvitation[]>`${open(Prisma.sql`i.token_hash = ${tokenHash}`)} FOR UPDATE OF i`
  return row ?? null
}

/** All invitations that an email address could accept now. */
export function invitationsFor(db: DbOrTx, email: string): Promise<OpenInvitation[]> {
  return db.$queryRaw<OpenInvitation[]>`${open(Prisma.sql`i.email = ${email}`)} ORDER BY i.id`
}

/** The open invitations of an organization that a user is responsible for, with expired ones. */
export function openInvitationsOf(
  db: DbOrTx,
  organizationId: string,
  userId: string,
): Promise<Pick<OpenInvitation, 'id' | 'email' | 'name' | 'role'>[]> {
  return db.$queryRaw`
    SELECT id, email, name, role FROM invitations
    WHERE organization_id = ${organizationId}::uuid AND accepted_at IS NULL AND revoked_at IS NULL
      AND invited_by ->> 'type' = 'user' AND invited_by ->> 'id' = ${userId} ORDER BY id`
}

const open = (which: Prisma.Sql) => Prisma.sql`
  SELECT i.id, i.organization_id AS "organizationId", o.name AS "organizationName", i.email, i.name, i.role, i.invited_by AS "invitedBy", i.expires_at AS "expiresAt",
    EXISTS (SELECT 1 FROM users u WHERE u.email = i.email) AS "hasAccount"
  FROM invitations i JOIN organizations o ON o.id = i.organization_id
  WHERE ${which} AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > clock_timestamp() AND o.status <> 'DELETED'`

/**
 * Makes an invitation and returns its id. If one is open for the same address, it is made new and its earlier link
 * stops working.
 */
export async function putInvitation(
  db: DbOrTx,
  given: {
    organizationId: string
    email: string
    name: string | null
    role: OrgRole
    tokenHash: Buffer
    invitedBy: Actor
  },
): Promise<string> {
  const { type, id, name } = given.invitedBy
  const [row] = await db.$queryRaw<{ id: string }[]>`
    INSERT INTO invitations AS i (id, organization_id, email, name, role, token_hash, invited_by, created_at, expires_at)
    VALUES (${uuidv7()}::uuid, ${given.organizationId}::uuid, ${given.email}, ${given.name}, ${given.role}::"OrgRole", ${given.tokenHash},
      ${JSON.stringify({ type, id, name })}::jsonb, clock_timestamp(), clock_timestamp() + make_interval(days => ${INVITATION_DAYS}::int))
    ON CONFLICT (organization_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL DO UPDATE
    SET name = excluded.name, role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
      created_at = excluded.created_at, expires_at = excluded.expires_at
    RETURNING i.id`
  return row!.id
}

/** Closes the open invitation of an address in an organization, or one by its id. */
export async function revokeInvitation(
  db: DbOrTx,
  which: { id: string } | { organizationId: string; email: string },
): Promise<void> {
  const condition =
    'id' in which
      ? Prisma.sql`id = ${which.id}::uuid`
      : Prisma.sql`organization_id = ${which.organizationId}::uuid AND email = ${which.email}`
  await db.$executeRaw`UPDATE invitations SET revoked_at = clock_timestamp() WHERE ${condition} AND accepted_at IS NULL AND revoked_at IS NULL`
}

/** Marks an invitation as used. */
export async function closeInvitation(db: DbOrTx, invitationId: string): Promise<void> {
  await db.$executeRaw`UPDATE invitations SET accepted_at = clock_timestamp() WHERE id = ${invitationId}::uuid`
}
