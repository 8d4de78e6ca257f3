import { SLUG } from '@/server/engine/domain/name-forms'
import { isTimeZone } from '@/server/engine/domain/time-zone'
import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { cursor, direction, id, integer, isoDate, limit, MAX_INTEGER, nameOf, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about organizations.

export const organization = z
  .object({
    id: wireId,
    name: z.string(),
    slug: z.string(),
    status: z.enum(OrganizationStatus),
    maxConcurrent: integer.nullable().describe('The most jobs that are QUEUED or RUNNING at once. Null is no limit.'),
    maxUnfinished: integer
      .nullable()
      .describe(
        'The most unfinished jobs. Beyond this number submissions are refused as QUEUE_FULL. Null is no limit.',
      ),
    timeZone: z
      .string()
      .describe('The days of its reports begin and end in this time zone: an IANA name such as Europe/Berlin.'),
    createdAt: isoDate,
    suspendedAt: isoDate.nullable(),
    suspendReason: z.string().nullable(),
    deletedAt: isoDate.nullable(),
  })
  .meta({ id: 'Organization' })
export const organizationPage = pageOf(organization)
const limitUse = z.object({
  limit: integer.nullable().describe('Null is no limit.'),
  used: integer.describe('Of this moment.'),
  peak: integer.describe('The most that was seen within the last seven days. It is looked at every few seconds.'),
  peakAt: isoDate.nullable().describe('When that was, to the hour. Null where it is this moment.'),
})
export const organizationUsage = z.object({
  maxUnfinished: limitUse.describe('Unfinished jobs.'),
  maxConcurrent: limitUse.describe('Jobs that are QUEUED or RUNNING.'),
})
export const organizationIdInput = z.strictObject({ organizationId: id })

const name = nameOf()
const slug = z.string().regex(SLUG, 'must begin with a-z or 0-9, then up to 62 of a-z, 0-9, "-"')
/**
 * An upper limit. Null is no limit, and 0 allows nothing. Left out, a new organization gets the default
 * (organization-settings.ts), and one that exists keeps its limit.
 */
const upperLimit = z.int().min(0).max(MAX_INTEGER).nullable().optional()
const timeZone = z
  .string()
  .refine(isTimeZone, 'must be the name of a time zone, such as Europe/Berlin or UTC')
  .optional()
export const organizationCreateInput = z.strictObject({
  name,
  slug,
  maxConcurrent: upperLimit,
  maxUnfinished: upperLimit,
  timeZone,
  reason: reason.optional(),
})
export const organizationUpdateInput = z.strictObject({
  organizationId: id,
  changes: z.strictObject({
    name: name.optional(),
    slug: slug.optional(),
    maxConcurrent: upperLimit,
    maxUnfinished: upperLimit,
    timeZone,
  }),
  reason: reason.optional(),
})
export const organizationActionInput = z.strictObject({ organizationId: id, reason: reason.optional() })
export const organizationListInput = z.strictObject({
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
