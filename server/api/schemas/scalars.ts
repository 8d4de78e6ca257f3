import { METRICS_RANGES } from '@/server/engine/domain/metrics-time'
import { MAX_NAME, nameProblem, tidyName } from '@/server/engine/domain/names'
import { OrgRole } from '@/server/generated/prisma/enums'
import { z } from './zod'

// The small pieces that schemas of the API are made of: ids, times, names, limits.

export { anyJson, id, instant, jobPriority, jobStatus, jobTypeName, startInstant } from '@/server/engine/domain/scalars'

/** A date in an answer: an ISO 8601 string. */
export const isoDate = z.string().meta({ format: 'date-time' })
/** The largest number that an `integer` of PostgreSQL holds. */
export const MAX_INTEGER = 2_147_483_647
/** An id in an answer. */
export const wireId = z.string().meta({ format: 'uuid' })
/** A whole number in an answer. */
export const integer = z.number().meta({ type: 'integer' })

export const orgRole = z
  .enum(OrgRole)
  .meta({ id: 'OrgRole', description: 'Each role may also do what the roles before it may do.' })
export const reason = z.string().trim().min(1).max(500).describe('The reason, for the history or the audit.')

/** A name as people write it (rule 2). Spaces are tidied, and invisible characters are refused. */
export const nameOf = (max = MAX_NAME) =>
  z
    .string()
    .overwrite(tidyName)
    .min(1, { error: 'must not be empty', abort: true })
    .max(max, { error: `must have at most ${max} characters`, abort: true })
    .check(({ value, issues }) => {
      const problem = nameProblem(value, max)
      if (problem !== null) issues.push({ code: 'custom', input: value, message: problem })
    })

export const actor = z
  .object({
    type: z.enum(['user', 'key', 'system']).describe('A person, an API key, or Jobyard itself.'),
    id: wireId.nullable().describe('Null for the system.'),
    name: z.string(),
  })
  .meta({ id: 'Actor', description: 'Who did something.' })

/** Only the outer form of a cursor is checked here. Each list checks its own cursors. */
export const cursor = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+$/, 'must be the nextCursor of an earlier page')
  .describe('The `nextCursor` of the page before.')
/** tRPC's infinite queries send it with every page. Lists only go forward, so nothing reads it. */
export const direction = z.enum(['forward', 'backward']).optional()
export const limit = z.int().min(1).max(100).describe('The largest number of items on a page.')

/** The schema of a page of any items. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('The cursor of the next page. Null on the last page.'),
  })

export const range = z.enum(METRICS_RANGES).describe('How far back from now.')
