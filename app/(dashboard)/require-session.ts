import { redirect } from 'next/navigation'
import { cache } from 'react'
import { getSession } from '@/server/auth/session'

export type SearchParams = Promise<Record<string, string | string[] | undefined>>

/** Who is signed in. The layout and the page ask, and the database is asked once. */
export const currentSession = cache(getSession)

/** Sends who is not signed in to do so, and back to this very page afterwards. */
export async function requireSession(path: string, searchParams: SearchParams) {
  const session = await currentSession()
  if (session) return session
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(await searchParams)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, one)
  }
  const here = query.size > 0 ? `${path}?${query}` : path
  redirect(here === '/' ? '/sign-in' : `/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}
