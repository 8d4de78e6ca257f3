'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Choices } from '@/app/_components/choices'
import ConfirmDialog from '@/app/_components/confirm-dialog'
import { WAITING_STATUSES } from '@/app/_components/job-status'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { ApiKey } from '@/app/_trpc/types'
import { MAX_COUNTED_OF_KEY } from '@/server/engine/domain/limits'
import { WAITING_JOBS_CHOICES } from './key-decision'
import { UsedAt } from './used-at'

/**
 * Revokes a key for good. If jobs of the key wait, it tells how many and asks what happens to them. A key may have been
 * stolen, so it can be revoked also while its jobs are being counted, and where they cannot be counted.
 */
export default function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const [waitingJobs, setWaitingJobs] = useState<'cancel' | 'transfer' | null>(null)
  // The server asks what happens to waiting jobs that the count here does not know of. The question stays while the
  // call is made again.
  const [asked, setAsked] = useState(false)
  const count = useJobsOf(apiKey)
  const keys = { queryKey: trpc.apiKeys.list.queryKey() }
  const revoke = useMutation(
    trpc.apiKeys.revoke.mutationOptions({
      onSuccess: ({ jobs }) => {
        notify.success(`${apiKey.name} is revoked${jobs > 0 ? `. ${whatBecameOfJobs(jobs, waitingJobs)}` : ''}`, {
          label: 'Ended keys',
          href: href('/organization?tab=keys&keys=ended'),
        })
        void queryClient.invalidateQueries(keys)
        onClose()
      },
      onError: (error) => {
        if (asksAboutJobs(error)) setAsked(true)
        if (refusalOf(error)?.reason === 'NOT_FOUND') void queryClient.invalidateQueries(keys)
      },
    }),
  )
  const choose = asked || (count.waiting?.count ?? 0) > 0
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}?`}
      text={
        <>
          Every further call with it is refused.{' '}
          {apiKey.lastUsedAt ? (
            <>
              It was last used <UsedAt at={apiKey.lastUsedAt} />.
            </>
          ) : (
            'It was never used.'
          )}{' '}
          <span aria-live="polite">{sentence(count, asked)}</span>
        </>
      }
      hint="The reason is kept in the audit."
      confirm="Revoke key"
      danger
      busy={revoke.isPending}
      unavailable={choose && !waitingJobs ? 'Choose first what becomes of its waiting jobs.' : null}
      error={revoke.error && !asksAboutJobs(revoke.error) ? messageOf(revoke.error) : null}
      onConfirm={(reason) =>
        revoke.mutate({
          organizationId: apiKey.organizationId,
          apiKeyId: apiKey.id,
          ...(choose && waitingJobs ? { waitingJobs } : {}),
          ...(reason ? { reason } : {}),
        })
      }
      onClose={onClose}
    >
      {choose ? (
        <Choices
          legend="What becomes of its waiting jobs?"
          options={WAITING_JOBS_CHOICES}
          value={waitingJobs}
          onChange={setWaitingJobs}
        />
      ) : null}
    </ConfirmDialog>
  )
}

/** The server refused, because jobs wait and the call did not say what happens to them. */
const asksAboutJobs = (error: unknown) => refusalOf(error)?.fields.some(({ path }) => path === 'waitingJobs') ?? false

type Counted = { count: number; capped: boolean }

/** How many jobs of the key wait, and how many run. */
function useJobsOf({ id, organizationId }: ApiKey) {
  const trpc = useTRPC()
  const of = { submittedById: id, ...(organizationId ? { organizationId } : {}) }
  const fresh = { staleTime: 0 }
  const waiting = useQuery(trpc.jobs.count.queryOptions({ ...of, status: [...WAITING_STATUSES] }, fresh))
  const running = useQuery(trpc.jobs.count.queryOptions({ ...of, status: ['RUNNING'] }, fresh))
  const error = waiting.data ? running.error : waiting.error
  return { waiting: waiting.data, running: running.data, problem: error && messageOf(error) }
}

function sentence({ waiting, running, problem }: ReturnType<typeof useJobsOf>, asked: boolean): string {
  if (asked && !waiting?.count) return 'Jobs that it submitted wait.'
  if (!waiting) return problem ? `Its jobs could not be counted: ${problem}` : 'Counting its jobs …'
  const wait =
    waiting.count === 0
      ? 'No job that it submitted waits'
      : `${jobsInWords(waiting)} that it submitted wait${waiting.count === 1 ? 's' : ''}`
  if (!running) return problem ? `${wait}. Its running jobs could not be counted: ${problem}` : `${wait}.`
  if (running.count === 0) return `${wait}.`
  return `${wait}; ${jobsInWords(running)} run${running.count === 1 ? 's' : ''}, and go${running.count === 1 ? 'es' : ''} on.`
}

const jobsInWords = ({ count, capped }: Counted) => `${formatCount(count, capped)} ${count === 1 ? 'job' : 'jobs'}`

function whatBecameOfJobs(count: number, what: 'cancel' | 'transfer' | null): string {
  const are = count === 1 ? 'is' : 'are'
  const which = jobsInWords({ count, capped: count >= MAX_COUNTED_OF_KEY })
  return what === 'transfer' ? `${which} that waited ${are} yours now.` : `${which} that waited ${are} canceled.`
}
