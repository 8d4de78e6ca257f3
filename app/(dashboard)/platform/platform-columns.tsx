'use client'

import Link from 'next/link'
import { cn } from '@/app/_components/cn'
import type { Column } from '@/app/_components/data-table/columns'
import { rowLink } from '@/app/_components/data-table/keys'
import { UNFINISHED_STATUSES } from '@/app/_components/job-status'
import { ProgressBar } from '@/app/_components/progress-bar'
import { formatCount, formatPercent } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { PlatformRow } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { MARK_LABEL, markReason, slotsText, waitText, type OutlierMark } from './outlier-words'

const scoped = (path: string, { organizationId }: PlatformRow) =>
  `${path}${path.includes('?') ? '&' : '?'}org=${organizationId}`

/**
 * The columns that compare organizations, in the order in which somebody looks for them. The link of a row covers the
 * whole row, so whatever can be pointed at by itself stands above it (`z-10`).
 */
export const platformColumns: Column<PlatformRow>[] = [
  { key: 'name', header: 'Organization', alwaysShown: true, cell: (row) => <Name row={row} /> },
  { key: 'why', header: 'Stands out by', width: 208, alwaysShown: true, cell: (row) => <Marks row={row} /> },
  {
    key: 'waiting',
    header: 'Waiting',
    width: 88,
    align: 'right',
    // No filter finds the jobs that could run now.
    cell: ({ waiting }) => (
      <span data-no-list="due">
        <Figure>{formatCount(waiting)}</Figure>
      </span>
    ),
  },
  { key: 'running', header: 'Running', width: 88, align: 'right', cell: (row) => <Running row={row} /> },
  {
    key: 'slots',
    header: 'Slots / fair share',
    width: 136,
    align: 'right',
    from: 'lg',
    cell: ({ slots, outliers }) => (
      <Figure bad={outliers.includes('SLOTS')}>
        <span
          title={
            slots ? `In the queue ${slots.queue === 'ISOLATED' ? 'of isolated jobs' : 'of in-thread jobs'}` : undefined
          }
        >
          {slotsText(slots)}
        </span>
      </Figure>
    ),
  },
  {
    key: 'wait',
    header: 'Wait p95',
    width: 88,
    align: 'right',
    cell: ({ waitP95, outliers }) => <Figure bad={outliers.includes('WAIT')}>{waitText(waitP95)}</Figure>,
  },
  {
    key: 'failed',
    header: 'Failed',
    width: 80,
    align: 'right',
    cell: ({ failureRate, outliers }) => (
      <Figure bad={outliers.includes('FAILURES') && 'text-failed'}>{formatPercent(failureRate)}</Figure>
    ),
  },
  { key: 'quota', header: 'Quota', width: 168, from: 'lg', cell: (row) => <Quota row={row} /> },
]

/** An organization as a card, for a phone. */
export function PlatformCard({ row }: { row: PlatformRow }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Name row={row} />
        <Marks row={row} />
      </div>
      <dl className="mt-1.5 flex flex-wrap justify-between gap-x-3 gap-y-1 text-xs">
        {(
          [
            ['Slots', slotsText(row.slots), row.outliers.includes('SLOTS')],
            ['Waiting', formatCount(row.waiting), false],
            ['Running', formatCount(row.running), false],
            ['Wait p95', waitText(row.waitP95), row.outliers.includes('WAIT')],
            ['Failed', formatPercent(row.failureRate), row.outliers.includes('FAILURES') && 'text-failed'],
          ] as const
        ).map(([name, value, bad]) => (
          <div key={name}>
            <dt className="text-faint">{name}</dt>
            <dd data-no-list="as in the table">
              <Figure bad={bad}>{value}</Figure>
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-1.5">
        <Quota row={row} />
      </div>
    </>
  )
}

function Name({ row }: { row: PlatformRow }) {
  return (
    <>
      <Link {...rowLink} href={scoped('/', row)} prefetch={false} className={cn(rowLink.className, 'font-medium')}>
        <VisibleText text={row.name} />
      </Link>
      {row.status === 'SUSPENDED' ? <State>suspended</State> : null}
      {row.paused ? <State>paused</State> : null}
    </>
  )
}

const State = ({ children }: { children: string }) => <span className="ml-1.5 text-xs text-warning">{children}</span>

function Marks({ row }: { row: PlatformRow }) {
  if (row.outliers.length === 0) return <span className="text-faint max-md:hidden">–</span>
  return (
    <span className="flex flex-wrap gap-1">
      {row.outliers.map((mark: OutlierMark) => (
        <span
          key={mark}
          title={markReason(mark, row)}
          className="relative z-10 rounded-full bg-warning-soft px-1.5 py-0.5 text-xs whitespace-nowrap text-warning"
        >
          {MARK_LABEL[mark]}
        </span>
      ))}
    </span>
  )
}

/** A figure that stands out says so in bold, in its own colour or in that of a warning. */
const Figure = ({ bad = false, children }: { bad?: boolean | string; children: React.ReactNode }) => (
  <span className={cn('tabular-nums', bad && 'font-semibold', bad === true ? 'text-warning' : bad)}>{children}</span>
)

function Running({ row }: { row: PlatformRow }) {
  return (
    <Link
      href={scoped('/jobs?status=RUNNING', row)}
      prefetch={false}
      aria-label={`${formatCount(row.running)} running in ${visible(row.name)}: list them`}
      className="relative z-10 rounded tabular-nums hover:underline"
      data-count={row.running}
    >
      {formatCount(row.running)}
    </Link>
  )
}

/** How much of its limit of unfinished jobs an organization uses. */
function Quota({ row }: { row: PlatformRow }) {
  const { unfinished, maxUnfinished, quotaUse, outliers } = row
  const near = outliers.includes('QUOTA')
  const text = quotaUse === null ? `${formatCount(unfinished)}, no limit` : formatPercent(quotaUse)
  return (
    <span className="flex items-center gap-2">
      <Link
        href={scoped(`/jobs?status=${UNFINISHED_STATUSES.join(',')}`, row)}
        prefetch={false}
        aria-label={`${text}: ${formatCount(unfinished)} unfinished jobs in ${visible(row.name)}, list them`}
        data-count={unfinished}
        title={maxUnfinished === null ? 'No limit' : `${formatCount(unfinished)} of ${formatCount(maxUnfinished)}`}
        className={cn(
          'relative z-10 shrink-0 rounded text-xs tabular-nums hover:underline',
          quotaUse !== null && 'w-12',
          near ? 'text-warning' : 'text-muted',
        )}
      >
        {text}
      </Link>
      {quotaUse === null ? null : (
        <ProgressBar
          value={Math.min(100, Math.floor(quotaUse * 100))}
          label={`Quota of ${visible(row.name)}`}
          tone={near ? 'bg-bar-warning' : 'bg-running'}
          className="min-w-8 flex-1"
        />
      )}
    </span>
  )
}
