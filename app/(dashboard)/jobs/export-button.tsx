'use client'

import { useMutation } from '@tanstack/react-query'
import { FileDown } from 'lucide-react'
import { Button } from '@/app/_components/button'
import { whyNotSubmit } from '@/app/_components/job-status'
import { notify } from '@/app/_components/notify'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { JobFilterInput } from '@/app/_trpc/types'

/** Submits a job that writes all jobs of the list, over all its pages, to a CSV file. */
export function ExportButton({ filter, onStarted }: { filter: JobFilterInput; onStarted: (jobId: string) => void }) {
  const trpc = useTRPC()
  const { organizationId, viewer, me } = useScope()
  const submit = useMutation(
    trpc.jobs.submit.mutationOptions({
      onSuccess: ({ id }) => onStarted(id),
      onError: (error) => notify.error(messageOf(error)),
    }),
  )
  // The job exports jobs of its own organization, so its parameters name none.
  const { organizationId: _, ...parameters } = filter
  const unavailable = !organizationId
    ? 'Choose an organization first: an export holds the jobs of one.'
    : me
      ? whyNotSubmit(viewer)
      : null
  return (
    <Button
      variant="ghost"
      busy={submit.isPending}
      unavailable={unavailable}
      // Not deduplicated: the same filter may find other jobs by now.
      onClick={() =>
        organizationId && submit.mutate({ organizationId, jobType: 'export.jobs', parameters, dedupe: false })
      }
    >
      <FileDown aria-hidden /> Export CSV
    </Button>
  )
}
