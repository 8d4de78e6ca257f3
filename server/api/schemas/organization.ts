import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { cursor, id, isoDate, limit, pageOf, reason } from './scalars'
import { z } from './zod'

export const organization = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: z.enum(OrganizationStatus),
  maxConcurrent: z.number().nullable(),
  maxUnfinished: z.number(),
  createdAt: isoDate,
  suspendedAt: isoDate.nullable(),
  suspendReason: z.string().nullable(),
  deletedAt: isoDate.nullable(),
})
export const organizationPage = pageOf(organization)
export const organizationActionInput = z.strictObject({ organizationId: id, reason: reason.optional() })
export const organizationListInput = z.strictObject({
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction: z.enum(['forward', 'backward']).optional(),
})
