import type { OrgRole } from '@/server/generated/prisma/enums'

/** The roles of an organization, from the least to the greatest. */
export const ORG_ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const satisfies readonly OrgRole[]

/** The roles greater than this one; all of them for nobody's, null. */
export const rolesAbove = (role: OrgRole | null): OrgRole[] =>
  ORG_ROLES.slice(role === null ? 0 : ORG_ROLES.indexOf(role) + 1)
