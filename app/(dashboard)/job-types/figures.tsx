import { ArrowDown, ArrowUp, Pencil } from 'lucide-react'
import Link from '@/app/_components/link'
import { cn } from '@/app/_components/cn'
import { failedPath, runningPath, waitingPath } from '@/app/_components/figures/figure-paths'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount, formatDuration, formatPercent } from '@/app/_components/time'
import { isFailing, trendOf, type TypeRow } from './type-row'

const seconds = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : formatDuration(value * 1000)

// The link is as tall and as wide as a finger needs. It lies above the link of its row, which covers the row (`z-10`).
const LINK = 'relative z-10 inline-block min-h-6 min-w-6 rounded leading-6 tabular-nums hover:underline'

/** Jobs that wait now, for whatever they wait. A 0 is faint, so that other figures stand out. */
export function Waiting({ row: { waiting, type } }: { row: TypeRow }) {
  const { href } = useScope()
  if (waiting === undefined) return <span className="skeleton inline-block h-3.5 w-8 align-middle" />
  return (
    <Link
      href={href(waitingPath(type.name))}
      prefetch={false}
      data-count={waiting}
      aria-label={`${formatCount(waiting)} jobs of ${type.name} wait`}
      className={cn(LINK, waiting === 0 && 'text-faint')}
    >
      {formatCount(waiting)}
    </Link>
  )
}

/** In `FailureRate`, a difference of less than two percentage points does not count. */
const LEAST_RATE_APART = 0.02
/** In `RunP95`, a difference of less than this does not count. In seconds. */
const LEAST_RUN_APART = 0.05

/**
 * Which share of its attempts failed in the last day. Where that differs clearly from the week before, the week's
 * figure stands beside it.
 */
export function FailureRate({ row: { type, day, week, span } }: { row: TypeRow }) {
  const { href } = useScope()
  const trend = trendOf(day?.failureRate, week?.failureRate, LEAST_RATE_APART)
  const rate = (
    <ComparedWithBefore
      text={formatPercent(day?.failureRate)}
      before={formatPercent(week?.failureRate)}
      trend={trend}
      tone={isFailing(day) ? 'text-failed' : undefined}
    />
  )
  if (!day || !span || day.failed === 0) return rate
  return (
    <Link
      href={href(failedPath(span, { jobType: type.name }))}
      prefetch={false}
      data-failures={day.failed}
      className={LINK}
    >
      {rate}
    </Link>
  )
}

/**
 * The run time within which 95 of 100 attempts ended in the last day, compared with the week before in the same way. It
 * is calculated from sums, so it is exact within 10 %.
 */
export function RunP95({ row: { day, week } }: { row: TypeRow }) {
  const trend = trendOf(day?.run.p95, week?.run.p95, LEAST_RUN_APART)
  return (
    <ComparedWithBefore
      text={seconds(day?.run.p95)}
      before={seconds(week?.run.p95)}
      trend={trend}
      note=", within 10 %"
    />
  )
}

function ComparedWithBefore({
  text,
  before,
  trend,
  tone,
  note = '',
}: {
  text: string
  before: string
  trend: 'up' | 'down' | null
  tone?: string
  /** Stands at the end of the tooltip. */
  note?: string
}) {
  const Arrow = trend === 'up' ? ArrowUp : ArrowDown
  return (
    <span
      title={`Last 24 hours ${text}, the 7 days before ${before}${note}`}
      className="relative z-10 inline-flex items-baseline gap-1.5 tabular-nums"
    >
      {trend ? (
        <span className="inline-flex items-baseline gap-0.5 text-xs text-faint">
          <Arrow aria-hidden className="size-3 self-center" />
          <span className="sr-only">{trend === 'up' ? 'more than' : 'less than'}</span>
          {before}
        </span>
      ) : null}
      <span className={tone ?? (text === '–' ? 'text-faint' : undefined)}>{text}</span>
    </span>
  )
}

/**
 * The number of running jobs and their limit. A person who may change the limit, or ask for another, has a pencil
 * beside it (`onChange`). `full` also shows that there is no limit. Lists leave that out, because most types have none.
 * In a column the figures are aligned at the right, so the pencil stands before them. Elsewhere it stands behind them.
 */
export function RunningOfLimit({
  row,
  full,
  inColumn,
  noun,
  asks,
  onChange,
}: {
  row: TypeRow
  full?: boolean
  inColumn?: boolean
  /** Stands behind the figures, such as `running`. */
  noun?: string
  /** The pencil asks for another limit, because this person may not change it. */
  asks?: boolean
  onChange?: () => void
}) {
  const act = asks ? 'Ask for another limit' : 'Change the limit'
  const running = row.day?.running ?? 0
  const { own, shared } = row.limit
  const { href } = useScope()
  const count = (
    <Link
      href={href(runningPath(row.type.name))}
      prefetch={false}
      data-count={running}
      aria-label={`${formatCount(running)} jobs of ${row.type.name} run`}
      className={cn(LINK, own !== null && own > 0 && running >= own && 'font-medium', running === 0 && 'text-faint')}
    >
      {formatCount(running)}
    </Link>
  )
  const limit = (
    <span className="text-faint">
      {own !== null
        ? ` of ${formatCount(own)}`
        : shared !== null
          ? ` · ${formatCount(shared)} in all`
          : full
            ? ' · no limit'
            : ''}
    </span>
  )
  const title =
    own !== null
      ? `${running} run, at most ${own}`
      : shared !== null
        ? `${running} run here; at most ${shared} over all organizations`
        : `${running} run; there is no limit`
  if (!onChange)
    return (
      <span title={title} className="relative z-10 tabular-nums">
        {count}
        {limit}
        {noun ? ` ${noun}` : ''}
      </span>
    )
  return (
    <span
      className={cn(
        'group/limit relative z-10 inline-flex items-center gap-1 align-middle tabular-nums',
        inColumn && 'flex-row-reverse',
      )}
    >
      <span>
        {count}
        {limit}
        {noun ? ` ${noun}` : ''}
      </span>
      <button
        type="button"
        title={`${title}. ${act}`}
        aria-label={`${act} of ${row.type.name}: ${title}`}
        onClick={onChange}
        className="grid size-6 place-items-center rounded hover:bg-surface hover:shadow-card pointer-coarse:size-9"
      >
        <Pencil
          aria-hidden
          className={cn(
            'size-3 text-faint',
            !full && 'md:opacity-0 md:group-hover:opacity-100 md:group-focus-within/limit:opacity-100',
          )}
        />
      </button>
    </span>
  )
}
