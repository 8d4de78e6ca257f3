'use client'

import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/app/_components/button'

/** Opens the sign-in page of the OpenID provider. The provider sends the person back to `callbackUrl`. */
export function OidcButton({ name, callbackUrl }: { name: string; callbackUrl: string }) {
  const [busy, setBusy] = useState(false)
  return (
    <Button
      size="lg"
      className="w-full"
      busy={busy}
      onClick={async () => {
        // The button stays busy until the browser has left this page.
        setBusy(true)
        try {
          const { signIn } = await import('next-auth/react')
          await signIn('oidc', { callbackUrl })
        } catch {
          setBusy(false)
        }
      }}
    >
      <KeyRound aria-hidden className="text-faint" /> Continue with {name}
    </Button>
  )
}

/** The word between two ways to sign in. */
export const OrDivider = () => (
  <p
    aria-hidden
    className="my-4 flex items-center gap-3 text-xs text-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line"
  >
    or
  </p>
)
