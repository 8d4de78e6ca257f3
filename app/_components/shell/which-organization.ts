import type { Principal } from '@/server/auth/principal'

/** The value of `?org=` that shows all organizations at once, for system admins. */
export const ALL = 'all'
/** The cookie that holds the organization that was used last. */
export const COOKIE = 'jobyard_org'

/**
 * Which organization must be added to an address that names none. A person with several organizations gets the one used
 * last, or else the first. A system admin gets the one used last, or else all. Without this, a colleague who opens the
 * link could see another organization. Null where the person has at most one.
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
