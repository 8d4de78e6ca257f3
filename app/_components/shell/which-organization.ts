import type { Principal } from '@/server/auth/principal'

/** In the URL: all organizations at once, for system admins. */
export const ALL = 'all'
/** The cookie that holds the organization last used. */
export const COOKIE = 'jobyard_org'

/**
 * Which organization the address must name that names none. Somebody with several gets the last one used, else the
 * first: a link has to say which one it shows, or a colleague sees another. Null: there is only one, or none.
 *
 * The server decides this before it draws the page. When the page itself added it later, a click made meanwhile could
 * be lost.
 */
export function missingOrganization(
  { systemAdmin, memberships }: Pick<Principal, 'systemAdmin' | 'memberships'>,
  lastUsed: string | undefined,
): string | null {
  if (systemAdmin) return lastUsed ?? ALL
  if (memberships.length < 2) return null
  return memberships.find(({ id }) => id === lastUsed)?.id ?? memberships[0]?.id ?? null
}
