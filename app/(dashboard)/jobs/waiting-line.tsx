'use client'

import Link from '@/app/_components/link'
import type { ReactNode } from 'react'
import { cn } from '@/app/_components/cn'
import { waitingPath } from '@/app/_components/figures/figure-paths'
import { NotRead } from '@/app/_components/page/not-read'
import { waitingWords } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { reasonLabel } from '@/app/_components/waiting/words'
import { useTRPC } from '@/app/_trpc/client'
import { keptWithin } from '@/app/_trpc/same-organization'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { partPath, waitingParts, type WaitingPart } from '../(overview)/waiting-parts'
import { isAboutWaiting } from './about-waiting'
import type { Filters } from './filters'

/** Milliseconds. Counting what waits costs more than a page of the list, so it is done less often. */
const LIVE = { everyMs: 10_000, besidesMs: 30_000, patient: true }

/**
 * One line above the list: how many jobs wait, and for what. Each figure is a filter, and the parts add up to the
 * whole. It is shown as long as no filter is set that it could not follow.
 */
export function WaitingLine({ filters }: { filters: Filters }) {
  return isAboutWaiting(filters) ? <Line filters={filters} /> : null
}

function Line({ filters: { type, waitingFor } }: { filters: Filters }) {
  const trpc = useTRPC()
  const { organizationId, ready, follows, href } = useScope()
  const jobType = type[0]
  const asked = { ...(organizationId ? { organizationId } : {}), ...(jobType ? { jobType } : {}) }
  const waiting = useLiveQuery(
    trpc.metrics.waiting.queryOptions(asked, { enabled: ready, placeholderData: keptWithin(organizationId) }),
    { follows, ...LIVE },
  )
  const parts = waiting.data && waitingParts(waiting.data.items)
  return (
    // Its height is the same with and without an answer, so that the list below it does not move.
    <nav
      aria-label="Waiting jobs by reason"
      className="mb-2 flex h-8 items-center gap-1.5 overflow-x-auto text-sm whitespace-nowrap pointer-coarse:h-11"
    >
      {waiting.error && !waiting.data ? (
        <NotRead what="What waits" onRetry={() => void waiting.refetch()} />
      ) : !waiting.data || !parts ? (
        <span className="skeleton block h-4 w-72" />
      ) : waiting.data.total === 0 ? (
        <span className="text-muted">Nothing waits{jobType ? ' of this type' : ''}.</span>
      ) : (
        <>
          <Part path={href(waitingPath(jobType))} count={waiting.data.total} chosen={false}>
            {waiting.data.total === 1 ? 'waits' : 'wait'}:
          </Part>
          {parts.map((part) => (
            <Part
              key={part.code}
              path={href(partPath(part.code, jobType))}
              count={part.count}
              chosen={waitingFor.length === 1 && waitingFor[0] === part.code}
              reason={part}
            >
              <Reason part={part} named={!jobType} />
            </Part>
          ))}
        </>
      )}
    </nav>
  )
}

function Part({
  path,
  count,
  chosen,
  reason,
  children,
}: {
  path: string
  count: number
  chosen: boolean
  reason?: WaitingPart
  children: ReactNode
}) {
  const now = useNow(15_000)
  return (
    <Link
      href={path}
      prefetch={false}
      scroll={false}
      data-count={count}
      aria-current={chosen ? 'true' : undefined}
      title={reason && waitingWords(reason, now)}
      className={cn(
        'inline-flex h-7 shrink-0 items-center gap-1 rounded-full border px-2.5 text-muted tabular-nums -outline-offset-2 hover:bg-hover pointer-coarse:h-9',
        chosen ? 'border-accent bg-accent-soft' : 'border-line bg-surface',
      )}
    >
      <span className="font-semibold text-ink">{formatCount(count)}</span> {children}
    </Link>
  )
}

/** The reason, the type where it concerns one alone, and when the first of the jobs goes on by itself. */
function Reason({ part: { code, types, until }, named }: { part: WaitingPart; named: boolean }) {
  return (
    <>
      {reasonLabel(code)}
      {named && types.length === 1 ? (
        <span className="max-w-48 truncate text-faint">
          <VisibleText text={types[0]!.jobType} />
        </span>
      ) : null}
      {until ? (
        <span className="text-faint">
          · next <RelativeTime at={until} planned />
        </span>
      ) : null}
    </>
  )
}
