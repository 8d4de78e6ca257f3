import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { LAST_ORGANIZATION_COOKIE, organizationToAdd } from '@/app/_components/shell/which-organization'
import { getSession, organizationIsThere } from '@/server/auth/session'

// Makes sure that a page of the dashboard is only drawn for somebody who is signed in.

export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/**
 * The session of the person who is signed in. The layout and the page both ask for it, and the database is asked only
 * once.
 */
export const currentSession = cache(getSession)

/**
 * Sends a person who is not signed in to the sign-in page, which leads back to this page. Sends a person with several
 * organizations to an address that names the organization that the page shows.
 *
 * @param path as it stands in the address, so with its ids encoded
 */
export async function requireSession(path: string, searchParams: SearchParams) {
  const session = await currentSession()
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(await searchParams)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, one)
  }
  if (session) {
    const lastUsed = (await cookies()).get(LAST_ORGANIZATION_COOKIE)?.value
    const organization = query.has('org') ? null : await organizationToAdd(session, lastUsed, organizationIsThere)
    if (organization === null) return session
    query.set('org', organization)
    redirect(`${path}?${query}`)
  }
  const here = query.size > 0 ? `${path}?${query}` : path
  redirect(here === '/' ? '/sign-in' : `/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}
