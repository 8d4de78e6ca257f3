'use client'

import { useMutation } from '@tanstack/react-query'
import { useRef, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import { Alert } from '../../alert'

const PASSWORD_HINT = 'At least 12 characters. A few unrelated words are fine.'

/** Asks for the name and password of a new account. The server's answer signs the person in. */
export function AcceptForm({ token, email, name }: { token: string; email: string; name: string | null }) {
  const trpc = useTRPC()
  const nameInput = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const accept = useMutation(
    trpc.members.accept.mutationOptions({
      // The browser loads a new document, because it now belongs to another person.
      onSuccess: ({ organizationId }) => window.location.replace(`/?org=${organizationId}`),
      onError: (error) => {
        const wrong = refusalOf(error)?.fields[0]?.path
        ;(wrong === 'name' ? nameInput : password).current?.focus()
      },
    }),
  )
  const refusal = refusalOf(accept.error)
  const elsewhere = refusedElsewhere(accept.error, (path) => path === 'name' || path === 'password')
  const problem = (path: string) => {
    const message = refusal?.fields.find((field) => field.path === path)?.message
    return message ? `${path === 'name' ? 'The name' : 'The password'} ${message}.` : null
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (accept.isPending) return
    accept.mutate({
      token,
      name: nameInput.current?.value.trim() || undefined,
      password: password.current?.value || undefined,
    })
  }
  return (
    <form method="post" noValidate onSubmit={submit} className="grid gap-4">
      <Alert id="invite-error" text={elsewhere} />
      {/* The browser's password manager needs this field to know the account. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      <Field label="Your name" id="name" error={problem('name')}>
        <Input
          ref={nameInput}
          id="name"
          name="name"
          defaultValue={name ?? ''}
          autoComplete="name"
          maxLength={100}
          required
          tall
          autoFocus
          {...describedByNote('name', null, problem('name'))}
        />
      </Field>
      <Field label="Password" id="password" hint={PASSWORD_HINT} error={problem('password')}>
        <Input
          ref={password}
          id="password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          tall
          {...describedByNote('password', PASSWORD_HINT, problem('password'))}
        />
      </Field>
      {/* It stays busy after the answer, until the browser has left this page. */}
      <Button type="submit" variant="primary" size="lg" busy={accept.isPending || accept.isSuccess}>
        Accept the invitation
      </Button>
    </form>
  )
}
