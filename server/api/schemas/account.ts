import { isoDate } from './scalars'
import { z } from './zod'

export const account = z.object({
  /** False: it signs in at a provider only. */
  hasPassword: z.boolean(),
  /** The providers at which it signs in. */
  identities: z.array(z.object({ issuer: z.string(), email: z.string(), boundAt: isoDate })),
  /** When this session began, and when it ends however much it is used. */
  signedInAt: isoDate,
  endsAt: isoDate,
})
export const passwordChangeInput = z.strictObject({ currentPassword: z.string().max(1000), newPassword: z.string().max(1000) })
export const done = z.object({ done: z.literal(true) })
