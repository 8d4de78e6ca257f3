import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { LinkButton } from '@/app/_components/button'
import { buttonClass } from '@/app/_components/button-class'
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from '@/app/_components/menu'
import { StatusIcon } from '@/app/_components/status-badge'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { FailingCause } from '@/app/_trpc/types'
import { firstEndWords, parentsThatEnded } from '../jobs/parent-ended'

/** So many of the dead jobs are asked which job they waited for. */
const LOOKED_AT = 100
/** So many jobs that ended first are listed. */
const LISTED = 12

interface Props {
  cause: FailingCause
  /** The job that the newest of the dead jobs waited for. */
  parent: string
  /** The address of the list of the dead jobs. Each of them names the job that it waited for. */
  list: string
  /** Puts the organization into a path where that is needed. */
  own: (path: string) => string
}

/**
 * The jobs of such a row died because a job that they waited for did not complete. They may have waited for different
 * jobs. This leads to each of these. It stands in place of a button that retries the dead ones, because a job is not
 * retried while what it waited for is dead. The retry of that one brings back those that died with it.
 */
export function WhatEndedFirst({ cause, parent, list, own }: Props) {
  const trpc = useTRPC()
  const { organizationId, jobType, errorFingerprint } = cause
  const several = cause.dead > 1
  const died = useQuery(
    trpc.jobs.list.queryOptions(
      { organizationId, jobType: [jobType], errorFingerprint, status: ['DEAD_LETTER'], limit: LOOKED_AT },
      { enabled: several, staleTime: 30_000, refetchInterval: 30_000 },
    ),
  )
  // An answer from before is kept where only one is dead now.
  const parents = several ? parentsThatEnded((died.data?.items ?? []).map(({ error }) => error)) : []
  if (parents.length > 1)
    return (
      <ManyEndedFirst parents={parents} more={Boolean(died.data?.nextCursor)} dead={cause.dead} {...{ list, own }} />
    )
  return (
    // It has its place, and cannot be pressed before it is known whether it leads to the only one.
    <span className={several && died.isPending ? 'invisible' : undefined}>
      <OneEndedFirst
        jobId={parent}
        message={cause.errorMessage}
        href={own(`/jobs/${parent}`)}
        isOnly={!several || (parents[0] === parent && !died.data?.nextCursor)}
      />
    </span>
  )
}

function OneEndedFirst({
  jobId,
  message,
  href,
  isOnly,
}: {
  jobId: string
  message: string
  href: string
  /** False where the other dead jobs could not be asked, so that they may have waited for another job. */
  isOnly: boolean
}) {
  const trpc = useTRPC()
  const { data: job, error } = useQuery(trpc.jobs.get.queryOptions({ jobId }, { staleTime: 30_000, retry: false }))
  if (refusalOf(error)?.reason === 'NOT_FOUND')
    return (
      <span
        className="text-faint"
        title={
          isOnly
            ? 'They waited for a job that did not complete. It was deleted, so they cannot run.'
            : 'The newest of them waited for a job that did not complete. It was deleted, so that one cannot run.'
        }
      >
        what ended first was deleted
      </span>
    )
  return (
    <LinkButton size="sm" href={href} title={isOnly ? undefined : 'The job that the newest of them waited for'}>
      {firstEndWords(job?.status, message)}
    </LinkButton>
  )
}

function ManyEndedFirst({
  parents,
  more,
  dead,
  list,
  own,
}: Pick<Props, 'list' | 'own'> & {
  parents: readonly string[]
  /** There are more dead jobs than were asked. They may have waited for further jobs. */
  more: boolean
  dead: number
}) {
  const router = useRouter()
  return (
    <Menu>
      <MenuTrigger className={buttonClass('secondary', 'sm')}>
        {formatCount(parents.length, more)} jobs ended first
      </MenuTrigger>
      <MenuContent align="end" className="max-w-80">
        <MenuLabel>They waited for different jobs</MenuLabel>
        {parents.slice(0, LISTED).map((jobId) => (
          <MenuItem key={jobId} onSelect={() => router.push(own(`/jobs/${jobId}`))}>
            <ParentName jobId={jobId} />
          </MenuItem>
        ))}
        {more || parents.length > LISTED ? (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => router.push(list)}>
              All {formatCount(dead)} dead jobs, each with the job it waited for
            </MenuItem>
          </>
        ) : null}
      </MenuContent>
    </Menu>
  )
}

/** It is read when the menu opens. A job that was deleted since is called so. */
function ParentName({ jobId }: { jobId: string }) {
  const trpc = useTRPC()
  const { data: job, error } = useQuery(trpc.jobs.get.queryOptions({ jobId }, { staleTime: 30_000, retry: false }))
  if (!job)
    return (
      <span className="text-muted">
        {refusalOf(error)?.reason === 'NOT_FOUND' ? 'deleted: ' : ''}
        <span className="font-mono text-xs">{jobId.slice(-8)}</span>
      </span>
    )
  return (
    <>
      <StatusIcon status={job.status} className="[animation:none]" />
      <span className="min-w-0 truncate">
        <VisibleText text={job.title} />
      </span>
      <span className="ml-auto font-mono text-2xs text-faint">{jobId.slice(-8)}</span>
    </>
  )
}
