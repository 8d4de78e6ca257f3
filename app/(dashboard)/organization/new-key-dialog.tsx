'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type RefObject } from 'react'
import { Button } from '@/app/_components/button'
import { Choices } from '@/app/_components/choices'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote, Select } from '@/app/_components/field'
import { formatDay } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import { expiryOf, LIFETIMES, type Lifetime } from './key-state'
import { KEY_ROLES, type OrgRole } from './roles'
import { TheKey } from './the-key'

interface Props {
  /** Null means a key of the platform. */
  organizationId: string | null
  /** The button that makes a key. It gets the focus when the dialog closes and a link had opened it. */
  home: RefObject<HTMLElement | null>
  onClose: () => void
}

/** The fields at which a refusal can be shown, as the first words of its sentence. */
const LABELS: Record<string, string> = {
  name: 'The name',
  expiresAt: 'The expiry',
  callsPerSecond: 'The number of calls',
}
const CALLS_HINT = 'Optional. 100 where nothing is said; at most 10,000.'
const NAME_HINT = 'Which service uses it. Its jobs carry this name.'

/** Creates a key and shows it only once. The choices that most services need are already made, so a name is enough. */
export default function NewKeyDialog({ organizationId, home, onClose }: Props) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const [role, setRole] = useState<OrgRole>('OPERATOR')
  const [lifetime, setLifetime] = useState<Lifetime>('365')
  const [calls, setCalls] = useState('')
  // Only for the hint below the lifetime, so that it stays the same while the dialog is open.
  const [openedAt] = useState(() => Date.now())
  const create = useMutation(
    trpc.apiKeys.create.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries({ queryKey: trpc.apiKeys.list.queryKey() }),
      onError: (error) => document.getElementById(refusalOf(error)?.fields[0]?.path ?? '')?.focus(),
    }),
  )
  if (create.data) return <TheKey made={create.data} home={home} onClose={onClose} />

  const fields = refusalOf(create.error)?.fields ?? []
  const problem = (path: string) => {
    const message = fields.find((field) => field.path === path)?.message
    return message ? `${LABELS[path]} ${message}.` : null
  }
  const elsewhere = refusedElsewhere(create.error, (path) => path in LABELS)
  const expiresAt = expiryOf(lifetime, openedAt)
  const lifetimeHint = expiresAt
    ? `On ${formatDay(Date.parse(expiresAt))} it stops working: replace it before.`
    : 'It works until somebody revokes it.'
  return (
    <Dialog
      title="New API key"
      text={
        organizationId === null
          ? 'A service or a script gets in by it, as a system admin of every organization.'
          : 'A service or a script gets in by it, to this organization only.'
      }
      busy={create.isPending}
      home={home}
      onClose={onClose}
    >
      <form
        className="mt-4 grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (create.isPending) return
          create.mutate({
            organizationId,
            name: name.trim(),
            role: organizationId === null ? 'SYSTEM_ADMIN' : role,
            expiresAt: expiryOf(lifetime, Date.now()),
            ...(calls.trim() ? { callsPerSecond: Number(calls) } : {}),
          })
        }}
      >
        <Field id="name" label="Name" required hint={NAME_HINT} error={problem('name')}>
          <Input
            id="name"
            autoComplete="off"
            autoFocus
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            {...describedByNote('name', NAME_HINT, problem('name'))}
          />
        </Field>
        {organizationId === null ? null : <Choices legend="Role" options={KEY_ROLES} value={role} onChange={setRole} />}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field id="expiresAt" label="Expires after" hint={lifetimeHint} error={problem('expiresAt')}>
            <Select
              id="expiresAt"
              value={lifetime}
              onChange={(event) => setLifetime(event.target.value as Lifetime)}
              {...describedByNote('expiresAt', lifetimeHint, problem('expiresAt'))}
            >
              {LIFETIMES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field id="callsPerSecond" label="Calls a second" hint={CALLS_HINT} error={problem('callsPerSecond')}>
            <Input
              id="callsPerSecond"
              inputMode="numeric"
              autoComplete="off"
              placeholder="100"
              value={calls}
              onChange={(event) => setCalls(event.target.value)}
              {...describedByNote('callsPerSecond', CALLS_HINT, problem('callsPerSecond'))}
            />
          </Field>
        </div>
        {elsewhere ? <DialogError>{elsewhere}</DialogError> : null}
        <div className="mt-1 flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={create.isPending}>
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
