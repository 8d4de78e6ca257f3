'use client'

import type { ReactNode } from 'react'
import Link from '@/app/_components/link'
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
 * The columns that compare organizations. The link of a row covers the whole row, so whatever can be pointed at by
 * itself stands above it (`z-10`). A test clicks every figure that has a list of jobs (`data-count`), and
 * `data-no-list` says why a number that stands alone has none (e2e/figures.spec.ts).
 */
export const platformColumns: Column<PlatformRow>[] = [
  { key: 'name', header: 'Organization', alwaysShown: true, cell: (row) => <Name row={row} /> },
  { key: 'why', header: 'Stands out by', width: 208, alwaysShown: true, cell: (row) => <Marks row={row} /> },
  {
    key: 'waiting',
    header: 'Due now',
    width: 88,
    align: 'right',
    cell: (row) => <DueNow row={row} />,
  },
  { key: 'running', header: 'Running', width: 88, align: 'right', cell: (row) => <Running row={row} /> },
  {
    key: 'slots',
    header: 'Slots / fair share',
    width: 136,
    align: 'right',
    from: 'lg',
    cell: ({ slots, outliers }) => (
      <Figure tone={outliers.includes('SLOTS') && 'text-warning'}>
        <span
          className="relative z-10"
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
    cell: ({ waitP95, outliers }) => (
      <Figure tone={outliers.includes('WAIT') && 'text-warning'}>{waitText(waitP95)}</Figure>
    ),
  },
  {
    key: 'failed',
    header: 'Failed',
    width: 80,
    align: 'right',
    cell: ({ failureRate, outliers }) => (
      <Figure tone={outliers.includes('FAILURES') && 'text-failed'}>{formatPercent(failureRate)}</Figure>
    ),
  },
  { key: 'quota', header: 'Quota', width: 168, from: 'lg', cell: (row) => <Quota row={row} /> },
]

/** The columns that a card shows with their headers, in its order. */
const CARD_FIGURES = ['slots', 'waiting', 'running', 'wait', 'failed']

/** An organization as a card, for a phone. */
export function PlatformCard({ row }: { row: PlatformRow }) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Name row={row} />
        <Marks row={row} />
      </div>
      <dl className="mt-1.5 flex flex-wrap justify-between gap-x-3 gap-y-1 text-xs">
        {CARD_FIGURES.map((key) => {
          const column = platformColumns.find((one) => one.key === key)!
          return (
            <div key={key}>
              <dt className="text-faint">{column.header}</dt>
              <dd>{column.cell(row)}</dd>
            </div>
          )
        })}
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

/** A figure. One that stands out is bold and has a colour. */
const Figure = ({ tone = false, children }: { tone?: 'text-warning' | 'text-failed' | false; children: ReactNode }) => (
  <span className={cn('tabular-nums', tone && 'font-semibold', tone)}>{children}</span>
)

/** The jobs that could run now, apart from what holds them back. No filter of the list of jobs finds just these. */
const DueNow = ({ row }: { row: PlatformRow }) => (
  <span data-no-list="no filter finds jobs that are due">
    <Figure>{formatCount(row.waiting)}</Figure>
  </span>
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
