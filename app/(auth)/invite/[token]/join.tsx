'use client'

import { useMutation } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { Button, LinkButton } from '@/app/_components/button'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import { VisibleText } from '@/app/_components/visible-text'
import { Alert } from '../../alert'

interface Props {
  token: string
  /** The address that the invitation is for. */
  email: string
  signedInAs: string | null
  organizationName: string
}

/**
 * An invitation, for somebody who is signed in or whose address has an account. Somebody signed in with the invited
 * address can accept or decline. Somebody signed in with another address is told so, and can sign out. Somebody who is
 * not signed in is led to the sign-in page, and from there back to here.
 */
export function Join({ token, email, signedInAs, organizationName }: Props) {
  const trpc = useTRPC()
  const path = usePathname()
  const accept = useMutation(
    trpc.members.accept.mutationOptions({
      onSuccess: ({ organizationId }) => window.location.replace(`/?org=${organizationId}`),
    }),
  )
  const decline = useMutation(trpc.members.decline.mutationOptions())
  const leave = useMutation({
    mutationFn: async () => {
      const { signOut } = await import('next-auth/react')
      await signOut({ callbackUrl: path })
    },
  })
  if (signedInAs === null) {
    return (
      <>
        <p className="mb-5 text-sm text-muted">There is an account with this address already.</p>
        <LinkButton
          href={`/sign-in?callbackUrl=${encodeURIComponent(path)}`}
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
          You are signed in as <strong className="font-medium break-words text-ink">{signedInAs}</strong>. Sign out
          first. Then you can accept as <strong className="font-medium break-words text-ink">{email}</strong> on this
          page.
        </p>
        <div className="grid gap-4">
          <Alert id="sign-out-error" text={leave.error ? 'You could not be signed out. Try again.' : null} />
          {/* It stays busy after the answer, until the browser has left this page. */}
          <Button size="lg" className="w-full" busy={leave.isPending || leave.isSuccess} onClick={() => leave.mutate()}>
            Sign out
          </Button>
        </div>
      </>
    )
  }
  if (decline.isSuccess) {
    return (
      <>
        {/* The button that had the focus is gone. So the focus moves here, where a screen reader then reads on. */}
        <p ref={focusOnce} tabIndex={-1} className="mb-5 text-sm text-muted outline-none">
          You declined. You have not joined <VisibleText text={organizationName} />, and this link no longer works.
        </p>
        <LinkButton href="/" size="lg" className="w-full">
          Go to the dashboard
        </LinkButton>
      </>
    )
  }
  const failure = accept.error ?? decline.error
  // It stays busy after the answer, until the browser has left this page.
  const isAccepting = accept.isPending || accept.isSuccess
  return (
    <div className="grid gap-4">
      <Alert id="invite-error" text={failure ? messageOf(failure) : null} />
      <Button
        variant="primary"
        size="lg"
        busy={isAccepting}
        unavailable={decline.isPending ? 'The invitation is being declined.' : null}
        onClick={() => {
          decline.reset()
          accept.mutate({ token })
        }}
      >
        Join <VisibleText text={organizationName} />
      </Button>
      <Button
        size="lg"
        busy={decline.isPending}
        unavailable={isAccepting ? 'You are joining.' : null}
        onClick={() => {
          accept.reset()
          decline.mutate({ token })
        }}
      >
        Decline
      </Button>
    </div>
  )
}

// The function is the same at every render, so React calls it only when the element appears.
const focusOnce = (element: HTMLElement | null) => element?.focus()
