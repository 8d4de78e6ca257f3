import { ROLE_LABEL } from '@/app/_components/role-label'
import type { Member } from '@/app/_trpc/types'

// The roles that members and keys may have, with their words.

export type OrgRole = Member['role']
/** The roles from the one with the fewest rights to the one with the most. */
export const ORG_ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const satisfies readonly OrgRole[]

/** What a person with each role may do. docs/access.md has the whole list. */
const MEMBER_NOTE = {
  VIEWER: 'Sees jobs, their results and the figures.',
  OPERATOR: 'Also submits jobs, and cancels or changes their own.',
  ADMIN: 'Also cancels, retries and deletes any job; manages members, API keys and the name.',
} as const satisfies Record<OrgRole, string>

/** What a key of an organization may do with each role. It never makes keys and invites nobody. */
const KEY_NOTE = {
  VIEWER: 'Reads jobs, their results and the figures.',
  OPERATOR: 'Also submits jobs, and cancels or changes its own. What most services need.',
  ADMIN: 'Also cancels, retries and deletes any job. It makes no keys and invites nobody.',
} as const satisfies Record<OrgRole, string>

const choices = (notes: Record<OrgRole, string>) =>
  ORG_ROLES.map((value) => ({ value, label: ROLE_LABEL[value], note: notes[value] }))
export const MEMBER_ROLES = choices(MEMBER_NOTE)
export const KEY_ROLES = choices(KEY_NOTE)
