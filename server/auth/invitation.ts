import { getServices } from '@/server/api/services'
import { findInvitation, type OpenInvitation } from '@/server/engine'
import { hashInvitationToken } from './invitation-token'

/** The invitation that a link leads to, or null where it is no longer good, or never was. */
export const invitationOf = (token: string): Promise<OpenInvitation | null> => findInvitation(getServices().db, hashInvitationToken(token))
