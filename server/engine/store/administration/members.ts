import { Prisma, type DbOrTx } from '@/server/db'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { Actor } from '../../domain/types'
import { decodeCursor, pageOf, type Page } from '../reads/cursor'
import { UUID_FORM } from '../../domain/uuid'

// Reads the members of organizations, and who was invited.

/** The form of a cursor of the list of members. It lists members first, then invitations. */
const PLACE = new RegExp(`^[01]:${UUID_FORM}$`)

/** A member of an organization, or somebody who was invited. */
export interface MemberView {
  /** The id of the person, or of the invitation. */
  id: string
  /** INVITED: the link has not been used yet. EXPIRED: the link has not been used, and is no longer valid. */
  status: 'MEMBER' | 'INVITED' | 'EXPIRED'
  /** Null for somebody who is invited. */
  userId: string | null
  /** Null for a member without an account. */
  email: string | null
  /** Null where whoever invited gave none. */
  name: string | null
  role: OrgRole
  /** Since when the person is a member, or when the link was made. */
  since: Date
  /** Null for a member, as `expiresAt` is. */
  invitedBy: Actor | null
  expiresAt: Date | null
}

/** `rank` is 0 for a member and 1 for an invitation. */
type Row = MemberView & { rank: number }

const viewOf = ({ rank: _rank, ...view }: Row): MemberView => view

/**
 * Members, then open invitations, each by id: the person or invitation that was made first comes first.
 * @param wanted.invitations with false, members only
 */
export async function listMembers(
  db: DbOrTx,
  organizationId: string,
  wanted: { invitations: boolean; cursor?: string; limit: number },
): Promise<Page<MemberView>> {
  const after = decodeCursor(wanted.cursor, PLACE)?.split(':')
  const rows = await db.$queryRaw<Row[]>`
    SELECT * FROM (${members(organizationId)} UNION ALL ${invitations(organizationId)}) AS m
    WHERE (${wanted.invitations} OR m.rank = 0)
      AND (m.rank, m.id) > (${Number(after?.[0] ?? -1)}::int, ${after?.[1] ?? '00000000-0000-0000-0000-000000000000'}::uuid)
    ORDER BY m.rank, m.id LIMIT ${wanted.limit + 1}`
  return pageOf(rows, wanted.limit, ({ rank, id }) => `${rank}:${id}`, viewOf)
}

/** One member or invitation, or null. A caller that goes on to change it holds the organization's lock. */
export async function findMember(db: DbOrTx, organizationId: string, memberId: string): Promise<MemberView | null> {
  const [row] = await db.$queryRaw<Row[]>`
    SELECT * FROM (${members(organizationId)} UNION ALL ${invitations(organizationId)}) AS m WHERE m.id = ${memberId}::uuid`
  return row ? viewOf(row) : null
}

/** True where the owner of an email address is a member. */
export async function isMember(db: DbOrTx, organizationId: string, email: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM org_members m JOIN persons p ON p.id = m.person_id JOIN users u ON u.id = p.user_id
    WHERE m.organization_id = ${organizationId}::uuid AND u.email = ${email}`
  return rows.length > 0
}

/** True where the organization has another ADMIN who can sign in. */
export async function hasOtherAdmin(db: DbOrTx, organizationId: string, personId: string): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM org_members m JOIN persons p ON p.id = m.person_id JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL
    WHERE m.organization_id = ${organizationId}::uuid AND m.role = 'ADMIN' AND m.person_id <> ${personId}::uuid LIMIT 1`
  return rows.length > 0
}

const members = (organizationId: string) => Prisma.sql`
  SELECT 0 AS rank, p.id, 'MEMBER' AS status, p.user_id AS "userId", u.email, p.name, m.role, m.created_at AS since,
    NULL::jsonb AS "invitedBy", NULL::timestamptz AS "expiresAt"
  FROM org_members m JOIN persons p ON p.id = m.person_id LEFT JOIN users u ON u.id = p.user_id
  WHERE m.organization_id = ${organizationId}::uuid`

const invitations = (organizationId: string) => Prisma.sql`
  SELECT 1, i.id, CASE WHEN i.expires_at > clock_timestamp() THEN 'INVITED' ELSE 'EXPIRED' END, NULL::uuid, i.email, i.name, i.role, i.created_at,
    i.invited_by, i.expires_at
  FROM invitations i WHERE i.organization_id = ${organizationId}::uuid AND i.accepted_at IS NULL AND i.revoked_at IS NULL`
