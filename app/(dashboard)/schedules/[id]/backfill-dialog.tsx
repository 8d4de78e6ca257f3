'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { Field, Input, describedByNote } from '@/app/_components/field'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { fromZoneInput, toZoneInput } from '@/app/_components/zone-time'
import { useTRPC, useTRPCClient } from '@/app/_trpc/client'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { Forecast, Schedule } from '@/app/_trpc/types'
import { useSettled } from '../../job-types/editor/use-settled'
import { SKIPPED, type SkipReason } from '../../jobs/bulk-words'

/** The runs are counted once what was typed has stayed the same for this long. */
const SETTLED_MS = 300

/** Chooses a past period, shows how many runs it comes to, and submits them. */
export default function BackfillDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const router = useRouter()
  const { href } = useScope()
  const { timeZone } = schedule
  const [from, setFrom] = useState(() => toZoneInput(Date.now() - 7 * 86_400_000, timeZone))
  const [to, setTo] = useState(() => toZoneInput(Date.now(), timeZone))
  const period = useSettled(periodOf(schedule, from, to), SETTLED_MS)
  // A dry run changes nothing, so it is read like a query. In the API it is a mutation, because it shares its procedure
  // with the real one.
  const forecast = useQuery({
    queryKey: ['backfill', period],
    queryFn: async () => (await client.schedules.backfill.mutate({ ...period!, dryRun: true })) as Forecast,
    enabled: period !== null,
  })
  const start = useMutation(
    trpc.schedules.backfill.mutationOptions({
      onSuccess: (result) => {
        void queryClient.invalidateQueries({ queryKey: trpc.schedules.pathKey() })
        if ('receiptId' in result && result.receiptId) router.push(href(`/bulk/${result.receiptId}`))
        else {
          notify.info('Nothing was planned in this period.')
          onClose()
        }
      },
    }),
  )
  const current = periodOf(schedule, from, to)
  // The count on the screen may still be that of the period before the last change.
  const counted = JSON.stringify(period) === JSON.stringify(current)
  const wrong = current === null ? 'Give both times.' : forecast.error ? messageOf(forecast.error) : null
  const would = forecast.data?.would
  return (
    <ConfirmDialog
      title={`Backfill ${schedule.name}`}
      text="Submits the runs that this schedule would have had in a past period. They have its present parameters and no spread. Planned times that have a job already are left out."
      confirm={would === undefined ? 'Submit' : `Submit ${would.toLocaleString('en')} ${would === 1 ? 'run' : 'runs'}`}
      hint="The reason is kept in the audit."
      dismiss="Cancel"
      wide
      busy={start.isPending}
      unavailable={
        wrong ??
        (would === 0
          ? 'There is nothing to submit in this period.'
          : would === undefined || !counted
            ? 'Counting …'
            : null)
      }
      error={start.error ? messageOf(start.error) : null}
      onConfirm={(reason) => current && start.mutate({ ...current, reason })}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <Field id="backfill-from" label="From" hint={`By the clock of ${timeZone}, as the schedule.`}>
          <Input
            id="backfill-from"
            type="datetime-local"
            value={from}
            {...describedByNote('backfill-from', true, null)}
            onChange={(event) => setFrom(event.target.value)}
          />
        </Field>
        <Field id="backfill-to" label="To">
          <Input id="backfill-to" type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />
        </Field>
      </div>
      <div aria-live="polite" className="text-sm">
        {wrong ? (
          <p className="text-danger">
            {wrong} {/* Counting again helps against a passing error, and not where the period itself is wrong. */}
            {forecast.error && refusalOf(forecast.error)?.reason !== 'INVALID_INPUT' ? (
              <Button size="sm" busy={forecast.isFetching} onClick={() => void forecast.refetch()}>
                Count again
              </Button>
            ) : null}
          </p>
        ) : forecast.data ? (
          <Preview forecast={forecast.data} />
        ) : (
          <span className="skeleton block h-5 w-2/3" />
        )}
      </div>
    </ConfirmDialog>
  )
}

function Preview({ forecast: { matched, would, skipped, warnings } }: { forecast: Forecast }) {
  return (
    <>
      <p>
        {matched.toLocaleString('en')} {matched === 1 ? 'run was' : 'runs were'} planned;{' '}
        <span className="font-medium">{would.toLocaleString('en')} would be submitted</span>
        {skipped
          .map(({ reason, count }) => `, ${count.toLocaleString('en')} ${SKIPPED[reason as SkipReason]}`)
          .join('')}
        .
      </p>
      {warnings.map(({ code, message }) => (
        <p key={code} className="mt-1 text-muted">
          {message}
        </p>
      ))}
    </>
  )
}

/** The period between the two times. Null while one of the fields is empty or unreadable. */
function periodOf(
  { id, timeZone }: Schedule,
  from: string,
  to: string,
): { scheduleId: string; from: string; to: string } | null {
  const [start, end] = [fromZoneInput(from, timeZone), fromZoneInput(to, timeZone)]
  if (start === null || end === null) return null
  return { scheduleId: id, from: new Date(start).toISOString(), to: new Date(end).toISOString() }
}
