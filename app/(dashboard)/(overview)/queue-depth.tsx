'use client'

import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { PRIORITIES, PRIORITY_LABEL } from '@/app/_components/job-status'
import { NotRead } from '@/app/_components/page/not-read'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import type { WaitingSummary } from '@/app/_trpc/types'

/**
 * All waiting jobs by their priority, whatever they wait for. Those with FAILED or TIMED_OUT wait for their next
 * attempt. Each line links to the jobs that it counts.
 */
export function QueueDepth({
  depth,
  onRetry,
}: {
  depth: WaitingSummary['byPriority'] | undefined
  /** Reads the figures again. Set where they could not be read. */
  onRetry: (() => void) | undefined
}) {
  const { href } = useScope()
  const most = Math.max(1, ...Object.values(depth ?? {}))
  const total = Object.values(depth ?? {}).reduce((a, b) => a + b, 0)
  return (
    <Card
      id="queue"
      title="Waiting by priority"
      note={depth ? (total === 0 ? 'nothing waits' : `${formatCount(total)} now`) : undefined}
    >
      {onRetry ? (
        <NotRead what="What waits" onRetry={onRetry} />
      ) : (
        <ul className="grid gap-1">
          {PRIORITIES.map((priority) => (
            <li key={priority}>
              <Link
                href={href(`/jobs?status=PENDING,QUEUED,FAILED,TIMED_OUT&priority=${priority}`)}
                data-count={depth?.[priority]}
                className="-mx-2 grid grid-cols-[4rem_minmax(0,1fr)_3.5rem] items-center gap-3 rounded px-2 py-1 text-sm hover:bg-hover pointer-coarse:py-2"
              >
                <span className="text-muted">{PRIORITY_LABEL[priority]}</span>
                <span aria-hidden className="h-2 overflow-hidden rounded-sm bg-sunken">
                  <span
                    className="block h-full origin-left rounded-sm bg-queued transition-transform duration-500"
                    style={{ transform: `scaleX(${(depth?.[priority] ?? 0) / most})` }}
                  />
                </span>
                <span className="text-right font-medium tabular-nums">
                  {depth ? formatCount(depth[priority]) : <span className="skeleton block h-3.5" />}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
