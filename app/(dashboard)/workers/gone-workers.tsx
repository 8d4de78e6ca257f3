import { RelativeTime } from '@/app/_components/relative-time'
import { workerName } from '@/app/_components/stuck/stuck-words'
import { formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Worker } from '@/app/_trpc/types'

/**
 * Workers that stopped or were lost within the last hour, in a folded list. `count` is how many they are. The list may
 * hold only the last of them.
 */
export function GoneWorkers({ workers, count }: { workers: Worker[]; count: number }) {
  if (count === 0) return null
  return (
    <details className="rounded-lg border border-line bg-surface shadow-card">
      <summary className="cursor-pointer rounded-lg px-4 py-2.5 text-sm font-medium hover:bg-hover">
        {count === 1 ? '1 worker' : `${formatCount(count)} workers`} stopped or lost within the last hour
        {workers.length < count ? (
          <span className="font-normal text-muted">
            {workers.length === 0 ? ', too many to list' : `, the last ${formatCount(workers.length)} are listed`}
          </span>
        ) : null}
      </summary>
      <ul className="divide-y divide-line border-t border-line text-sm">
        {workers.map((worker) => (
          <li key={worker.id} className="flex flex-wrap items-baseline gap-x-3 px-4 py-2">
            {/* Only system admins are told the host. */}
            <span className="font-medium">
              <VisibleText text={worker.host ?? 'Worker'} />{' '}
              <span className="font-mono text-xs font-normal text-muted">{workerName(worker.id)}</span>
            </span>
            <span className="text-muted tabular-nums">
              {worker.state === 'LOST' ? 'lost, last seen ' : 'stopped '}
              {/* A lost worker has not said that it stops. */}
              <RelativeTime at={worker.stoppedAt ?? worker.lastSeenAt} />
              {worker.version ? `, version ${worker.version}` : ''}
              {worker.drainedBy ? <VisibleText text={`, drained by ${worker.drainedBy.name}`} /> : null}
              {worker.drainReason ? <VisibleText text={`: ${worker.drainReason}`} /> : null}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
