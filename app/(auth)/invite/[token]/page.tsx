import type { Metadata } from 'next'
import { LinkButton } from '@/app/_components/button'
import { ApiProvider } from '@/app/_trpc/client'
import { AWAY, getSession, invitationOf, oidcName, unlessAway } from '@/server/auth/session'
import { AuthCard } from '../../auth-card'
import { Away } from '../../away'
import { OidcButton, OrDivider } from '../../oidc-button'
import { AcceptForm } from './accept-form'
import { Join } from './join'
import { visible } from '@/server/engine/domain/visible'

// The address of this page is a secret. So it is not sent to other sites, and search engines do not keep the page.
export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer', robots: { index: false } }

const ROLES = {
  VIEWER: 'see jobs and their results',
  OPERATOR: 'see and submit jobs',
  ADMIN: 'do everything in it, members and keys included',
}

export default async function InvitePage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const [invitation, session] = await Promise.all([unlessAway(invitationOf(token)), unlessAway(getSession())])
  if (invitation === AWAY || session === AWAY) {
    return (
      <AuthCard title="Your invitation">
        <Away />
      </AuthCard>
    )
  }
  if (!invitation) {
    return (
      <AuthCard title="This link is no longer good">
        <p className="text-sm text-muted">
          The invitation was used, declined, withdrawn, or has expired, or whoever sent it may no longer do so. Ask an
          admin of the organization for a new link.
        </p>
        <LinkButton href="/sign-in" size="lg" className="mt-5 w-full">
          Go to sign in
        </LinkButton>
      </AuthCard>
    )
  }
  const { organizationName, email, name, role, hasAccount } = invitation
  const provider = oidcName()
  return (
    <AuthCard title={`Join ${visible(organizationName)}`}>
      <p className="mb-5 text-sm text-muted">
        You are invited as <strong className="font-medium break-words text-ink">{email}</strong>, to {ROLES[role]}.
      </p>
      {session || hasAccount ? (
        <ApiProvider>
          <Join token={token} email={email} signedInAs={session?.email ?? null} organizationName={organizationName} />
        </ApiProvider>
      ) : (
        <>
          <ApiProvider>
            <AcceptForm token={token} email={email} name={name} />
          </ApiProvider>
          {provider ? (
            <>
              <OrDivider />
              {/* The provider sends the person back to this page. Signing in creates the account, and the person
                  still has to accept the invitation. */}
              <OidcButton name={provider} callbackUrl={`/invite/${token}`} />
            </>
          ) : null}
        </>
      )}
    </AuthCard>
  )
}
