import { JobPriority, JobStatus, OrgRole } from '@/server/generated/prisma/enums'
import { z } from './zod'

/** An id as PostgreSQL compares it: lower case, whatever the caller wrote. */
export const id = z.guid('must be a UUID').toLowerCase()
/** ISO 8601 with a time zone, read into a Date. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with a zone, such as 2026-01-31T08:00:00Z' })
  .transform((text) => new Date(text))
/** A date as it leaves: an ISO 8601 string. */
export const isoDate = z.string().meta({ format: 'date-time' })
/** An id as it leaves. */
export const wireId = z.string().meta({ format: 'uuid' })
/** A whole number as it leaves. */
export const integer = z.number().meta({ type: 'integer' })

// What has an id here is a named schema of the OpenAPI document.
export const jobStatus = z.enum(JobStatus).meta({ id: 'JobStatus', description: 'COMPLETED, CANCELED and DEAD_LETTER are final; in all others the job is unfinished.' })
export const jobPriority = z.enum(JobPriority).meta({ id: 'JobPriority', description: 'A waiting job rises by one for each 10 minutes.' })
export const orgRole = z.enum(OrgRole).meta({ id: 'OrgRole', description: 'Each may also do what those before it may.' })
export const jobTypeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must begin with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"')
export const reason = z.string().trim().min(1).max(500).describe('Why, for the history or the audit.')

export const actor = z
  .object({
    type: z.enum(['user', 'key', 'system']).describe('A person, an API key, or Jobyard itself.'),
    id: wireId.nullable().describe('Null for the system.'),
    name: z.string(),
  })
  .meta({ id: 'Actor', description: 'Who did something.' })

export const cursor = z.string().min(1).max(200).describe('The `nextCursor` of the page before.')
export const limit = z.int().min(1).max(100).describe('The most items of a page.')

/** A page of anything. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable().describe('Where the next page begins; null: there is none.') })

export const range = z.enum(['1h', '6h', '24h', '7d', '30d']).describe('How far back from now.')
