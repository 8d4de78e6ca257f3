import { createHash, randomBytes } from 'node:crypto'

/** The end of an invitation's link: 256 random bits, shown once. */
export const newInvitationToken = (): string => randomBytes(32).toString('base64url')

/** The hash that is stored instead of the token. */
export const hashInvitationToken = (token: string): Buffer => createHash('sha256').update(token).digest()
