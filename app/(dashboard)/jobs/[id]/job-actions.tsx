'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CopyPlus, Hand, PencilLine, RotateCcw, Square, Trash2 } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { may } from '@/app/_components/may'
import { notify } from '@/app/_components/notify'
import {
  isChangeable,
  isFinal,
  whyNotCancel,
  whyNotChange,
  whyNotDelete,
  whyNotRetry,
  whyNotSubmit,
} from '@/app/_components/job-status'
import { AskAboutJob, mustAsk } from '@/app/_components/requests/ask-about-job'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { Job, JobType } from '@/app/_trpc/types'

const ConfirmDialog = dynamic(() => import('@/app/_components/confirm-dialog'), { ssr: false })
const ChangeDialog = dynamic(() => import('./change-dialog'), { ssr: false })

interface Props {
  job: Job
  /** The type of the job. Undefined while it is not known, and where nobody can submit jobs of it. */
  type: JobType | undefined
  /** What is said where the type is undefined. */
  noType: string
  onChanged: () => void
  onAgain: () => void
}

/**
 * The buttons for what can be done with a job. For what a person may not do, there is a button that asks an admin, or
 * the reason why they may not.
 */
export function JobActions({ job, type, noType, onChanged, onAgain }: Props) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewerIn, me, href } = useScope()
  const [asking, setAsking] = useState<'cancel' | 'retry' | 'delete' | null>(null)
  const [changing, setChanging] = useState(false)
  const router = useRouter()

  const asMember = viewerIn(job.organizationId)
  const noCancel = me ? whyNotCancel(job, asMember) : 'Loading your role'
  const noRetry = me ? whyNotRetry(job, asMember) : 'Loading your role'
  const noChange = me ? whyNotChange(job, asMember) : 'Loading your role'
  const asksToChange = me !== undefined && noChange !== null && may(asMember, 'requests.create')
  const noDelete = me ? whyNotDelete(asMember) : 'Loading your role'
  const noAgain = !me
    ? 'Loading your role'
    : (whyNotSubmit(asMember) ??
      (type === undefined ? noType : type.enabled ? null : 'Its job type is disabled. An administrator can enable it.'))

  const onSuccess = (done: string) => (next: Job) => {
    queryClient.setQueryData(trpc.jobs.get.queryKey({ jobId: job.id }), next)
    setAsking(null)
    notify.success(done)
    onChanged()
  }
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({
      onSuccess: (next) => onSuccess(next.status === 'CANCELED' ? 'Canceled' : 'Cancel requested')(next),
      onError: onChanged,
    }),
  )
  const retry = useMutation(
    trpc.jobs.retry.mutationOptions({ onSuccess: onSuccess('Retry is on its way'), onError: onChanged }),
  )
  const remove = useMutation(
    trpc.jobs.delete.mutationOptions({
      onSuccess: () => {
        notify.success('Deleted')
        // Lists that were read earlier would still show the deleted job.
        queryClient.removeQueries({ queryKey: trpc.jobs.list.pathKey() })
        queryClient.removeQueries({ queryKey: trpc.jobs.count.pathKey() })
        router.push(href('/jobs'))
      },
      onError: onChanged,
    }),
  )
  // While nothing is asked, no dialog is open, and it does not matter which of them this is.
  const mutation = { cancel, retry, delete: remove }[asking ?? 'cancel']

  const ask = (what: 'cancel' | 'retry' | 'delete') => {
    cancel.reset()
    retry.reset()
    remove.reset()
    setAsking(what)
  }
  const canceling = job.cancelRequestedAt !== null && !isFinal(job.status)

  return (
    <>
      {isFinal(job.status) ? null : mustAsk('cancel', job, asMember) ? (
        <AskAboutJob kind="cancel" job={job} />
      ) : (
        <Button onClick={() => ask('cancel')} unavailable={noCancel} busy={canceling}>
          {canceling ? null : <Square aria-hidden />}
          {canceling ? 'Canceling…' : 'Cancel'}
        </Button>
      )}
      {/* A job that is on its way or has completed has nothing to retry. */}
      {job.status === 'RUNNING' ||
      job.status === 'QUEUED' ||
      job.status === 'PENDING' ||
      job.status === 'COMPLETED' ? null : mustAsk('retry', job, asMember) ? (
        <AskAboutJob kind="retry" job={job} />
      ) : (
        <Button onClick={() => ask('retry')} unavailable={noRetry}>
          <RotateCcw aria-hidden /> {isFinal(job.status) ? 'Retry' : 'Retry now'}
        </Button>
      )}
      {isChangeable(job.status) ? (
        <Button onClick={() => setChanging(true)} unavailable={asksToChange ? null : noChange}>
          {asksToChange ? <Hand aria-hidden /> : <PencilLine aria-hidden />} {asksToChange ? 'Ask to change' : 'Change'}
        </Button>
      ) : null}
      <Button onClick={onAgain} unavailable={noAgain}>
        <CopyPlus aria-hidden /> Run again
      </Button>
      {!isFinal(job.status) ? null : mustAsk('delete', job, asMember) ? (
        <AskAboutJob kind="delete" job={job} />
      ) : (
        <Button onClick={() => ask('delete')} unavailable={noDelete}>
          <Trash2 aria-hidden /> Delete
        </Button>
      )}
      {changing ? (
        <ChangeDialog
          job={job}
          asks={asksToChange}
          onClose={() => setChanging(false)}
          onChanged={(next) => {
            setChanging(false)
            onSuccess('Changed')(next)
          }}
        />
      ) : null}
      {asking ? (
        <ConfirmDialog
          {...TEXT[asking](job)}
          busy={mutation.isPending}
          error={mutation.error ? messageOf(mutation.error) : null}
          onConfirm={(reason) => mutation.mutate({ jobId: job.id, ...(reason ? { reason } : {}) })}
          onClose={() => setAsking(null)}
        />
      ) : null}
    </>
  )
}

const TEXT = {
  cancel: (job: Job) => ({
    title: 'Cancel this job?',
    text:
      job.status === 'RUNNING'
        ? 'Its handler gets the signal to stop and is ended if it does not. What it did so far is not undone.'
        : 'It will not run. It can be retried later.',
    confirm: 'Cancel job',
    danger: true,
  }),
  delete: () => ({
    title: 'Delete this job?',
    text: 'Its attempts, logs, history, result and artifacts go with it, for good. The audit keeps who deleted it, and why.',
    confirm: 'Delete job',
    hint: 'The reason is kept in the audit.',
    danger: true,
  }),
  retry: (job: Job) => ({
    title: isFinal(job.status) ? 'Retry this job?' : 'Retry now?',
    text: isFinal(job.status)
      ? 'It runs again with the same parameters, and its count of failures starts at zero.'
      : 'It does not wait for its planned retry, and its count of failures starts at zero.',
    confirm: isFinal(job.status) ? 'Retry job' : 'Retry now',
  }),
}
