import type { QueryKey } from '@tanstack/react-query'

/**
 * For `placeholderData`: what was shown before stays until the new answer comes, such as that of another range. It does
 * not stay where it is of another organization, because it would stand under the wrong name.
 *
 * @param organizationId the one that is asked for now. Undefined means all
 */
export const keptWithin =
  (organizationId: string | undefined) =>
  <Data>(data: Data | undefined, query?: { queryKey: QueryKey }): Data | undefined =>
    organizationOf(query?.queryKey) === organizationId ? data : undefined

/** The organization in the key of a query, in the form that `@trpc/tanstack-react-query` gives to it. */
function organizationOf(key: QueryKey | undefined): string | undefined {
  const asked = key?.[1] as { input?: { organizationId?: string } } | undefined
  return asked?.input?.organizationId
}
