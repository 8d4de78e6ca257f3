import { z } from 'zod'
import { JobPriority, JobStatus } from '@/server/generated/prisma/enums'

// Values that calls, filters and parameters of handlers have in common.

/** An id as PostgreSQL compares it: lower case, whatever the caller wrote. */
export const id = z.guid('must be a UUID').toLowerCase()
/** ISO 8601 with a time zone, read into a Date. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an ISO 8601 time with a zone, such as 2026-01-31T08:00:00Z' })
  .transform((text) => new Date(text))
export const jobStatus = z.enum(JobStatus)
export const jobPriority = z.enum(JobPriority)
export const jobTypeName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must begin with a-z or 0-9, then up to 99 of a-z, 0-9, ".", "_", "-"')
