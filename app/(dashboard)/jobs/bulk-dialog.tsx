'use client'

import { useMutation } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState, type ReactNode } from 'react'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import type { BulkKind } from '@/app/_components/job-status'
import { may } from '@/app/_components/may'
import { notify, type NoticeLink } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { BulkResult, Forecast, JobFilterInput } from '@/app/_trpc/types'
import { BULK_WORDS, countReasons, jobs, outcome, receiptPath } from './bulk-words'
import { ForecastLines } from './forecast-lines'
import { broughtBack } from './forecast-words'
import { useForecast } from './use-forecast'
import { usePreview, whichOf } from './use-preview'
import type { Selection } from './use-selection'

const BulkAsk = dynamic(() => import('./bulk-ask'), { ssr: false })

interface Props {
  kind: BulkKind
  selection: Selection
  filter: JobFilterInput
  /** The organization of the jobs, where the page shows all organizations. */
  organizationId?: string
  /** A title that names what the jobs have in common, in place of "all that match". */
  title?: string
  about?: ReactNode
  /** A link in the message that reports success. It stands before the link to the receipt. */
  link?: NoticeLink
  /** Another way than to act on all the jobs at once. It stands beside the button that confirms. */
  otherWay?: ReactNode
  onClose: () => void
  /** @param bulkId the id of the bulk action, if it goes on in the background. */
  onDone: (bulkId: string | undefined) => void
}

/** Asks for confirmation of a bulk action. A person who may not do it can ask an admin to do it. */
export default function BulkDialog(props: Props) {
  const scope = useScope()
  const viewer = props.organizationId ? scope.viewerIn(props.organizationId) : scope.viewer
  const mayAll = may(viewer, `jobs.${props.kind}`)
  const mayAsk = !mayAll && may(viewer, 'requests.create')
  // Whoever may act on jobs of their own begins with these, and may ask for the others from there.
  const [asking, setAsking] = useState(mayAsk && !may(viewer, `jobs.${props.kind}`, true))
  // A filter such as "the last hour" moves on while somebody reads. The filter is kept as it was, so that the action
  // affects the jobs that were counted.
  const [filter] = useState(props.filter)
  if (asking) return <BulkAsk {...props} filter={filter} />
  return <BulkAct {...props} filter={filter} ownOnly={!mayAll} onAsk={mayAsk ? () => setAsking(true) : undefined} />
}

interface ActProps extends Props {
  ownOnly: boolean
  /** Asks an admin to act on all the jobs instead. */
  onAsk: (() => void) | undefined
}

/** The dialog before a bulk action. It shows how many jobs it affects and what else to know. */
function BulkAct(props: ActProps) {
  const { kind, selection, filter, title, about, link, otherWay, ownOnly, onAsk, onClose, onDone } = props
  const trpc = useTRPC()
  const { href, ...scope } = useScope()
  const organizationId = props.organizationId ?? scope.organizationId
  const onSuccess = (result: BulkResult) => {
    // The answer to a dry run, which this dialog never asks for here.
    if (!('changed' in result)) return
    const receipt = result.receiptId ? { label: 'Receipt', href: href(receiptPath(result.receiptId)) } : undefined
    if (result.bulkId) notify.info(`${BULK_WORDS[kind].doing} ${jobs(result.matched)}`, link, receipt)
    else
      notify[result.changed > 0 || result.skipped.length === 0 ? 'success' : 'info'](
        outcome(kind, result.changed, countReasons(result.skipped)),
        link,
        receipt,
      )
    onDone(result.bulkId)
  }
  const cancel = useMutation(trpc.jobs.cancelMany.mutationOptions({ onSuccess }))
  const retry = useMutation(trpc.jobs.retryMany.mutationOptions({ onSuccess }))
  const remove = useMutation(trpc.jobs.deleteMany.mutationOptions({ onSuccess }))
  const mutation = { cancel, retry, delete: remove }[kind]

  const which = whichOf(selection, filter)
  const forecast = useForecast(kind, organizationId, which)
  // Somebody who must stop jobs can cancel them also while they cannot be counted, and a retry brings them back. What is
  // deleted is lost, so it must be counted first.
  const uncountedToo = kind === 'cancel'
  // Nothing is counted here before a retry. Only the server can tell what a retry would do, because it looks at
  // circuits, pauses, limits, duplicates and parents.
  const counted = usePreview({ kind, selection, filter, ownOnly, skip: kind === 'retry', uncountedToo })
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
      hint={kind === 'delete' ? 'The reason is kept in the audit.' : 'The reason is kept in the history of each job.'}
      otherWay={otherWay}
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
      {onAsk ? (
        <p className="text-sm text-muted">
          You {kind} jobs that you submitted yourself.{' '}
          <button type="button" className="rounded font-medium text-accent underline" onClick={onAsk}>
            Ask an admin to {kind} {many ? 'all of them' : 'it'}
          </button>
        </p>
      ) : null}
    </ConfirmDialog>
  )
}

/**
 * What the dialog tells before a retry, and why it cannot be confirmed (`none`, null where it can). Nobody can confirm
 * a retry before its effect is known.
 */
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
