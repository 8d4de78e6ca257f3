'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { FormError } from '@/app/_components/forms/form-error'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { OrganizationSettings } from '@/app/_trpc/types'
import { unsaved, type Names } from './unsaved'

const SLUG_HINT = 'Small letters, digits and hyphens.'

/** Changes the name of an organization, and its short name where the person may change that. */
export function NameForm({ settings }: { settings: OrganizationSettings }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewer } = useScope()
  // `typed` holds only the fields that this person has changed. The other fields show the settings, which another admin
  // may change meanwhile.
  const [typed, setTyped] = useState<Names>({})
  const { name, slug } = { name: settings.name, slug: settings.slug, ...typed }
  const mayChangeSlug = may(viewer, 'organizations.write')
  const update = useMutation(
    trpc.organizations.update.mutationOptions({
      onSuccess: (after, { changes: saved }) => {
        queryClient.setQueryData(trpc.organizations.get.queryKey({ organizationId: settings.id }), after)
        setTyped((now) => unsaved(now, saved))
        void queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() })
        // Open pages of others read `session.me` every 30 s (shell/organization.tsx).
        notify.success(saved.name === undefined ? 'Saved.' : 'Saved. Everybody sees the new name within half a minute.')
      },
      onError: (error) => document.getElementById(idOf(refusalOf(error)?.fields[0]?.path ?? ''))?.focus(),
    }),
  )
  const refusal = refusalOf(update.error)
  const problem = (path: string, label: string) => {
    const message = refusal?.fields.find((field) => field.path === `changes.${path}`)?.message
    return message ? `${label} ${message}.` : null
  }
  const changes = {
    ...(name.trim() !== settings.name ? { name: name.trim() } : {}),
    ...(slug !== settings.slug ? { slug } : {}),
  }
  const nameProblem = problem('name', 'The name')
  const slugProblem = problem('slug', 'The short name')
  const elsewhere = refusedElsewhere(
    update.error,
    (path) => path === 'changes.name' || (mayChangeSlug && path === 'changes.slug'),
  )
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!update.isPending && Object.keys(changes).length > 0)
          update.mutate({ organizationId: settings.id, changes })
      }}
    >
      <Field id="organization-name" label="Name" error={nameProblem}>
        <Input
          id="organization-name"
          autoComplete="off"
          maxLength={100}
          value={name}
          onChange={(event) => setTyped({ ...typed, name: event.target.value })}
          {...describedByNote('organization-name', null, nameProblem)}
        />
      </Field>
      {mayChangeSlug ? (
        <Field id="organization-slug" label="Short name" hint={SLUG_HINT} error={slugProblem}>
          <Input
            id="organization-slug"
            autoComplete="off"
            maxLength={63}
            value={slug}
            onChange={(event) => setTyped({ ...typed, slug: event.target.value })}
            {...describedByNote('organization-slug', SLUG_HINT, slugProblem)}
          />
        </Field>
      ) : null}
      {elsewhere ? <FormError>{elsewhere}</FormError> : null}
      <div>
        <Button
          type="submit"
          variant="primary"
          busy={update.isPending}
          unavailable={Object.keys(changes).length === 0 ? 'Nothing has been changed yet.' : null}
        >
          Save
        </Button>
      </div>
    </form>
  )
}

const idOf = (path: string) => `organization-${path.replace('changes.', '')}`
