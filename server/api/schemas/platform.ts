import { OUTLIER_MARKS } from '@/server/engine/domain/outliers'
import { OrganizationStatus } from '@/server/generated/prisma/enums'
import { cursor, direction, integer, limit, pageOf, wireId } from './scalars'
import { z } from './zod'

// What the API answers to system admins who compare organizations.

export const platformInput = z.strictObject({
  range: z.enum(['1h', '24h']).optional().describe('How far back from now. Left out: `1h`.'),
  sort: z
    .enum(['outliers', 'load', 'wait', 'failures', 'quota', 'name'])
    .optional()
    .describe('What comes first. Left out: `outliers`.'),
  search: z.string().max(200).optional().describe('Only organizations with this in their name or short name.'),
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})

const share = z.number().nullable()
const row = z
  .object({
    organizationId: wireId,
    name: z.string(),
    slug: z.string(),
    status: z.enum(OrganizationStatus),
    paused: z.boolean(),
    waiting: integer.describe('Jobs that could run now, apart from what holds them back, and are in no queue yet.'),
    running: integer,
    unfinished: integer,
    maxUnfinished: integer.nullable().describe('Null is no limit.'),
    quotaUse: share.describe('0 to 1, or more where the limit was lowered: unfinished jobs by their limit.'),
    slots: z
      .object({
        queue: z.enum(['ISOLATED', 'INLINE']),
        held: integer.describe('Jobs that are QUEUED or RUNNING there.'),
        fairShare: z.number().describe('The slots of all workers, divided by the organizations that have jobs there.'),
      })
      .nullable()
      .describe('In the queue in which it has most against its fair share. Null where nothing waits or runs.'),
    waitP95: z.number().nullable().describe('Seconds, within 10 %. Null where nothing ended in the range.'),
    completed: integer.describe('Attempts that completed in the range.'),
    failed: integer.describe('Attempts that failed or timed out in the range.'),
    failureRate: share.describe('0 to 1. Null where nothing ended.'),
    outliers: z
      .array(z.enum(OUTLIER_MARKS))
      .describe(
        'Why it needs a look, the farthest out first. QUOTA: four fifths of its limit are used. FAILURES: a fifth of at least ten outcomes failed. WAIT: its wait is at least 30 s and four times that of most. SLOTS: it has one and a half times its fair share while others wait. HELD: it is paused or suspended while jobs of it wait.',
      ),
  })
  .meta({ id: 'PlatformOrganization' })
export const platformPage = pageOf(row).extend({ total: integer.describe('All organizations that match.') })
