'use client'

import { useMutation } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { Button, LinkButton } from '@/app/_components/button'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import { Alert } from '../../alert'
import { VisibleText } from '@/app/_components/visible-text'

interface Props {
  token: string
  /** The address that the invitation is for. */
  email: string
  signedInAs: string | null
  organizationName: string
}

/**
 * An invitation for an address that already has an account. The owner of the account accepts or declines. Anybody else
 * is told who that is.
 */
export function Join({ token, email, signedInAs, organizationName }: Props) {
  const trpc = useTRPC()
  const here = usePathname()
  const accept = useMutation(
    trpc.members.accept.mutationOptions({
      onSuccess: ({ organizationId }) => window.location.replace(`/?org=${organizationId}`),
    }),
  )
  const decline = useMutation(trpc.members.decline.mutationOptions())
  if (signedInAs === null) {
    return (
      <>
        <p className="mb-5 text-sm text-muted">There is an account with this address already.</p>
        <LinkButton
          href={`/sign-in?callbackUrl=${encodeURIComponent(here)}`}
          variant="primary"
          size="lg"
          className="w-full"
        >
          Sign in to accept
        </LinkButton>
      </>
    )
  }
  if (signedInAs !== email) {
    return (
      <>
        <p className="mb-5 text-sm text-muted">
          You are signed in as <strong className="font-medium break-words text-ink">{signedInAs}</strong>. Sign out to
          accept it as somebody else.
        </p>
        <Button
          size="lg"
          className="w-full"
          onClick={async () => {
            const { signOut } = await import('next-auth/react')
            await signOut({ callbackUrl: here })
          }}
        >
          Sign out
        </Button>
      </>
    )
  }
  if (decline.isSuccess) {
    return (
      <>
        <p role="status" className="mb-5 text-sm text-muted">
          You declined. You are no member of <VisibleText text={organizationName} />, and this link is no longer good.
        </p>
        <LinkButton href="/" size="lg" className="w-full">
          Go to the dashboard
        </LinkButton>
      </>
    )
  }
  const failure = accept.error ?? decline.error
  const answered = accept.isPending || accept.isSuccess || decline.isPending
  return (
    <div className="grid gap-4">
      <Alert id="invite-error" text={failure ? messageOf(failure) : null} />
      <Button
        variant="primary"
        size="lg"
        busy={accept.isPending || accept.isSuccess}
        disabled={answered}
        onClick={() => accept.mutate({ token })}
      >
        Join <VisibleText text={organizationName} />
      </Button>
      <Button size="lg" busy={decline.isPending} disabled={answered} onClick={() => decline.mutate({ token })}>
        Decline
      </Button>
    </div>
  )
}
