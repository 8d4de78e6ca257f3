import { KeyRole } from '@/server/generated/prisma/enums'
import {
  actor,
  cursor,
  direction,
  id,
  instant,
  integer,
  isoDate,
  limit,
  nameOf,
  pageOf,
  reason,
  wireId,
} from './scalars'
import { z } from './zod'

// What the API takes and answers about API keys.

const keyRole = z.enum(KeyRole)

const apiKey = z.object({
  id: wireId,
  organizationId: wireId.nullable().describe('Null for a key of the platform.'),
  name: z.string(),
  role: keyRole,
  prefix: z.string().describe('The first characters of the key, by which people tell keys apart.'),
  callsPerSecond: integer,
  createdAt: isoDate,
  // Null for the keys that `npm start` makes for the demo.
  createdBy: actor.nullable(),
  expiresAt: isoDate.nullable(),
  lastUsedAt: isoDate.nullable().describe('The last use, to the minute.'),
  unusedForDays: integer.describe('Whole days since the last use, or since it was made where it was never used.'),
  revokedAt: isoDate.nullable(),
  revokedBy: actor.nullable(),
})
export const apiKeyPage = pageOf(apiKey)

/** The organization that the keys belong to. Null means the keys of the platform, for system admins. */
const ownerFields = { organizationId: id.nullable() }
export const apiKeyListInput = z.strictObject({
  ...ownerFields,
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
})
export const apiKeyCreateInput = z.strictObject({
  ...ownerFields,
  name: nameOf(),
  role: keyRole,
  callsPerSecond: z.int().min(1).max(10_000).optional(),
  expiresAt: instant.nullish(),
  reason: reason.optional(),
})
/** `key` is the key itself. Only this answer contains it. */
export const apiKeyCreated = z.object({ apiKey, key: z.string() })

export const apiKeyRevokeInput = z.strictObject({
  ...ownerFields,
  apiKeyId: id,
  waitingJobs: z
    .enum(['cancel', 'transfer'])
    .optional()
    .describe(
      'What becomes of waiting jobs of this key. It must be given where there are some. `transfer` passes them to the caller.',
    ),
  reason: reason.optional(),
})
/** `jobs` tells how many jobs waited, counted up to 10,000. Jobs beyond the first 500 are handled within seconds. */
export const apiKeyRevoked = z.object({ apiKey, jobs: integer })
