'use client'

import dynamic from 'next/dynamic'
import Link from '../link'
import { usePathname } from 'next/navigation'
import { useEffect, type ReactNode } from 'react'
import { cn } from '../cn'
import { EmptyState, ErrorState } from '../page/states'
import { Building2, LockKeyhole } from 'lucide-react'
import { useSessionEnded } from '@/app/_trpc/session-state'
import { Banners } from './banners'
import { ConnectionNote } from './connection-note'
import { leave, leaveForSignIn } from './leave'
import { Logo } from './logo'
import { Nav } from './nav'
import { OrgSwitcher } from './org-switcher'
import { useScope } from './organization'
import { PaletteHost } from '../palette/palette-host'
import type { Theme } from './theme'
import { UserMenu } from './user-menu'

const SignInAgain = dynamic(() => import('./sign-in-again'), { ssr: false })

/** The header and the navigation, with the page beside them. */
export function Shell({
  theme,
  bannerRoom,
  children,
}: {
  theme: Theme
  /** The height that is kept free for the banners until they are loaded. */
  bannerRoom: number
  children: ReactNode
}) {
  const { href, me } = useScope()
  const ended = useSessionEnded()
  useEffect(() => {
    // No page was shown yet, so nothing can be lost by leaving.
    if (ended && !me) leaveForSignIn()
  }, [ended, me])
  return (
    <>
      <div className={cn('lg:grid lg:min-h-dvh lg:grid-cols-shell', ended && 'invisible')}>
        <a
          href="#content"
          className="sr-only z-50 rounded bg-primary px-3 py-2 text-sm text-primary-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <header className="relative flex items-center gap-2 border-b border-line bg-sunken px-4 py-2 lg:sticky lg:top-0 lg:h-dvh lg:flex-col lg:items-stretch lg:gap-4 lg:overflow-y-auto lg:border-r lg:border-b-0 lg:p-3">
          <Link
            href={href('/')}
            className="flex shrink-0 items-center gap-2 rounded lg:px-1.5 lg:pt-1"
            aria-label="Jobyard, to the overview"
          >
            <Logo className="size-7" />
            <span className="hidden text-lg font-semibold tracking-tight sm:inline">Jobyard</span>
          </Link>
          <div className="min-w-0 flex-1 sm:max-w-64 sm:flex-none sm:grow-0 max-lg:sm:ml-2 max-lg:sm:w-56 lg:max-w-none">
            <OrgSwitcher />
          </div>
          <Nav />
          <div className="max-lg:flex lg:mt-auto">
            <PaletteHost />
            <UserMenu initialTheme={theme} />
          </div>
        </header>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto w-full max-w-content min-w-0 px-4 py-4 outline-none lg:px-page lg:py-5"
        >
          <Gate bannerRoom={bannerRoom}>{children}</Gate>
        </main>
      </div>
      <ConnectionNote />
      {ended && me ? <SignInAgain me={me} /> : null}
    </>
  )
}

/**
 * Shows the page, or tells why there is none. The person may belong to no organization, the address may name an unknown
 * one, or access to it was lost.
 */
function Gate({ bannerRoom, children }: { bannerRoom: number; children: ReactNode }) {
  const { me, meError, retryMe, unknown, lost, select, viewer } = useScope()
  // The page of one's own account is about no organization.
  const personal = usePathname() === '/account'
  if (!me && meError) return <ErrorState page error={meError} onRetry={retryMe} />
  if (personal) return children
  const first = me?.organizations[0]
  if (lost) {
    return (
      <EmptyState
        page
        role="status"
        icon={LockKeyhole}
        title={`You no longer have access to ${lost.name}`}
        text="You were removed from it, or it was deleted. If that is a mistake, ask one of its admins."
        action={
          first
            ? { label: `Open ${first.name}`, onClick: () => select(first.id) }
            : { label: 'Sign out', onClick: () => void leave() }
        }
      />
    )
  }
  if (unknown && me) {
    return (
      <EmptyState
        page
        icon={Building2}
        title="Organization not found"
        text="It does not exist, or you are not a member of it."
        action={first ? { label: `Open ${first.name}`, onClick: () => select(first.id) } : undefined}
      />
    )
  }
  if (me && me.organizations.length === 0 && !viewer.systemAdmin) {
    return (
      <EmptyState
        page
        icon={Building2}
        title="No organization yet"
        text="If you were invited, open the link of the invitation to accept it. If not, ask an admin of your organization for one."
      />
    )
  }
  return (
    <>
      <Banners room={bannerRoom} />
      {children}
    </>
  )
}
