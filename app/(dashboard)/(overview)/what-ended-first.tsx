import { useQuery } from '@tanstack/react-query'
import { LinkButton } from '@/app/_components/button'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import { firstEndWords } from '../jobs/parent-ended'

/**
 * Jobs died because a job that they waited for did not complete. This is a link to that job, in place of a button that
 * retries them: their retry would be refused, and a retry of that job brings them back. It says so where that job was
 * deleted since.
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
