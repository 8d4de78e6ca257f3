'use client'

import { Hand, RotateCcw } from 'lucide-react'
import Link from '@/app/_components/link'
import { Button } from '@/app/_components/button'
import { cn } from '@/app/_components/cn'
import { rowMark } from '@/app/_components/data-table/keys'
import { ErrorPattern } from '@/app/_components/error-pattern'
import { may } from '@/app/_components/may'
import { errorWords } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { Spark } from '@/app/_components/spark'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { FailingCause } from '@/app/_trpc/types'
import { diedPath, failedPath, type Span } from '@/app/_components/figures/figure-paths'
import type { OverviewTime } from './use-overview'
import { NewSince } from '../dead-letter/new-since'
import { drawerOfCause, jobsOfCause, openJobsOfCause } from '../dead-letter/paths'
import { causeWords } from './cause-words'
import { parentThatEnded } from '../jobs/parent-ended'
import { WhatEndedFirst } from './what-ended-first'
import { visible } from '@/server/engine/domain/visible'

/** The height of a row. It is fixed, so that the page moves only by whole rows when causes come and go. */
export const ROW_HEIGHT = 'h-25 md:h-13'

/**
 * A cause of failures, with the job type that fails. On a phone its parts take three lines. The large number counts
 * failed attempts. For jobs that died without an attempt, it counts the jobs (`cause.counted`).
 */
export function CauseRow({
  cause,
  time,
  circuitOpen,
  onRetry,
}: {
  cause: FailingCause
  time: OverviewTime
  /** The circuit of its job type is open, so that nothing of it runs. */
  circuitOpen: boolean
  onRetry: () => void
}) {
  const { href, organizationId, me } = useScope()
  const about = { ...cause, jobTypes: [cause.jobType] }
  const organization = organizationId ? undefined : me?.organizations.find(({ id }) => id === cause.organizationId)
  const link = 'rounded font-medium text-accent hover:underline pointer-coarse:py-2'
  // Where the page shows all organizations, a path may name that of the cause. `href` would replace it by all of them.
  const own = (path: string) => (organizationId ? href(path) : path)
  const ofCause = { jobType: cause.jobType, cause: cause.errorFingerprint }
  const parent = parentThatEnded({ fingerprint: cause.errorFingerprint, message: cause.errorMessage })
  const counted = (cause.counted === 'attempts' ? failedPath : diedPath)(spanOf(cause, time), ofCause)
  return (
    <li className={cn('flex flex-wrap content-center items-center gap-x-3 px-4 md:flex-nowrap', ROW_HEIGHT)}>
      <Link
        href={organizationId ? href(counted) : `${counted}&org=${cause.organizationId}`}
        prefetch={false}
        data-failures={cause.counted === 'attempts' ? cause.count : undefined}
        data-count={cause.counted === 'jobs' ? cause.count : undefined}
        className={cn(
          'w-12 shrink-0 rounded text-right text-lg font-semibold tabular-nums hover:underline max-md:order-3 max-md:w-auto max-md:text-base',
          cause.counted === 'attempts' ? 'text-failed' : 'text-dead',
        )}
        title={`${formatCount(cause.count)} ${cause.counted === 'attempts' ? 'failures' : 'dead jobs'}: list the jobs`}
      >
        {formatCount(cause.count)}
        <span className="sr-only"> {cause.counted === 'attempts' ? 'failures' : 'dead jobs'}</span>
      </Link>
      <Spark trend={cause.trend} dead={cause.counted === 'jobs'} className="shrink-0 max-md:order-4 max-md:w-14" />
      <div className="min-w-0 flex-1 max-md:order-1 max-md:basis-full">
        <div className="flex items-center gap-2">
          <Link
            href={own(
              cause.dead > 0
                ? drawerOfCause(about, { chosen: organizationId })
                : jobsOfCause(about, { dead: false, chosen: organizationId }),
            )}
            prefetch={false}
            {...rowMark}
            title={visible(errorWords(cause.errorMessage))}
            className="min-w-0 truncate rounded text-sm font-medium -outline-offset-2 hover:underline"
          >
            <ErrorPattern text={cause.pattern} />
          </Link>
          {cause.newSince ? <NewSince at={cause.newSince} /> : null}
        </div>
        <p className="truncate text-xs text-muted">
          <VisibleText text={cause.jobType} />
          {organization ? (
            <>
              {' · '}
              <VisibleText text={organization.name} />
            </>
          ) : null}
          {' · last '}
          <RelativeTime at={cause.lastSeenAt} />
          {' · first '}
          <RelativeTime at={cause.firstSeenAt} />
          {cause.dead > 0 ? <OpenJobs cause={cause} circuitOpen={circuitOpen} before=" · " /> : null}
        </p>
      </div>
      <div className="ml-auto flex shrink-0 items-center gap-3 text-xs max-md:order-5">
        {cause.dead > 0 ? (
          <Link
            href={own(jobsOfCause(about, { dead: true, chosen: organizationId }))}
            prefetch={false}
            className={link}
            data-count={cause.dead}
          >
            {formatCount(cause.dead)} dead
          </Link>
        ) : (
          <OpenJobs cause={cause} circuitOpen={circuitOpen} />
        )}
        {cause.dead === 0 ? null : parent ? (
          <WhatEndedFirst
            cause={cause}
            parent={parent}
            list={own(jobsOfCause(about, { dead: true, chosen: organizationId }))}
            own={own}
          />
        ) : (
          <RetryButton cause={cause} onRetry={onRetry} />
        )}
      </div>
    </li>
  )
}

/** What goes on with the jobs that are not dead. A link lists those that wait, such as for their next attempt. */
function OpenJobs({ cause, circuitOpen, before = '' }: { cause: FailingCause; circuitOpen: boolean; before?: string }) {
  const { href, organizationId } = useScope()
  const { listed, count, next, rest } = causeWords(cause, circuitOpen)
  const path = openJobsOfCause({ ...cause, jobTypes: [cause.jobType] }, { chosen: organizationId })
  if (!listed && !rest) return null
  return (
    <span className="text-muted tabular-nums">
      {before}
      {listed ? (
        <Link
          href={organizationId ? href(path) : path}
          prefetch={false}
          data-count={count}
          className="rounded hover:underline pointer-coarse:py-2"
        >
          {listed}
        </Link>
      ) : null}
      {next ? (
        <>
          , next <RelativeTime at={next} planned />
        </>
      ) : null}
      {rest ? `${listed ? ', ' : ''}${rest}` : null}
    </span>
  )
}

/**
 * The time in which the failures of a cause were counted. It is the chosen time, or all buckets of the cause's trend.
 */
function spanOf({ trend: { points, bucketSeconds } }: FailingCause, time: OverviewTime): Span {
  if ('from' in time) return time
  const [first, last] = [points[0]!.at, points.at(-1)!.at]
  return { from: first, to: new Date(Date.parse(last) + bucketSeconds * 1000).toISOString() }
}

function RetryButton({ cause, onRetry }: { cause: FailingCause; onRetry: () => void }) {
  const { viewer } = useScope()
  // A person who may not retry the jobs can ask an admin to do it.
  const asks = !may(viewer, 'jobs.retry') && may(viewer, 'requests.create')
  const label = asks ? 'Ask to retry' : 'Retry'
  return (
    <Button
      size="sm"
      aria-label={`${label} ${visible(errorWords(cause.pattern))}`}
      unavailable={asks || may(viewer, 'jobs.retry') ? null : 'Only admins of the organization retry jobs.'}
      onClick={onRetry}
    >
      {asks ? <Hand aria-hidden className="size-3.5!" /> : <RotateCcw aria-hidden className="size-3.5!" />} {label}
    </Button>
  )
}
