'use client'

import { useRef, useState, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input } from '@/app/_components/field'
import { Alert } from '../alert'
import { safeCallback } from './callback-url'
import { explain } from './explain'

export interface DemoAccount {
  email: string
  password: string
  label: string
}

/** @param given.error what a sign-in elsewhere came back with */
export function SignInForm({ callbackUrl, demo, error: given }: { callbackUrl: string | null; demo: DemoAccount[]; error: string | null }) {
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
        // A full load: nothing of the page before may survive the change of person.
        window.location.assign(safeCallback(callbackUrl, window.location.origin))
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
    <>
      {/* `post`: should the script not have run yet, nothing may reach the address bar. */}
      <form method="post" noValidate onSubmit={submit} className="grid gap-4" aria-describedby={error ? 'sign-in-error' : undefined}>
        <Alert id="sign-in-error" text={error} />
        <Field label="Email" id="email">
          <Input ref={email} id="email" name="email" type="email" autoComplete="username" autoFocus required tall />
        </Field>
        <Field label="Password" id="password">
          <Input ref={password} id="password" name="password" type="password" autoComplete="current-password" required tall />
        </Field>
        <Button type="submit" variant="primary" size="lg" busy={busy}>
          Sign in
        </Button>
      </form>
      {demo.length > 0 ? (
        <section aria-labelledby="demo" className="mt-6 border-t border-line pt-4">
          <h2 id="demo" className="text-xs font-medium text-faint">
            Demo accounts, fill in with one click
          </h2>
          <ul className="mt-2 grid gap-1">
            {demo.map((account) => (
              <li key={account.email}>
                <button
                  type="button"
                  className="flex w-full items-baseline justify-between gap-3 rounded px-2 py-1.5 text-left text-sm hover:bg-hover pointer-coarse:py-2.5"
                  onClick={() => {
                    if (email.current) email.current.value = account.email
                    if (password.current) password.current.value = account.password
                    setError(null)
                  }}
                >
                  <span className="truncate font-mono text-xs">{account.email}</span>
                  <span className="shrink-0 text-xs text-faint">{account.label}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  )
}
