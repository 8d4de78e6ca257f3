import { OrgRole } from '@/server/generated/prisma/enums'
import { atLeast, type Role } from '@/server/auth/access'
import type { Submitter } from '@/server/engine'
import { requireOrganization } from '../../authorize'
import type { AuthenticatedContext } from '../../trpc'

/** The caller as a submitter in an organization. The engine compares its role with the one that a job type needs. */
export async function submitterIn(ctx: AuthenticatedContext, organizationId: string): Promise<Submitter> {
  return submitterOf(await requireOrganization(ctx, organizationId, 'jobs.submit'))
}

/** A caller as a submission sees it: its role, and every role of organizations that this one includes. */
export const submitterOf = (role: Role): Submitter => ({
  role,
  reaches: Object.values(OrgRole).filter((needed) => atLeast(role, needed)),
})
