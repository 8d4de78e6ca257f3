'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { notify } from '@/app/_components/notify'
import { formatCount } from '@/app/_components/time'
import { useAsk } from '@/app/_components/requests/use-ask'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf, refusedElsewhere } from '@/app/_trpc/refusal'
import type { OrganizationSettings } from '@/app/_trpc/types'
import type { LimitKind } from './limit-kinds'

interface Props {
  kind: LimitKind
  settings: OrganizationSettings
  /** How many jobs count towards the limit now. Null while it is not known. */
  used: number | null
  /** This person may not change the limit, and asks the system admins for another one. */
  asks: boolean
  onClose: () => void
}

/** Changes a limit of an organization, or asks for another one. An empty field means no limit. */
export default function LimitDialog({ kind, settings, used, asks, onClose }: Props) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const before = settings[kind.field]
  const [text, setText] = useState(before === null ? '' : String(before))
  const update = useMutation(
    trpc.organizations.update.mutationOptions({
      onSuccess: (after) => {
        queryClient.setQueryData(trpc.organizations.get.queryKey({ organizationId: settings.id }), after)
        notify.success(`${kind.title}: ${limitText(after[kind.field])}`)
        onClose()
      },
    }),
  )
  const ask = useAsk(onClose)
  const sending = asks ? ask : update
  const limit = text.trim() === '' ? null : Number(text)
  // Both calls take the limit by the same name, in `changes` or in `limits`.
  const isLimit = (path: string) => path.split('.').at(-1) === kind.field
  const refused = refusalOf(sending.error)?.fields.find(({ path }) => isLimit(path))?.message
  const unreadable = limit !== null && !Number.isInteger(limit) ? 'Give a whole number, or nothing.' : null
  const problem = unreadable ?? (refused ? `It ${refused}.` : null)
  const hint = effectOfLimit(kind, limit, used)
  return (
    <ConfirmDialog
      title={asks ? `Ask for another limit of ${kind.title.toLowerCase()}?` : `Limit of ${kind.title.toLowerCase()}`}
      text={`${settings.name} has ${limitText(before)} now. ${asks ? 'System admins see what you ask for, and decide.' : 'The new one counts from the next job on; what runs goes on.'}`}
      hint={
        asks ? 'Whoever decides reads the reason, and it is kept in the audit.' : 'The reason is kept in the audit.'
      }
      needsReason={asks}
      confirm={asks ? 'Ask for it' : 'Change limit'}
      busy={sending.isPending}
      unavailable={unreadable ?? (limit === before ? 'This is the limit already.' : null)}
      error={refusedElsewhere(sending.error, isLimit)}
      onConfirm={(reason) =>
        asks
          ? ask.mutate({
              kind: 'CHANGE_LIMIT',
              organizationId: settings.id,
              limits: { [kind.field]: limit },
              reason: reason ?? '',
            })
          : update.mutate({
              organizationId: settings.id,
              changes: { [kind.field]: limit },
              ...(reason ? { reason } : {}),
            })
      }
      onClose={onClose}
    >
      <Field id="limit" label="Limit" hint={hint} error={problem}>
        <Input
          id="limit"
          inputMode="numeric"
          autoComplete="off"
          autoFocus
          placeholder="No limit"
          value={text}
          onChange={(event) => {
            // A refusal of the number before says nothing about this one.
            if (sending.error) sending.reset()
            setText(event.target.value)
          }}
          {...describedByNote('limit', hint, problem)}
        />
      </Field>
    </ConfirmDialog>
  )
}

const limitText = (limit: number | null) => (limit === null ? 'no limit' : `a limit of ${formatCount(limit)}`)

/** What the limit will do, judged by the present numbers. */
function effectOfLimit({ full, none }: LimitKind, limit: number | null, used: number | null): string {
  if (limit === null) return 'Empty: there is no limit.'
  if (limit === 0) return none
  if (used !== null && used >= limit) return `${formatCount(used)} are there now. ${full}`
  return 'Leave it empty for no limit; 0 admits nothing.'
}
