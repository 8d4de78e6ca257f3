import { useQuery } from '@tanstack/react-query'
import { LinkButton } from '@/app/_components/button'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import { firstEndWords } from '../jobs/parent-ended'

/**
 * In place of a retry, the job that others died with. A retry of those others is refused as long as that job has not
 * completed; its own retry brings them back. It may have been deleted since, so there may be nothing to link to.
 */
export function WhatEndedFirst({ jobId, message, href }: { jobId: string; message: string; href: string }) {
  const trpc = useTRPC()
  const { data: job, error } = useQuery(trpc.jobs.get.queryOptions({ jobId }, { staleTime: 30_000, retry: false }))
  if (refusalOf(error)?.reason === 'NOT_FOUND')
    return (
      <span
        className="text-faint"
        title="They waited for a job that did not complete. It was deleted, so they cannot run."
      >
        what ended first was deleted
      </span>
    )
  return (
    <LinkButton size="sm" href={href}>
      {firstEndWords(job?.status, message)}
    </LinkButton>
  )
}
