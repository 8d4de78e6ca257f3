import { useQuery } from '@tanstack/react-query'
import { LinkButton } from '@/app/_components/button'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import { firstEndWords } from '../jobs/parent-ended'

/**
 * The jobs of such a row died because a job that they waited for did not complete. They may have waited for different
 * jobs. This is a link to the one that the newest of them waited for. It stands in place of a button that retries them
 * all, because a job is not retried while what it waited for is dead. The retry of that one brings back those that died
 * with it. Where that job was deleted since, this says so.
 */
export function WhatEndedFirst({ jobId, message, href }: { jobId: string; message: string; href: string }) {
  const trpc = useTRPC()
  const { data: job, error } = useQuery(trpc.jobs.get.queryOptions({ jobId }, { staleTime: 30_000, retry: false }))
  if (refusalOf(error)?.reason === 'NOT_FOUND')
    return (
      <span
        className="text-faint"
        title="The newest of them waited for a job that did not complete. It was deleted, so that one cannot run."
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
