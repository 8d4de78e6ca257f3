'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { BULK_STATUSES, type BulkKind } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { BulkResult, JobFilterInput } from '@/app/_trpc/types'
import { previewOf } from './bulk-preview'
import { BULK_WORDS, countReasons, jobs, outcome } from './bulk-words'
import type { Selection } from './use-selection'

interface Props {
  kind: BulkKind
  selection: Selection
  filter: JobFilterInput
  onClose: () => void
  /** @param bulkId where it goes on in the background. */
  onDone: (bulkId: string | undefined) => void
}

/** How many it will be, before it is done to them. */
export default function BulkDialog({ kind, selection, filter: now, onClose, onDone }: Props) {
  const trpc = useTRPC()
  const { organizationId, viewer } = useScope()
  // "The last hour" goes on while somebody reads: what is counted is what is meant.
  const [filter] = useState(now)
  const onSuccess = (result: BulkResult) => {
    if (!('changed' in result)) return
    if (result.bulkId) notify.info(`${BULK_WORDS[kind].doing} ${jobs(result.matched)}`)
    else
      notify[result.changed > 0 || result.skipped.length === 0 ? 'success' : 'info'](
        outcome(kind, result.changed, countReasons(result.skipped)),
      )
    onDone(result.bulkId)
  }
  const cancel = useMutation(trpc.jobs.cancelMany.mutationOptions({ onSuccess }))
  const retry = useMutation(trpc.jobs.retryMany.mutationOptions({ onSuccess }))
  const remove = useMutation(trpc.jobs.deleteMany.mutationOptions({ onSuccess }))
  const mutation = { cancel, retry, delete: remove }[kind]

  const statuses = BULK_STATUSES[kind].filter((status) => !filter.status?.length || filter.status.includes(status))
  const ownOnly = !may(viewer, `jobs.${kind}`)
  const askCounts = selection.all && statuses.length > 0
  const own = ownOnly && viewer.userId ? { submittedById: viewer.userId } : {}
  const within = useQuery(
    trpc.jobs.count.queryOptions({ ...filter, ...own, status: statuses }, { enabled: askCounts, staleTime: 0 }),
  )
  const total = useQuery(trpc.jobs.count.queryOptions(filter, { enabled: selection.all, staleTime: 0 }))
  const uncounted = within.error ?? total.error
  const preview = previewOf({
    kind,
    selection,
    statuses,
    within: askCounts ? within.data : { count: 0, capped: false },
    total: total.data,
    failed: uncounted && messageOf(uncounted),
    ownOnly,
    userId: viewer.userId,
  })

  const { verb } = BULK_WORDS[kind]
  const many = selection.all || selection.jobs.size !== 1
  return (
    <ConfirmDialog
      title={`${verb} ${selection.all ? 'all that match' : jobs(selection.jobs.size)}?`}
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
        const { organizationId: _, ...conditions } = filter
        const which = selection.all
          ? { filter: conditions, ...(Object.keys(conditions).length === 0 ? { all: true } : {}) }
          : { jobIds: [...selection.jobs.keys()] }
        mutation.mutate({ organizationId, ...which, ...(reason ? { reason } : {}) })
      }}
      onClose={onClose}
    />
  )
}

const CONSEQUENCE: Record<BulkKind, string> = {
  cancel: 'Running ones get the signal to stop, and what waits for them ends too.',
  retry: 'They run again with the same parameters, and what died with them comes back.',
  delete: 'Their attempts, logs, results and artifacts go with them, for good.',
}
