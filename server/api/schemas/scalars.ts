import { JobPriority, JobStatus, OrgRole } from '@/server/generated/prisma/enums'
import { z } from './zod'

/** An id as PostgreSQL compares it: lower case, whatever the caller wrote. */
export const id = z.guid('must be a UUID').toLowerCase()
/** ISO 8601 with a time zone, read into a Date. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with a zone, such as 2026-01-31T08:00:00Z' })
  .transform((text) => new Date(text))
/** A date as it leaves: an ISO 8601 string. */
export const isoDate = z.string()

export const jobStatus = z.enum(JobStatus)
export const jobPriority = z.enum(JobPriority)
export const orgRole = z.enum(OrgRole)
export const jobTypeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must begin with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"')
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
