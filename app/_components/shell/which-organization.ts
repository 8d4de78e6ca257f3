import type { Principal } from '@/server/auth/principal'

/** The value of `?org=` that shows all organizations at once, for system admins. */
export const ALL_ORGANIZATIONS = 'all'
/** The cookie that holds the organization that was used last. */
export const LAST_ORGANIZATION_COOKIE = 'jobyard_org'

/**
 * Which organization must be added to an address that names none. A person with several organizations gets the one used
 * last, or else the first. A system admin gets the one used last, or else all. Null where the person has at most one.
 * The organization is in the address so that a colleague who opens a copied address sees the same organization.
 *
 * The server decides this before it draws the page. If the page added it in the browser, a click made before that could
 * be lost.
 *
 * @param exists is asked for a system admin only, who need not be a member of an organization
 */
export async function organizationToAdd(
  { systemAdmin, memberships }: Pick<Principal, 'systemAdmin' | 'memberships'>,
  lastUsed: string | undefined,
  exists: (organizationId: string) => Promise<boolean>,
): Promise<string | null> {
  // A cookie outlives the database. It may name an organization of one that was thrown away.
  if (systemAdmin) return lastUsed !== undefined && (await exists(lastUsed)) ? lastUsed : ALL_ORGANIZATIONS
  if (memberships.length < 2) return null
  return memberships.find(({ id }) => id === lastUsed)?.id ?? memberships[0]?.id ?? null
}
