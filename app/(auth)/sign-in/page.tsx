import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { AWAY, getSession, oidcName, pageToReturnTo, unlessAway } from '@/server/auth/session'
import { AuthCard } from '../auth-card'
import { Away } from '../away'
import { OidcButton, OrDivider } from '../oidc-button'
import { explain } from './explain'
import { SignInForm } from './sign-in-form'

export const metadata: Metadata = { title: 'Sign in' }

type Params = Promise<{ callbackUrl?: string | string[]; error?: string | string[] }>

export default async function SignInPage({ searchParams }: { searchParams: Params }) {
  const { callbackUrl, error } = await searchParams
  const given = typeof callbackUrl === 'string' ? callbackUrl : null
  const target = pageToReturnTo(given)
  const session = await unlessAway(getSession())
  if (session && session !== AWAY) redirect(target)
  const provider = oidcName()
  return (
    <AuthCard title="Sign in to Jobyard">
      {session === AWAY ? (
        <div className="mb-4">
          <Away />
        </div>
      ) : null}
      {/* The form checks the address once more, against the origin that only the browser knows. */}
      <SignInForm callbackUrl={given} error={typeof error === 'string' ? explain(error) : null} />
      {provider ? (
        <>
          <OrDivider />
          <OidcButton name={provider} callbackUrl={target} />
        </>
      ) : null}
    </AuthCard>
  )
}
