import { cookies, headers } from 'next/headers'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { readRoom, ROOM_COOKIE } from '@/app/_components/shell/banner-room'
import { HistoryCatchUp } from '@/app/_components/shell/history-catch-up'
import { OrganizationProvider } from '@/app/_components/shell/organization'
import { Shell } from '@/app/_components/shell/shell'
import { LAST_ORGANIZATION_COOKIE } from '@/app/_components/shell/which-organization'
import { standingOf } from '@/app/_components/shell/standing'
import { readTheme, THEME_COOKIE } from '@/app/_components/shell/theme'
import { Toaster } from '@/app/_components/toaster'
import { ApiProvider } from '@/app/_trpc/client'
import { EarlyQuestions } from '@/app/_trpc/early-questions'
import { EventsProvider } from '@/app/_trpc/events'
import { AWAY, eventPlace, unlessAway } from '@/server/auth/session'
import { AuthCard } from '../(auth)/auth-card'
import { Away } from '../(auth)/away'
import { currentSession } from './require-session'

// The frame around every page of the dashboard, drawn on the server.

/**
 * The present place in the stream of events, for somebody who is signed in. The browser follows events from there on.
 * Where the place could not be read, each part of the page reads its data once more when the stream begins.
 */
const placeForViewer = async () =>
  (await currentSession().catch(() => null)) ? eventPlace().catch(() => undefined) : undefined

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const [jar, session, asked, place] = await Promise.all([
    cookies(),
    unlessAway(currentSession()),
    headers(),
    placeForViewer(),
  ])
  // Who is signed in is not known, so nothing of the dashboard can be drawn.
  if (session === AWAY) {
    return (
      <AuthCard title="Jobyard">
        <Away />
      </AuthCard>
    )
  }
  return (
    <NuqsAdapter>
      <HistoryCatchUp />
      <ApiProvider>
        <EarlyQuestions nonce={asked.get('x-nonce') ?? undefined} />
        <EventsProvider place={place}>
          <OrganizationProvider
            lastUsed={jar.get(LAST_ORGANIZATION_COOKIE)?.value ?? null}
            standing={session && standingOf(session)}
          >
            <Shell theme={readTheme(jar.get(THEME_COOKIE)?.value)} bannerRoom={readRoom(jar.get(ROOM_COOKIE)?.value)}>
              {children}
            </Shell>
            <Toaster />
          </OrganizationProvider>
        </EventsProvider>
      </ApiProvider>
    </NuqsAdapter>
  )
}
