'use client'

import { CircleCheck } from 'lucide-react'
import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { waitingPath } from '@/app/_components/figures/figure-paths'
import { ErrorState } from '@/app/_components/page/states'
import { waitingWords } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { spanWords } from '@/app/_components/waiting/estimate-words'
import { reasonLabel } from '@/app/_components/waiting/words'
import type { WaitingSummary } from '@/app/_trpc/types'
import { ChangeLimit } from './change-limit'
import { partPath, waitEstimateWords, waitingParts, type WaitingPart } from './waiting-parts'

/** The most job types that are named for a reason. The link of the reason finds the jobs of all of them. */
const NAMED_TYPES = 3
/**
 * The list always has at least the height of three reasons, also while it is loading. So the page below it does not
 * jump.
 */
const MIN_HEIGHT = 'min-h-48 sm:min-h-33'
const LINK = 'rounded font-medium hover:underline pointer-coarse:py-1'

interface Props {
  waiting: WaitingSummary | undefined
  error: unknown
  onRetry: () => void
}

/** What the waiting jobs wait for, and for how long. Each figure links to exactly the jobs that it counts. */
export function WaitingWork({ waiting, error, onRetry }: Props) {
  const { href } = useScope()
  const parts = waiting && waitingParts(waiting.items)
  return (
    <Card
      id="waiting"
      title="What waits"
      note={waiting && waiting.total > 0 ? <Standing waiting={waiting} /> : null}
      padded={false}
      actions={
        waiting && waiting.total > 0 ? (
          <Link
            href={href(waitingPath())}
            prefetch={false}
            data-count={waiting.total}
            className="rounded px-1 text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
          >
            {waiting.total === 1 ? 'The job' : `All ${formatCount(waiting.total)} jobs`}
          </Link>
        ) : null
      }
    >
      <div className={MIN_HEIGHT}>
        {error && !waiting ? (
          <ErrorState compact error={error} onRetry={onRetry} />
        ) : !parts ? (
          <Skeleton />
        ) : parts.length === 0 ? (
          <p className={`flex items-center justify-center gap-2 text-sm text-muted ${MIN_HEIGHT}`}>
            <CircleCheck aria-hidden className="size-4 text-completed" /> Nothing waits.
          </p>
        ) : (
          <ul aria-label="Reasons why jobs wait, most jobs first" className="divide-y divide-line">
            {parts.map((part) => (
              <Part key={part.code} part={part} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

/** How long it takes until the jobs that wait have run, as far as that is known. */
function Standing({ waiting: { items, total, estimate } }: { waiting: WaitingSummary }) {
  return <VisibleText text={waitEstimateWords(items, total, estimate)} />
}

function Part({ part }: { part: WaitingPart }) {
  const { code, count, until, estimate, types } = part
  const { href } = useScope()
  const message = waitingWords(part, useNow(15_000))
  return (
    <li className="grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-1.5 text-sm sm:grid-cols-[11rem_minmax(0,1fr)_auto]">
      <Link href={href(partPath(code))} prefetch={false} data-count={count} className={`${LINK} truncate`}>
        <span className="inline-block text-right tabular-nums sm:min-w-10">{formatCount(count)}</span>{' '}
        <span className="font-normal">{reasonLabel(code)}</span>
      </Link>
      <span
        className="order-last col-span-2 min-w-0 text-xs text-muted max-sm:wrap-anywhere sm:order-none sm:col-span-1 sm:truncate"
        title={message}
      >
        {types.length > 0
          ? types.slice(0, NAMED_TYPES).map(({ jobType, count: ofType }, at) => (
              <span key={jobType}>
                {at > 0 ? ' · ' : ''}
                <Link href={href(partPath(code, jobType))} prefetch={false} data-count={ofType} className={LINK}>
                  {formatCount(ofType)} <VisibleText text={jobType} />
                </Link>
              </span>
            ))
          : null}
        {types.length > NAMED_TYPES ? ` and ${types.length - NAMED_TYPES} more types` : null}
        {types.length > 0 ? ' – ' : null}
        <VisibleText text={message} />
      </span>
      <span className="flex items-center justify-end gap-2 text-right text-xs text-faint tabular-nums">
        {code === 'CONCURRENCY_LIMIT' ? <ChangeLimit jobType={types[0]?.jobType} /> : null}
        {until ? (
          <>
            next <RelativeTime at={until} planned />
          </>
        ) : estimate ? (
          spanWords(estimate.seconds)
        ) : null}
      </span>
    </li>
  )
}

const Skeleton = () => (
  <div className="divide-y divide-line">
    {['w-3/5', 'w-2/5', 'w-1/2'].map((width) => (
      <div key={width} className="flex h-16 items-center gap-3 px-4 sm:h-11">
        <span className="skeleton block h-4 w-32" />
        <span className={`skeleton block h-3 ${width}`} />
      </div>
    ))}
  </div>
)
