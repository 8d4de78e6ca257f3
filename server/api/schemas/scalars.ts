import { OrgRole } from '@/server/generated/prisma/enums'
import { z } from './zod'

export { id, instant, jobPriority, jobStatus, jobTypeName } from '@/server/engine/domain/scalars'

/** A date as it leaves: an ISO 8601 string. */
export const isoDate = z.string()

export const orgRole = z.enum(OrgRole)
export const reason = z.string().trim().min(1).max(500)

/** Who did something. */
export const actor = z.object({
  type: z.enum(['user', 'key', 'system']),
  id: z.string().nullable(),
  name: z.string(),
})

export const cursor = z.string().min(1).max(200)
export const limit = z.int().min(1).max(100)

/** A page of anything. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

export const range = z.enum(['1h', '6h', '24h', '7d', '30d'])
