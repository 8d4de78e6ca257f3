'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Button } from '@/app/_components/button'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { FormError } from '@/app/_components/forms/form-error'
import { notify } from '@/app/_components/notify'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { OrganizationSettings } from '@/app/_trpc/types'

const ID = 'organization-time-zone'
/** The field, as the server names it in a refusal. */
const PATH = 'changes.timeZone'
const HINT = 'Days in reports begin and end at midnight of this time zone.'

/** The time zone of the organization's reports, found by typing a part of its name. */
export function TimeZoneForm({ settings }: { settings: OrganizationSettings }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  // As long as nobody types here, it follows the settings, which another admin may change meanwhile.
  const [typed, setTyped] = useState<string>()
  const timeZone = typed ?? settings.timeZone
  // Some browsers list UTC and some do not.
  const names = useMemo(() => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')], [])
  const update = useMutation(
    trpc.organizations.update.mutationOptions({
      onSuccess: (after, { changes: saved }) => {
        queryClient.setQueryData(trpc.organizations.get.queryKey({ organizationId: settings.id }), after)
        // What was typed since the time zone was sent stays.
        setTyped((now) => (now?.trim() === saved.timeZone ? undefined : now))
        notify.success('Saved. The next report uses it.')
      },
      onError: () => document.getElementById(ID)?.focus(),
    }),
  )
  const field = refusalOf(update.error)?.fields.find(({ path }) => path === PATH)
  const elsewhere = refusedElsewhere(update.error, (path) => path === PATH)
  const problem = field ? `The time zone ${field.message}.` : null
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!update.isPending && timeZone !== settings.timeZone)
          update.mutate({ organizationId: settings.id, changes: { timeZone: timeZone.trim() } })
      }}
    >
      <Field id={ID} label="Time zone" hint={HINT} error={problem}>
        <Input
          id={ID}
          list={`${ID}-names`}
          autoComplete="off"
          spellCheck={false}
          value={timeZone}
          onChange={(event) => setTyped(event.target.value)}
          {...describedByNote(ID, HINT, problem)}
        />
      </Field>
      <datalist id={`${ID}-names`}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {elsewhere ? <FormError>{elsewhere}</FormError> : null}
      <div>
        <Button
          type="submit"
          variant="primary"
          busy={update.isPending}
          unavailable={timeZone.trim() === settings.timeZone ? 'Nothing has been changed yet.' : null}
        >
          Save time zone
        </Button>
      </div>
    </form>
  )
}
