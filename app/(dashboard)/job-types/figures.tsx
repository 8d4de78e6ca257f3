import { ArrowDown, ArrowUp, Pencil } from 'lucide-react'
import { cn } from '@/app/_components/cn'
import { formatCount, formatDuration, formatPercent } from '@/app/_components/time'
import { trendOf, type TypeRow } from './type-row'

const seconds = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : formatDuration(value * 1000)

/**
 * The share of failed attempts in the last day. Where it clearly differs from the week's, the week's figure stands
 * beside it.
 */
export function FailureRate({ row: { day, week } }: { row: TypeRow }) {
  const trend = trendOf(day?.failureRate, week?.failureRate, 0.02)
  const high = (day?.failureRate ?? 0) > 0.1
  return (
    <Compared
      text={formatPercent(day?.failureRate)}
      before={formatPercent(week?.failureRate)}
      trend={trend}
      tone={high ? 'text-dead' : undefined}
    />
  )
}

/** The time below which 95 of 100 attempts stayed, shown in the same way. */
export function RunP95({ row: { day, week } }: { row: TypeRow }) {
  const trend = trendOf(day?.run.p95, week?.run.p95, 0.05)
  return <Compared text={seconds(day?.run.p95)} before={seconds(week?.run.p95)} trend={trend} />
}

function Compared({
  text,
  before,
  trend,
  tone,
}: {
  text: string
  before: string
  trend: 'up' | 'down' | null
  tone?: string
}) {
  const Arrow = trend === 'up' ? ArrowUp : ArrowDown
  return (
    <span
      title={`Last 24 hours ${text}, last 7 days ${before}`}
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
 * The number of running jobs and their limit. A person who may change the limit does so with a click on it. `full` also
 * shows that there is no limit. Lists leave that out, because most types have none.
 */
export function RunningOfLimit({ row, full, onChange }: { row: TypeRow; full?: boolean; onChange?: () => void }) {
  const running = row.day?.running ?? 0
  const { most, shared } = row.limit
  const text = (
    <>
      <span
        className={cn(most !== null && most > 0 && running >= most && 'font-medium', running === 0 && 'text-faint')}
      >
        {formatCount(running)}
      </span>
      <span className="text-faint">
        {most !== null
          ? ` of ${formatCount(most)}`
          : shared !== null
            ? ` · ${formatCount(shared)} in all`
            : full
              ? ' · no limit'
              : ''}
      </span>
    </>
  )
  const title =
    most !== null
      ? `${running} run, at most ${most}`
      : shared !== null
        ? `${running} run here; at most ${shared} over all organizations`
        : `${running} run; there is no limit`
  if (!onChange)
    return (
      <span title={title} className="relative z-10 tabular-nums">
        {text}
      </span>
    )
  return (
    <button
      type="button"
      title={`${title}. Change the limit`}
      aria-label={`Change the limit of ${row.type.name}: ${title}`}
      onClick={onChange}
      className="group/limit relative z-10 -mx-1.5 inline-flex items-center gap-1.5 rounded px-1.5 py-0.5 align-middle tabular-nums hover:bg-surface hover:shadow-card pointer-coarse:py-2"
    >
      <Pencil
        aria-hidden
        className={cn(
          'size-3 text-faint',
          !full && 'md:opacity-0 md:group-hover:opacity-100 md:group-focus-visible/limit:opacity-100',
        )}
      />
      <span>{text}</span>
    </button>
  )
}
