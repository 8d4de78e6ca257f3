import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { orgRole, wireId } from './scalars'
import { z } from './zod'

// What the API answers to somebody who asks who they are.

export const me = z.object({
  user: z.object({
    type: z.enum(['user', 'key']),
    id: wireId,
    name: z.string(),
    email: z.string().nullable().describe('Null for an API key.'),
  }),
  systemAdmin: z.boolean(),
  organizations: z.array(
    z.object({
      id: wireId,
      name: z.string(),
      slug: z.string(),
      role: orgRole,
      status: z.enum(OrganizationStatus),
    }),
  ),
})
