import type { OrgRole } from '@/server/generated/prisma/enums'

/** The roles of an organization, from the least to the greatest. */
export const ORG_ROLES = ['VIEWER', 'OPERATOR', 'ADMIN'] as const satisfies readonly OrgRole[]

/** The roles that rank above this one. For null, which stands for no role, all of them. */
export const rolesAbove = (role: OrgRole | null): OrgRole[] =>
  ORG_ROLES.slice(role === null ? 0 : ORG_ROLES.indexOf(role) + 1)
