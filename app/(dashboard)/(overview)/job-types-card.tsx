'use client'

import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { useScope } from '@/app/_components/shell/organization'
import { ErrorState } from '@/app/_components/page/states'
import { formatCount, formatDuration, formatPercent } from '@/app/_components/time'
import type { TypeMetrics, WaitingSummary } from '@/app/_trpc/types'
import { completedPath, failedPath, waitingPath, type Span } from '@/app/_components/figures/figure-paths'
import { byFailures } from './type-order'

/** The most job types that fit beside the charts. Those with the fewest failures are left out. */
const SHOWN = 8
/** Above this share of failed attempts, the figure stands out. */
const HIGH_FAILURE_RATE = 0.1

/**
 * Up to eight job types with their figures, those with the most failures first. `data-count` and `data-failures` are
 * read by e2e/figures.spec.ts, which opens each figure and counts.
 */
export function JobTypesCard({
  types,
  time,
  waiting,
  error,
  onRetry,
  rangeName,
}: {
  types: TypeMetrics[] | undefined
  /** The time that the figures cover. */
  time: Span | undefined
  /** How many jobs of each type wait now. */
  waiting: WaitingSummary['byJobType'] | undefined
  error: unknown
  onRetry: () => void
  rangeName: string
}) {
  const shown = types && time && byFailures(types).slice(0, SHOWN)
  return (
    <Card id="job-types" title="Job types" note={`${rangeName}, most failures first`} padded={false}>
      {error && !types ? (
        <ErrorState compact error={error} onRetry={onRetry} />
      ) : !shown ? (
        <Skeleton />
      ) : shown.length === 0 ? (
        <p className="p-4 text-sm text-muted">Nothing was submitted or ended in this range.</p>
      ) : (
        <table className="w-full table-fixed text-sm">
          <thead className="text-xs text-faint">
            <tr>
              <Head>Job type</Head>
              <Head className="w-24 max-sm:hidden">Completed</Head>
              <Head className="w-20">Failures</Head>
              <Head className="w-20">Of all</Head>
              <Head className="w-24 max-md:hidden">Waiting now</Head>
              <Head className="w-24 max-md:hidden">Wait p95</Head>
              <Head className="w-24 max-sm:hidden">Run p95</Head>
            </tr>
          </thead>
          <tbody>
            {shown.map((type) => (
              <TypeRow key={type.jobType} type={type} time={time!} waiting={waiting?.[type.jobType] ?? 0} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}

/** As high as the head and the rows of the table that will come. */
const Skeleton = () => (
  <div aria-hidden>
    <div className="h-7" />
    {Array.from({ length: SHOWN }, (_, row) => (
      <div key={row} className="flex h-8.25 items-center gap-4 border-t border-line px-4">
        <span className="skeleton block h-3.5 flex-1" />
        <span className="skeleton block h-3.5 w-10" />
        <span className="skeleton block h-3.5 w-10" />
      </div>
    ))}
  </div>
)

const Head = ({ className, children }: { className?: string; children: string }) => (
  <th scope="col" className={cn('px-2 py-1.5 text-right font-medium first:pl-4 first:text-left last:pr-4', className)}>
    {children}
  </th>
)

function TypeRow({ type, time, waiting }: { type: TypeMetrics; time: Span; waiting: number }) {
  const { href } = useScope()
  const duration = (seconds: number | null) => (seconds === null ? '–' : formatDuration(seconds * 1000))
  const cell = 'px-2 py-1.5 text-right'
  const link = 'rounded hover:underline pointer-coarse:py-1'
  return (
    <tr className="border-t border-line tabular-nums hover:bg-hover">
      <th scope="row" className="truncate py-1.5 pr-2 pl-4 text-left font-medium">
        <Link
          href={href(`/jobs?type=${encodeURIComponent(type.jobType)}`)}
          prefetch={false}
          className="rounded -outline-offset-2 hover:underline"
        >
          {type.jobType}
        </Link>
      </th>
      <td className={cn(cell, 'text-muted max-sm:hidden')}>
        <Link href={href(completedPath(time, type))} prefetch={false} data-count={type.completed} className={link}>
          {formatCount(type.completed)}
        </Link>
      </td>
      <td className={cn(cell, type.failed > 0 ? 'text-failed' : 'text-faint')}>
        <Link href={href(failedPath(time, type))} prefetch={false} data-failures={type.failed} className={link}>
          {formatCount(type.failed)}
        </Link>
      </td>
      <td
        className={cn(
          cell,
          'max-sm:pr-4',
          type.failureRate !== null && type.failureRate > HIGH_FAILURE_RATE ? 'text-failed' : 'text-muted',
        )}
      >
        {formatPercent(type.failureRate)}
      </td>
      <td className={cn(cell, 'text-muted max-md:hidden')}>
        <Link href={href(waitingPath(type.jobType))} prefetch={false} data-count={waiting} className={link}>
          {formatCount(waiting)}
        </Link>
      </td>
      <td className={cn(cell, 'text-muted max-md:hidden')}>{duration(type.wait.p95)}</td>
      <td className={cn(cell, 'pr-4 text-muted max-sm:hidden')}>{duration(type.run.p95)}</td>
    </tr>
  )
}
