'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { createContext, useState, type ReactNode } from 'react'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { RunningJob } from '@/app/_trpc/types'
import { isFinal, whyNotCancel } from '../job-status'
import { notify } from '../notify'
import { useScope } from '../shell/organization'
import { sinceAskedWords } from './stuck-words'

const ConfirmDialog = dynamic(() => import('../confirm-dialog'), { ssr: false })

/** How often the dialog asks how the job does. */
const EVERY_MS = 1_000

/** Opens the dialog that cancels a job which looks stuck. */
export const AskToCancel = createContext<(job: RunningJob) => void>(() => {})

/**
 * Keeps the dialog that cancels a stuck job beside the rows of a page, and not in one of them. A row goes away when its
 * job ends. The dialog then stays open and says what became of the job.
 */
export function CancelStuckDialogs({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<RunningJob | null>(null)
  return (
    <AskToCancel value={setAsked}>
      {children}
      {asked ? <CancelStuckDialog key={asked.jobId} job={asked} onClose={() => setAsked(null)} /> : null}
    </AskToCancel>
  )
}

function CancelStuckDialog({ job, onClose }: { job: RunningJob; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { viewerIn } = useScope()
  const present = useQuery(
    trpc.jobs.get.queryOptions({ jobId: job.jobId }, { staleTime: 0, refetchInterval: EVERY_MS }),
  )
  const readRowsAgain = () => {
    for (const queryKey of [trpc.metrics.stuck.pathKey(), trpc.metrics.workers.pathKey()])
      void queryClient.invalidateQueries({ queryKey })
  }
  const cancel = useMutation(
    trpc.jobs.cancel.mutationOptions({
      onSuccess: ({ status }) => {
        onClose()
        notify.success(status === 'CANCELED' ? 'Canceled' : 'Cancel requested')
        readRowsAgain()
      },
      onError: readRowsAgain,
    }),
  )
  const isGone = refusalOf(present.error)?.reason === 'NOT_FOUND'
  const status = present.data?.status ?? 'RUNNING'
  const refused = isGone
    ? 'The job is gone.'
    : whyNotCancel({ ...(present.data ?? { ...job, status }) }, viewerIn(job.organizationId))
  return (
    <ConfirmDialog
      title="Cancel this job?"
      text={<span role="status">{sinceAskedWords(isGone ? 'DELETED' : status)}</span>}
      confirm="Cancel job"
      dismiss={isGone || isFinal(status) ? 'Close' : undefined}
      danger
      busy={cancel.isPending}
      unavailable={refused}
      error={cancel.error ? messageOf(cancel.error) : null}
      onConfirm={(reason) => cancel.mutate({ jobId: job.jobId, ...(reason ? { reason } : {}) })}
      onClose={onClose}
    />
  )
}
