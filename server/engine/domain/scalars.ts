import { z } from 'zod'
import { JobPriority, JobStatus } from '@/server/generated/prisma/enums'
import { JOB_TYPE_NAME, NAME_WORDS } from './name-forms'

// Schemas of values that calls, filters and parameters of handlers have in common.

/** An id as PostgreSQL compares it: lower case, whatever the caller wrote. */
export const id = z.guid({ error: saying('must be a UUID') }).toLowerCase()
const time = z.iso
  .datetime({
    offset: true,
    error: saying('must be an ISO 8601 time with a zone, such as 2026-01-31T08:00:00Z'),
  })
  .transform((text) => new Date(text))
/** A time in ISO 8601 with a time zone, read into a Date. */
export const instant = time
  // PostgreSQL and the API can both write these years. The check is on the year in UTC, because an offset may carry a
  // time into another year.
  .refine((at) => at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999, 'must lie in the years 1 to 9999')
/** The earliest time at which something may start. A time in the past means now. */
export const startInstant = time.refine((at) => at.getUTCFullYear() <= 9999, 'must lie before the year 10000')
// A schema with an id becomes a named schema of the OpenAPI document.
export const jobStatus = z.enum(JobStatus).meta({
  id: 'JobStatus',
  description: 'COMPLETED, CANCELED and DEAD_LETTER are final; in all others the job is unfinished.',
})
export const jobPriority = z
  .enum(JobPriority)
  .meta({ id: 'JobPriority', description: 'A waiting job rises by one for each 10 minutes.' })
/**
 * Any JSON value that was parsed from text. It needs no second check, which would take a quarter of a second for 256
 * KiB.
 */
export const anyJson = (z.unknown() as z.ZodType<z.core.util.JSONType>)
  .refine((value) => value !== undefined, { error: 'is required', abort: true })
  .register(z.globalRegistry, { id: 'Json', description: 'Any JSON value.' })
export const jobTypeName = z.string().regex(JOB_TYPE_NAME, NAME_WORDS)

/** The message for a value that does not fit. A missing value gets one of its own. */
function saying(words: string): (issue: { input?: unknown }) => string {
  return ({ input }) => (input === undefined ? 'is required' : words)
}
