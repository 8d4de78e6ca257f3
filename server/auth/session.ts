import { headers } from 'next/headers'
import { shapeError } from '@/server/api/errors'
import { getServices } from '@/server/api/services'
import { eventPlaceNow, findStandingInvitation, organizationExists, type OpenInvitation } from '@/server/engine'
import { isUuid } from '@/server/engine/domain/uuid'
import { getEnv, oidcSettings } from '@/server/env'
import { safeCallback } from './callback-url'
import { hashInvitationToken } from './invitation-token'
import type { Principal } from './principal'
import { readSession } from './session-cookie'
import { principalOfSession } from './users'

// What pages ask the server while they are rendered. Everything else they ask by tRPC.

/**
 * Who is signed in on this page, or null. The user's row is read. Otherwise somebody who was removed would be sent back
 * and forth between a page that trusts the cookie and an API that does not.
 */
export async function getSession(): Promise<Principal | null> {
  const session = await readSession(await headers())
  return session && principalOfSession(getServices().db, session)
}

/** What a page gets in place of an answer while the database does not answer. */
export const AWAY = Symbol('the database does not answer')

/** The answer, or AWAY. Other errors are thrown, and are shown as an error of the page. */
export async function unlessAway<T>(answer: Promise<T>): Promise<T | typeof AWAY> {
  try {
    return await answer
  } catch (error) {
    if (shapeError(error).data.reason !== 'UNAVAILABLE') throw error
    return AWAY
  }
}

/** The invitation that a link leads to. Null where it is no longer valid, or never was. */
export const invitationOf = (token: string): Promise<OpenInvitation | null> =>
  findStandingInvitation(getServices().db, hashInvitationToken(token))

/** True where there is an organization with this id. Any text may be given, such as one from a cookie. */
export const organizationIsThere = async (id: string): Promise<boolean> =>
  isUuid(id) && organizationExists(getServices().db, id)

/**
 * The place in the stream of events at this moment, as the id of an event. A page that reads its data later and follows
 * the stream from this place misses nothing.
 */
export const eventPlace = (): Promise<string> => eventPlaceNow(getServices().db)

/** The text on the button of the OIDC provider. Null where there is none. */
export const oidcName = (): string | null => oidcSettings(getEnv())?.name ?? null

/**
 * The page to go to after signing in, as a path. `callbackUrl` is what the sign-in page's own address says. next-auth
 * puts our origin before it.
 */
export const pageToReturnTo = (callbackUrl: string | null): string =>
  safeCallback(callbackUrl, new URL(getEnv().NEXTAUTH_URL).origin)
