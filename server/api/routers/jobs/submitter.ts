import { OrgRole } from '@/server/generated/prisma/enums'
import { atLeast, type Role } from '@/server/auth/access'
import type { Submitter } from '@/server/engine'
import { requireOrganization } from '../../authorize'
import type { AuthenticatedContext } from '../../trpc'

/** The role here; what each job type asks for is the engine's to hold against it. */
export async function submitterIn(ctx: AuthenticatedContext, organizationId: string): Promise<Submitter> {
  return submitterOf(await requireOrganization(ctx, organizationId, 'jobs.submit'))
}

export const submitterOf = (role: Role): Submitter => ({
  role,
  reaches: Object.values(OrgRole).filter((needed) => atLeast(role, needed)),
})
