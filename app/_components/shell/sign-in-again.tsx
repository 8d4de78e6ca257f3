'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { explain } from '@/app/(auth)/sign-in/explain'
import { useEvents } from '@/app/_trpc/events'
import { sessionIsBack } from '@/app/_trpc/session-state'
import type { Me } from '@/app/_trpc/types'
import { Button } from '../button'
import { Dialog, DialogError, DialogFoot } from '../dialog'
import { Field, Input } from '../field'
import { leaveForSignIn } from './leave'

/**
 * How long the page waits for the password, with everything that was entered. Then it is left, so that it does not lie
 * open on an unattended desk.
 */
const WAIT_MS = 15 * 60_000

/**
 * Asks for the password over the page when the session has ended, so that nothing entered in a form is lost. Its code
 * is loaded when it is first needed.
 */
export default function SignInAgain({ me }: { me: Me }) {
  const queryClient = useQueryClient()
  const events = useEvents()
  const password = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)

  useEffect(() => {
    const timer = setTimeout(leaveForSignIn, WAIT_MS)
    return () => clearTimeout(timer)
  }, [])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const secret = password.current?.value ?? ''
    if (busy) return
    if (!secret) {
      setError('Enter your password.')
      password.current?.focus()
      return
    }
    setBusy(true)
    setError(null)
    try {
      const { signIn } = await import('next-auth/react')
      const answer = await signIn('credentials', { email: me.user.email ?? '', password: secret, redirect: false })
      if (answer?.ok && !answer.error) {
        sessionIsBack()
        events.resume()
        void queryClient.invalidateQueries()
        return
      }
      setError(explain(answer?.error, answer?.status ?? 500))
    } catch {
      setError('The server could not be reached. Check the connection and try again.')
    }
    setBusy(false)
    password.current?.select()
  }

  return (
    <Dialog
      title="Your session has ended"
      text={`Sign in again as ${me.user.email ?? me.user.name}. What you have entered here is kept for a quarter of an hour.`}
      busy={busy}
      covers
      onClose={() => {}}
    >
      <form method="post" noValidate onSubmit={submit} className="mt-4 grid gap-3">
        {/* Password managers need this hidden field. */}
        <input type="text" name="email" autoComplete="username" value={me.user.email ?? ''} readOnly hidden />
        <Field id="password-again" label="Password">
          <Input
            ref={password}
            id="password-again"
            name="password"
            type="password"
            autoComplete="current-password"
            autoFocus
            required
          />
        </Field>
        {error ? <DialogError>{error}</DialogError> : null}
        <DialogFoot>
          <Button onClick={leaveForSignIn}>Sign in another way</Button>
          <Button type="submit" variant="primary" busy={busy}>
            Sign in
          </Button>
        </DialogFoot>
      </form>
    </Dialog>
  )
}
