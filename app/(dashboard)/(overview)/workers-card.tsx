import { ServerOff } from 'lucide-react'
import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { NotRead } from '@/app/_components/page/not-read'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount, formatRunning } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Fleet } from '@/app/_trpc/types'

/** Says that no worker is alive, at the top of what needs a look. It shows nothing where one is. */
export function NoWorker({ fleet }: { fleet: Fleet | undefined }) {
  const { href } = useScope()
  if (!fleet || fleet.workers.alive > 0) return null
  return (
    <p
      role="status"
      className="flex items-start gap-3 border-b border-line bg-danger-soft px-4 py-2.5 text-sm text-danger"
    >
      <ServerOff aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        <strong className="font-semibold">No worker is alive.</strong>{' '}
        {fleet.workers.draining > 0
          ? 'Those that are left finish their jobs and take no new ones.'
          : 'Jobs are accepted, and wait until one starts.'}{' '}
        <Link href={href('/workers')} className="rounded font-medium underline">
          Workers
        </Link>
      </span>
    </p>
  )
}

interface Props {
  fleet: Fleet | undefined
  /** How many jobs look stuck. Undefined while that is not known. */
  stuck: number | undefined
  /** Reads the figures again. Set where they could not be read. */
  onRetry: (() => void) | undefined
}

/**
 * The workers in four figures, and the job that has run for longest. Slots are those of all organizations together.
 * Runs are those of the organizations that the page shows.
 */
export function WorkersCard({ fleet, stuck, onRetry }: Props) {
  const { href } = useScope()
  const none = fleet?.workers.alive === 0
  const longest = fleet?.longestRun
  return (
    <Card
      id="workers"
      title="Workers"
      actions={
        <Link
          href={href('/workers')}
          prefetch={false}
          className="rounded px-1 text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
        >
          All workers
        </Link>
      }
    >
      {onRetry ? (
        <NotRead what="The figures of the workers" onRetry={onRetry} />
      ) : (
        <>
          <dl className="grid grid-cols-4 gap-3">
            <Figure name="Alive" noList="workers" tone={none ? 'text-danger' : undefined}>
              {fleet ? formatCount(fleet.workers.alive) : null}
            </Figure>
            <Figure name="Threads" title="Threads that run long jobs, of all organizations">
              {fleet ? <Share part={fleet.busy.isolated} of={fleet.slots.isolated} /> : null}
            </Figure>
            <Figure name="Slots" title="Shared slots that run short jobs, of all organizations">
              {fleet ? <Share part={fleet.busy.inline} of={fleet.slots.inline} /> : null}
            </Figure>
            <Figure name="Look stuck" noList="listed above" tone={stuck ? 'text-timedout' : undefined}>
              {stuck === undefined ? null : formatCount(stuck)}
            </Figure>
          </dl>
          <p className="mt-2 truncate text-xs text-muted tabular-nums">
            {!fleet ? (
              <span className="skeleton block h-3 w-40" />
            ) : longest ? (
              <>
                Longest run {formatRunning(longest.elapsedSeconds * 1000)}:{' '}
                <Link
                  href={href(`/jobs/${longest.jobId}`)}
                  prefetch={false}
                  className="rounded font-medium hover:underline pointer-coarse:py-1"
                >
                  <VisibleText text={longest.title} />
                </Link>
              </>
            ) : (
              'Nothing runs.'
            )}
          </p>
        </>
      )}
    </Card>
  )
}

const Share = ({ part, of }: { part: number; of: number }) => (
  <>
    {formatCount(part)}
    <span className="text-xs font-normal text-muted"> of {formatCount(of)}</span>
  </>
)

function Figure({
  name,
  title,
  tone,
  noList,
  children,
}: {
  name: string
  title?: string
  tone?: string
  /** Why no list of jobs belongs to the figure. It goes into `data-no-list`, which e2e/figures.spec.ts looks for. */
  noList?: string
  children: ReactNode
}) {
  return (
    <div className="min-w-0" title={title} data-no-list={noList}>
      <dt className="truncate text-xs text-faint">{name}</dt>
      <dd className={cn('mt-0.5 text-lg font-semibold whitespace-nowrap tabular-nums', tone)}>
        {children ?? <span className="skeleton my-1 block h-4 w-10" />}
      </dd>
    </div>
  )
}
