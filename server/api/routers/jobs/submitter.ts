import { OrgRole } from '@/server/generated/prisma/enums'
import { atLeast, type Role } from '@/server/auth/access'
import type { Submitter } from '@/server/engine'
import { requireOrganization } from '../../authorize'
import type { AuthenticatedContext } from '../../trpc'

/** The caller's role in the organization. The engine compares it with the role that each job type needs. */
export async function submitterIn(ctx: AuthenticatedContext, organizationId: string): Promise<Submitter> {
  return submitterOf(await requireOrganization(ctx, organizationId, 'jobs.submit'))
}

export const submitterOf = (role: Role): Submitter => ({
  role,
  reaches: Object.values(OrgRole).filter((needed) => atLeast(role, needed)),
})
