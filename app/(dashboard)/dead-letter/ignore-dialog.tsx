'use client'

import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Dialog, DialogError } from '@/app/_components/dialog'
import { Field, Input, describedByNote, Textarea } from '@/app/_components/field'
import { notify } from '@/app/_components/notify'
import { Segmented } from '@/app/_components/segmented'
import { toLocalInput } from '@/app/_components/time'
import { useTRPCClient } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { DeadLetterGroup } from '@/app/_trpc/types'

const DAY_MS = 86_400_000
/** The largest number that the API accepts. */
const MOST_AN_HOUR = 1_000_000

interface Props {
  group: DeadLetterGroup
  onClose: () => void
  onDone: () => void
}

/**
 * Leaves a cause out of the list until a time, or while it happens rarely. It asks for a reason, because other people
 * will wonder.
 */
export default function IgnoreDialog({ group, onClose, onDone }: Props) {
  const client = useTRPCClient()
  const [how, setHow] = useState<'date' | 'rate'>('date')
  // It begins with the same time tomorrow, in whole minutes.
  const [until, setUntil] = useState(() => toLocalInput(new Date(Math.ceil(Date.now() / 60_000) * 60_000 + DAY_MS)))
  const [perHour, setPerHour] = useState('20')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)

  const faults = faultsOf({ how, until, perHour, reason })
  const shown = tried ? faults : {}
  const ignore = useMutation({
    mutationFn: async () => {
      // A cause is ignored for one job type at a time.
      for (const { jobType } of group.jobTypes)
        await client.deadLetters.ignore.mutate({
          organizationId: group.organizationId,
          errorFingerprint: group.errorFingerprint,
          jobType,
          ...(how === 'date' ? { until: new Date(until).toISOString() } : { perHour: Number(perHour) }),
          reason: reason.trim(),
        })
    },
    onSuccess: () => {
      notify.success('Ignored. It stands below the list, and comes back by itself')
      onDone()
    },
  })
  return (
    <Dialog
      title="Ignore this cause?"
      text="This cause is left out of the list, of the new causes and of the overview. Its jobs stay what they are."
      busy={ignore.isPending}
      onClose={onClose}
    >
      <form
        className="mt-4 grid gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          const first = Object.keys(faults)[0]
          if (first) return document.getElementById(first)?.focus()
          ignore.mutate()
        }}
      >
        <Segmented
          label="For how long"
          value={how}
          onChange={setHow}
          options={[
            { value: 'date', label: 'Until a date' },
            { value: 'rate', label: 'Until it happens more often' },
          ]}
        />
        {how === 'date' ? (
          <Field id="until" label="Until" error={shown.until}>
            <Input
              id="until"
              type="datetime-local"
              value={until}
              {...describedByNote('until', null, shown.until)}
              onChange={(event) => setUntil(event.target.value)}
            />
          </Field>
        ) : (
          <Field id="per-hour" label="More than so many an hour" error={shown['per-hour']}>
            <Input
              id="per-hour"
              inputMode="numeric"
              value={perHour}
              {...describedByNote('per-hour', null, shown['per-hour'])}
              onChange={(event) => setPerHour(event.target.value)}
            />
          </Field>
        )}
        <Field
          id="reason"
          label="Reason"
          required
          hint="The reason is shown beside the cause and kept in the audit."
          error={shown.reason}
        >
          <Textarea
            id="reason"
            rows={2}
            maxLength={500}
            value={reason}
            {...describedByNote('reason', true, shown.reason)}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        {ignore.error ? <DialogError>{messageOf(ignore.error)}</DialogError> : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Keep it in the list</Button>
          <Button type="submit" variant="primary" busy={ignore.isPending}>
            Ignore
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface Answers {
  how: 'date' | 'rate'
  until: string
  perHour: string
  reason: string
}

/** What is wrong with the answers, by the id of the field and in the order of the fields. */
function faultsOf({ how, until, perHour, reason }: Answers): Record<string, string> {
  const at = Date.parse(until)
  const rate = Number(perHour)
  return {
    ...(how === 'date' && !(at > Date.now()) ? { until: 'Choose a time that is still to come.' } : {}),
    ...(how === 'rate' && (!/^\d+$/.test(perHour.trim()) || rate > MOST_AN_HOUR)
      ? { 'per-hour': `Enter a whole number from 0 to ${MOST_AN_HOUR.toLocaleString('en')}.` }
      : {}),
    ...(reason.trim() === '' ? { reason: 'Say why, for those who find it ignored.' } : {}),
  }
}
