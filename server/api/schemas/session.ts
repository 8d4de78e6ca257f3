import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { orgRole } from './scalars'
import { z } from './zod'

export const me = z.object({
  user: z.object({
    type: z.enum(['user', 'key']),
    id: z.string(),
    name: z.string(),
    /** Null for an API key. */
    email: z.string().nullable(),
  }),
  systemAdmin: z.boolean(),
  organizations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      slug: z.string(),
      role: orgRole,
      status: z.enum(OrganizationStatus),
    }),
  ),
})
