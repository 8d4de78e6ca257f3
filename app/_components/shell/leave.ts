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
  window.location.assign(new URL(`/sign-in?callbackUrl=${encodeURIComponent(here)}`, window.location.origin))
}
