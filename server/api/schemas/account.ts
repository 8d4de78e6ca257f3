import { isoDate } from './scalars'
import { z } from './zod'

// What the API takes and answers about a person's own account.

export const account = z.object({
  hasPassword: z.boolean().describe('False where the person signs in only at a provider.'),
  identities: z
    .array(z.object({ issuer: z.string(), email: z.string(), boundAt: isoDate }))
    .describe('The providers at which the person signs in.'),
  signedInAt: isoDate.describe('When this session began.'),
  endsAt: isoDate.describe('When this session ends, however much it is used.'),
})
export const passwordChangeInput = z.strictObject({
  currentPassword: z.string().max(1000),
  newPassword: z.string().max(1000),
})
export const done = z.object({ done: z.literal(true) })
