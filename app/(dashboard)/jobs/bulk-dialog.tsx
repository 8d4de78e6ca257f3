'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { BULK_STATUSES, type BulkKind } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { notify, type NoticeLink } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { BulkResult, Forecast, JobFilterInput } from '@/app/_trpc/types'
import { previewOf } from './bulk-preview'
import { BULK_WORDS, countReasons, jobs, outcome } from './bulk-words'
import { ForecastLines } from './forecast-lines'
import { broughtBack } from './forecast-words'
import { useForecast, type Which } from './use-forecast'
import type { Selection } from './use-selection'

interface Props {
  kind: BulkKind
  selection: Selection
  filter: JobFilterInput
  /** Whose jobs they are, where the page shows all organizations at once. */
  organizationId?: string
  /** In place of "all that match": what they have in common. */
  title?: string
  about?: ReactNode
  /** Goes with the message that it was done. */
  link?: NoticeLink
  onClose: () => void
  /** @param bulkId where it goes on in the background. */
  onDone: (bulkId: string | undefined) => void
}

/** How many it will be and what to know about them, before it is done to them. */
export default function BulkDialog(props: Props) {
  const { kind, selection, filter: now, title, about, link, onClose, onDone } = props
  const trpc = useTRPC()
  const { viewer, ...scope } = useScope()
  const organizationId = props.organizationId ?? scope.organizationId
  // "The last hour" goes on while somebody reads: what is counted is what is meant.
  const [filter] = useState(now)
  const onSuccess = (result: BulkResult) => {
    if (!('changed' in result)) return
    if (result.bulkId) notify.info(`${BULK_WORDS[kind].doing} ${jobs(result.matched)}`, link)
    else
      notify[result.changed > 0 || result.skipped.length === 0 ? 'success' : 'info'](
        outcome(kind, result.changed, countReasons(result.skipped)),
        link,
      )
    onDone(result.bulkId)
  }
  const cancel = useMutation(trpc.jobs.cancelMany.mutationOptions({ onSuccess }))
  const retry = useMutation(trpc.jobs.retryMany.mutationOptions({ onSuccess }))
  const remove = useMutation(trpc.jobs.deleteMany.mutationOptions({ onSuccess }))
  const mutation = { cancel, retry, delete: remove }[kind]

  const statuses = BULK_STATUSES[kind].filter((status) => !filter.status?.length || filter.status.includes(status))
  const ownOnly = !may(viewer, `jobs.${kind}`)
  // What a retry would do only the server can tell: it looks at circuits, pauses, limits, duplicates and parents.
  const counts = selection.all && kind !== 'retry'
  const askCounts = counts && statuses.length > 0
  const own = ownOnly && viewer.userId ? { submittedById: viewer.userId } : {}
  const within = useQuery(
    trpc.jobs.count.queryOptions({ ...filter, ...own, status: statuses }, { enabled: askCounts, staleTime: 0 }),
  )
  const total = useQuery(trpc.jobs.count.queryOptions(filter, { enabled: counts, staleTime: 0 }))
  const uncounted = within.error ?? total.error
  const { organizationId: _, ...conditions } = filter
  const which: Which = selection.all
    ? { filter: conditions, ...(Object.keys(conditions).length === 0 ? { all: true } : {}) }
    : { jobIds: [...selection.jobs.keys()] }
  const forecast = useForecast(kind, organizationId, which)
  const counted = previewOf({
    kind,
    selection,
    statuses,
    within: askCounts ? within.data : { count: 0, capped: false },
    total: total.data,
    failed: uncounted && messageOf(uncounted),
    ownOnly,
    userId: viewer.userId,
  })

  const preview = kind === 'retry' ? retryPreview(forecast) : counted

  const { verb } = BULK_WORDS[kind]
  const many = selection.all || selection.jobs.size !== 1
  return (
    <ConfirmDialog
      title={title ?? `${verb} ${selection.all ? 'all that match' : jobs(selection.jobs.size)}?`}
      wide
      text={
        <>
          <span aria-live="polite">{preview.text}</span> {CONSEQUENCE[kind]}
        </>
      }
      hint={kind === 'delete' ? 'It stays with the audit.' : 'It stays with the history of each.'}
      confirm={`${verb} ${many ? 'jobs' : 'job'}`}
      danger={kind !== 'retry'}
      unavailable={preview.none}
      busy={mutation.isPending}
      error={mutation.error ? messageOf(mutation.error) : null}
      onConfirm={(reason) => {
        if (!organizationId) return
        mutation.mutate({ organizationId, ...which, ...(reason ? { reason } : {}) })
      }}
      onClose={onClose}
    >
      {about}
      {forecast.data ? <ForecastLines kind={kind} forecast={forecast.data} /> : null}
    </ConfirmDialog>
  )
}

/** What is said of a retry before it is done, and why it cannot be done at all. Nobody retries what was not foreseen. */
function retryPreview({ data, error }: { data: Forecast | undefined; error: unknown }) {
  if (data) return { text: broughtBack(data), none: data.would === 0 ? broughtBack(data) : null }
  if (error)
    return {
      text: `What a retry would do is not known: ${messageOf(error)}`,
      none: 'What it would do is not known.',
    }
  return { text: 'Looking at what a retry would do…', none: 'Looking at what it would do.' }
}

const CONSEQUENCE: Record<BulkKind, string> = {
  cancel: 'Running ones get the signal to stop, and what waits for them ends too.',
  retry: 'They run again with the same parameters, and what died with them comes back.',
  delete: 'Their attempts, logs, results and artifacts go with them, for good.',
}
