import { leavingSession } from '@/app/_trpc/session-state'

/** Signs out and opens the sign-in page. */
export async function leave(): Promise<void> {
  leavingSession()
  const { signOut } = await import('next-auth/react')
  await signOut({ callbackUrl: '/sign-in' })
}

/** Opens the sign-in page, which leads back to this address afterwards. */
export function leaveForSignIn(): void {
  leavingSession()
  const here = window.location.pathname + window.location.search
  // The browser loads a new document, so that nothing stays in memory that another person has read.
  // eslint-disable-next-line @next/next/no-location-assign-relative-destination
  window.location.assign(`/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}
