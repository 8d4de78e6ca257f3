'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { Page } from '@/app/_components/page/page'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import { leavingSession } from '@/app/_trpc/session-state'
import type { Me, OwnAccount } from '@/app/_trpc/types'
import { Organizations } from './organizations'
import { PasswordForm } from './password-form'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })

/** Shows a person who they are here, and what they can do about their own account. */
export function AccountPage() {
  const trpc = useTRPC()
  const { me } = useScope()
  const account = useQuery(trpc.account.get.queryOptions())
  return (
    <Page title="Your account" error={account.error} onRetry={() => void account.refetch()}>
      {/* All cards are shown at the same time. Otherwise the list of organizations would push the others down. */}
      {me && account.data ? <Account me={me} account={account.data} /> : <Skeleton />}
    </Page>
  )
}

function Account({ me, account }: { me: Me; account: OwnAccount }) {
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="grid gap-4">
        <Card title="You" id="you">
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
            <Fact name="Name" value={me.user.name} />
            {me.user.email ? <Fact name="Email" value={me.user.email} /> : null}
            {me.systemAdmin ? <Fact name="Platform" value="System admin" /> : null}
            <Fact name="Signs in" value={signInWays(account)} />
          </dl>
        </Card>
        <Card title="Organizations" id="organizations" padded={false}>
          <Organizations organizations={me.organizations} />
        </Card>
      </div>
      <div className="grid gap-4">
        {account.hasPassword ? (
          <Card title="Change password" id="change-password">
            <PasswordForm email={me.user.email ?? ''} />
          </Card>
        ) : null}
        <Sessions signedInAt={account.signedInAt} endsAt={account.endsAt} />
      </div>
    </div>
  )
}

const Skeleton = () => (
  <div className="grid items-start gap-4 lg:grid-cols-2" aria-hidden>
    <span className="skeleton block h-72 rounded-lg" />
    <span className="skeleton block h-96 rounded-lg" />
  </div>
)

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">
        <VisibleText text={value} />
      </dd>
    </>
  )
}

/** How this person can sign in: by password, and at which providers. */
const signInWays = ({ hasPassword, identities }: OwnAccount): string =>
  [
    ...(hasPassword ? ['by password'] : []),
    ...identities.map(({ issuer }) => `at ${URL.canParse(issuer) ? new URL(issuer).host : issuer}`),
  ].join(', ') || 'no way to sign in is left'

/** The 12 hours without use are IDLE_SECONDS in server/auth/session-cookie.ts. */
function Sessions({ signedInAt, endsAt }: { signedInAt: string; endsAt: string }) {
  const trpc = useTRPC()
  const [asking, setAsking] = useState(false)
  const everywhere = useMutation(
    trpc.account.signOutEverywhere.mutationOptions({
      // The browser loads a new page. So nothing that this person has read stays in memory.
      onSuccess: () => {
        leavingSession()
        window.location.replace('/sign-in')
      },
    }),
  )
  return (
    <Card title="Sessions" id="sessions">
      <p className="text-sm text-muted">
        You signed in <RelativeTime at={signedInAt} />; this session ends <RelativeTime at={endsAt} planned /> at the
        latest, or after 12 hours without use.
      </p>
      <p className="mt-2 text-sm text-muted">
        A lost device, or a browser that you forgot to leave? End every session, this one too.
      </p>
      <Button className="mt-4" onClick={() => setAsking(true)}>
        Sign out everywhere…
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Sign out everywhere?"
          text="Every browser in which you are signed in is signed out at once, this one too. Your jobs and API keys are not touched."
          confirm="Sign out everywhere"
          hint={null}
          danger
          busy={everywhere.isPending || everywhere.isSuccess}
          error={everywhere.error ? messageOf(everywhere.error) : null}
          onConfirm={() => everywhere.mutate()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Card>
  )
}
