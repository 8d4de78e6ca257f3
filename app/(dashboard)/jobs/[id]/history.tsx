'use client'

import { PencilLine } from 'lucide-react'
import { ErrorState } from '@/app/_components/page/states'
import { STATUS_META } from '@/app/_components/job-status'
import { StatusIcon } from '@/app/_components/status-badge'
import { formatClock, formatBoth, formatDayNear } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import type { HistoryItem } from '@/app/_trpc/types'
import { Prose } from './prose'
import { VisibleText } from '@/app/_components/visible-text'

/** The present time decides only whether a date has its year. So it is looked at once in an hour. */
const HOUR_MS = 3_600_000

/** Somebody changed the job while it waited. Its status stayed the same. */
const isChange = ({ fromStatus, toStatus }: HistoryItem) => fromStatus === toStatus

/** Every transition and every change of a job, oldest first. Each entry tells what happened, when, by whom and why. */
export function History({
  items,
  titles,
  error,
  onRetry,
}: {
  items: HistoryItem[] | undefined
  /** The titles of other jobs that the messages may mention. */
  titles: ReadonlyMap<string, string>
  error: unknown
  onRetry: () => void
}) {
  const now = useNow(HOUR_MS)
  if (!items)
    return error ? <ErrorState compact error={error} onRetry={onRetry} /> : <span className="skeleton block h-24" />
  return (
    <ol className="max-h-112 overflow-y-auto" tabIndex={0} aria-label="Transitions, oldest first">
      {items.map((item, i) => {
        const newDay = i === 0 || new Date(item.at).toDateString() !== new Date(items[i - 1]!.at).toDateString()
        return (
          <li key={i} className="relative flex gap-2.5 pb-3 last:pb-0">
            {i < items.length - 1 ? (
              <span aria-hidden className="absolute top-5 bottom-0 left-2 w-px -translate-x-1/2 bg-line" />
            ) : null}
            {isChange(item) ? (
              <PencilLine aria-hidden className="mt-0.5 size-4 shrink-0 bg-surface text-faint" />
            ) : (
              <StatusIcon status={item.toStatus} className="mt-0.5 [animation:none]" />
            )}
            <div className="min-w-0 flex-1 text-sm">
              <div className="flex items-baseline justify-between gap-2">
                <span className="font-medium">{isChange(item) ? 'Changed' : STATUS_META[item.toStatus].label}</span>
                <time
                  dateTime={item.at}
                  title={formatBoth(Date.parse(item.at))}
                  className="shrink-0 font-mono text-xs text-faint"
                >
                  {newDay ? `${formatDayNear(Date.parse(item.at), now)} ` : ''}
                  {formatClock(Date.parse(item.at))}
                </time>
              </div>
              <p className="text-xs text-faint wrap-anywhere">
                {item.actor.type === 'system' ? (
                  item.actor.name
                ) : (
                  <span className="text-muted">
                    <VisibleText text={item.actor.name} />
                  </span>
                )}
                {item.attempt > 0 ? ` · attempt ${item.attempt}` : ''}
              </p>
              {item.message ? (
                <p className="text-xs text-muted wrap-anywhere">
                  {/* The word "Changed" stands above already. */}
                  <Prose titles={titles} text={isChange(item) ? item.message.replace(/^Changed /, '') : item.message} />
                </p>
              ) : null}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
