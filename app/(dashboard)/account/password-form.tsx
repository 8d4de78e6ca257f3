'use client'

import { useMutation } from '@tanstack/react-query'
import { useRef, useState, type FormEvent } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { FormError } from '@/app/_components/forms/form-error'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'

const HINT = 'At least 12 characters. A few unrelated words are fine.'
type Name = 'currentPassword' | 'newPassword' | 'again'
const LABELS: Record<Name, string> = {
  currentPassword: 'The present password',
  newPassword: 'The new password',
  again: 'The repetition',
}

/**
 * Changes the password. The server checks it. The form itself only asks for the present password, and checks that
 * the new one was typed the same way twice, because the server cannot know that.
 */
export function PasswordForm({ email }: { email: string }) {
  const trpc = useTRPC()
  const form = useRef<HTMLFormElement>(null)
  // What the form itself found wrong, before it asked the server.
  const [own, setOwn] = useState<{ path: Name; message: string } | null>(null)
  const focus = (path: string | undefined) =>
    form.current?.querySelector<HTMLInputElement>(`#${path ?? 'currentPassword'}`)?.focus()
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      onSuccess: () => {
        form.current?.reset()
        notify.success('Password changed. All other sessions were signed out.')
      },
      onError: (error) => focus(refusalOf(error)?.fields[0]?.path),
    }),
  )
  const refusal = refusalOf(change.error)
  const problem = (path: Name): string | null => {
    const found = own ?? refusal?.fields.find((field) => field.path === path)
    return found?.path === path ? `${LABELS[path]} ${found.message}.` : null
  }
  const elsewhere = refusedElsewhere(change.error, (path) => path in LABELS)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (change.isPending) return
    const given = new FormData(event.currentTarget)
    const value = (name: Name) => String(given.get(name) ?? '')
    const wrong: { path: Name; message: string } | null = !value('currentPassword')
      ? { path: 'currentPassword', message: 'is required' }
      : value('again') !== value('newPassword')
        ? { path: 'again', message: 'differs from the new password' }
        : null
    setOwn(wrong)
    if (wrong) {
      change.reset()
      focus(wrong.path)
      return
    }
    change.mutate({ currentPassword: value('currentPassword'), newPassword: value('newPassword') })
  }
  const field = (id: Name, label: string, hint?: string) => (
    <Field label={label} id={id} hint={hint} error={problem(id)}>
      <Input
        id={id}
        name={id}
        type="password"
        autoComplete={id === 'currentPassword' ? 'current-password' : 'new-password'}
        required
        {...describedByNote(id, hint, problem(id))}
      />
    </Field>
  )
  return (
    <form ref={form} method="post" noValidate onSubmit={submit} className="grid gap-4">
      {/* The browser's password manager needs this field to know the account. */}
      <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
      {field('currentPassword', 'Present password')}
      {field('newPassword', 'New password', HINT)}
      {field('again', 'New password, once more')}
      {elsewhere ? <FormError>{elsewhere}</FormError> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" busy={change.isPending}>
          Change password
        </Button>
        <span className="text-xs text-faint">Signs you out everywhere else.</span>
      </div>
    </form>
  )
}
