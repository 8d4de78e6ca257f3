import { leavingSession } from '@/app/_trpc/session-state'

/** Signs out, and on to the sign-in page. */
export async function leave(): Promise<void> {
  leavingSession()
  const { signOut } = await import('next-auth/react')
  await signOut({ callbackUrl: '/sign-in' })
}

/** On to the sign-in page, which leads back here. */
export function leaveForSignIn(): void {
  leavingSession()
  const here = window.location.pathname + window.location.search
  // The document is loaded anew, so that nothing stays that another person has read.
  // eslint-disable-next-line @next/next/no-location-assign-relative-destination
  window.location.assign(`/sign-in?callbackUrl=${encodeURIComponent(here)}`)
}
