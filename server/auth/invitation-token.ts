import { createHash, randomBytes } from 'node:crypto'

/** What an invitation's link ends in: 256 random bits, shown once. */
export const newInvitationToken = (): string => randomBytes(32).toString('base64url')

/** What is stored instead of it. */
export const hashInvitationToken = (token: string): Buffer => createHash('sha256').update(token).digest()
