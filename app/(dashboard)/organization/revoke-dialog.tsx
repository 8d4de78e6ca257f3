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
import { WAITING_JOBS } from './key-decision'
import { UsedAt } from './used-at'

/** Revokes a key for good. If jobs of the key wait, it tells how many and asks what happens to them. */
export default function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { href } = useScope()
  const [waitingJobs, setWaitingJobs] = useState<'cancel' | 'transfer' | null>(null)
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
        if (refusalOf(error)?.reason === 'NOT_FOUND') void queryClient.invalidateQueries(keys)
      },
    }),
  )
  // Jobs may have been submitted after the count. Then the server asks what happens to them.
  const asked = refusalOf(revoke.error)?.fields.some(({ path }) => path === 'waitingJobs') ?? false
  const choose = asked || (count.waiting?.count ?? 0) > 0
  return (
    <ConfirmDialog
      title={`Revoke ${apiKey.name}?`}
      text={
        <>
          Its next call is refused, for good.{' '}
          {apiKey.lastUsedAt ? (
            <>
              It was last used <UsedAt at={apiKey.lastUsedAt} />.
            </>
          ) : (
            'It was never used.'
          )}{' '}
          <span aria-live="polite">{sentence(count)}</span>
        </>
      }
      hint="It stays with the audit."
      confirm="Revoke key"
      danger
      busy={revoke.isPending}
      unavailable={
        count.failed ??
        (!count.waiting
          ? 'The waiting jobs of the key are still being counted.'
          : choose && !waitingJobs
            ? 'Choose first what becomes of its waiting jobs.'
            : null)
      }
      error={revoke.error && !asked ? messageOf(revoke.error) : null}
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
          options={WAITING_JOBS}
          value={waitingJobs}
          onChange={setWaitingJobs}
        />
      ) : null}
    </ConfirmDialog>
  )
}

type Counted = { count: number; capped: boolean }

/** How many jobs of the key wait, and how many run. */
function useJobsOf({ id, organizationId }: ApiKey) {
  const trpc = useTRPC()
  const of = { submittedById: id, ...(organizationId ? { organizationId } : {}) }
  const fresh = { staleTime: 0 }
  const waiting = useQuery(trpc.jobs.count.queryOptions({ ...of, status: [...WAITING_STATUSES] }, fresh))
  const running = useQuery(trpc.jobs.count.queryOptions({ ...of, status: ['RUNNING'] }, fresh))
  const error = waiting.error ?? running.error
  return { waiting: waiting.data, running: running.data, failed: error && messageOf(error) }
}

function sentence({ waiting, running }: { waiting: Counted | undefined; running: Counted | undefined }): string {
  if (!waiting || !running) return 'Counting its jobs …'
  const wait =
    waiting.count === 0 ? 'No job of it waits' : `${jobs(waiting)} of it wait${waiting.count === 1 ? 's' : ''}`
  if (running.count === 0) return `${wait}.`
  return `${wait}; ${jobs(running)} run${running.count === 1 ? 's' : ''}, and go${running.count === 1 ? 'es' : ''} on.`
}

const jobs = ({ count, capped }: Counted) => `${formatCount(count, capped)} ${count === 1 ? 'job' : 'jobs'}`

/** The server counts no further than this. */
const COUNTED = 10_000
function whatBecameOfJobs(count: number, what: 'cancel' | 'transfer' | null): string {
  const are = count === 1 ? 'is' : 'are'
  const which = jobs({ count, capped: count >= COUNTED })
  return what === 'transfer' ? `${which} that waited ${are} yours now.` : `${which} that waited ${are} canceled.`
}
