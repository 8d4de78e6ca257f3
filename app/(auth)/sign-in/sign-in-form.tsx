'use client'

import { useRef, useState, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input } from '@/app/_components/field'
import { Alert } from '../alert'
import { safeCallback } from '@/server/auth/callback-url'
import { explain } from './explain'

/** @param error the sentence to show when a sign-in at the OpenID provider has just failed. */
export function SignInForm({ callbackUrl, error: given }: { callbackUrl: string | null; error: string | null }) {
  const [error, setError] = useState(given)
  const [busy, setBusy] = useState(false)
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const address = email.current?.value.trim() ?? ''
    const secret = password.current?.value ?? ''
    if (!address || !secret) {
      setError(!address ? 'Enter your email address.' : 'Enter your password.')
      ;(address ? password : email).current?.focus()
      return
    }
    setBusy(true)
    setError(null)
    try {
      const { signIn } = await import('next-auth/react')
      const answer = await signIn('credentials', { email: address, password: secret, redirect: false })
      if (answer?.ok && !answer.error) {
        // The browser loads a new document, so that nothing stays in memory from the person who was signed in before.
        window.location.assign(safeCallback(callbackUrl, window.location.origin))
        return
      }
      // 500 has no words of its own, so an answer that cannot be read gets the general sentence.
      setError(explain(answer?.error, answer?.status ?? 500))
    } catch {
      setError('The server could not be reached. Check the connection and try again.')
    }
    setBusy(false)
    password.current?.select()
  }

  // The method is `post` for the case that our script does not run. The browser then sends the form itself, and GET
  // would put the password into the address bar.
  return (
    <form
      method="post"
      noValidate
      onSubmit={submit}
      className="grid gap-4"
      aria-describedby={error ? 'sign-in-error' : undefined}
    >
      <Alert id="sign-in-error" text={error} />
      <Field label="Email" id="email">
        <Input ref={email} id="email" name="email" type="email" autoComplete="username" autoFocus required tall />
      </Field>
      <Field label="Password" id="password">
        <Input
          ref={password}
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          tall
        />
      </Field>
      <Button type="submit" variant="primary" size="lg" busy={busy}>
        Sign in
      </Button>
    </form>
  )
}
