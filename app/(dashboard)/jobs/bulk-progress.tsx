'use client'

import { useQueries, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import Link from '@/app/_components/link'
import { useEffect, useEffectEvent, useRef } from 'react'
import { IconButton } from '@/app/_components/button'
import type { BulkKind } from '@/app/_components/job-status'
import { ProgressBar } from '@/app/_components/progress-bar'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import type { BulkAction } from '@/app/_trpc/types'
import { endedOf } from './bulk-ended'
import { AbortBulk } from './bulk-abort'
import { BULK_WORDS, headline, jobs, kindOf, outcome, receiptPath } from './bulk-words'
import { visible } from '@/server/engine/domain/visible'
import { VisibleText } from '@/app/_components/visible-text'

/** How often the actions are read while one runs, and while none does. */
const BUSY_MS = 1_000
const IDLE_MS = 15_000
/** The longest page that the server gives. An action that is not on it would count as ended. */
const MOST = 100

/**
 * Large bulk actions of this organization that run now, whoever started them, and the results of those that were
 * started here.
 */
export function BulkProgress({
  organizationId,
  started,
  onDismiss,
  onEnded,
}: {
  organizationId: string
  started: readonly string[]
  onDismiss: (bulkId: string) => void
  onEnded: (kinds: (BulkKind | 'backfill')[]) => void
}) {
  const trpc = useTRPC()
  const running = useQuery(
    trpc.bulk.list.queryOptions(
      { organizationId, status: ['RUNNING'], limit: MOST },
      { refetchInterval: (query) => (query.state.data?.items.length ? BUSY_MS : IDLE_MS) },
    ),
  )
  const own = useQueries({
    queries: started.map((bulkId) =>
      trpc.bulk.get.queryOptions(
        { bulkId },
        { refetchInterval: (query) => (query.state.data && query.state.data.status !== 'RUNNING' ? false : BUSY_MS) },
      ),
    ),
  })
  const mine = own.flatMap(({ data }) => (data?.organizationId === organizationId ? [data] : []))
  const others = (running.data?.items ?? []).filter(({ id }) => !started.includes(id))
  // When an action has ended, the list of jobs is told, so that it shows the result. Each render compares what runs now
  // with what ran at the render before.
  const before = useRef(others)
  const reported = useRef(new Set<string>())
  const tell = useEffectEvent(onEnded)
  useEffect(() => {
    const ended = endedOf({ before: before.current, others, started, mine, reported: reported.current })
    before.current = others
    if (ended.length === 0) return
    for (const { id } of ended) reported.current.add(id)
    tell(ended.map(kindOf))
  })

  if (mine.length + others.length === 0) return null
  return (
    <ul aria-label="Bulk actions" className="mb-3 grid gap-2">
      {[...mine, ...others].map((bulk) => (
        <BulkLine
          key={bulk.id}
          bulk={bulk}
          onDismiss={bulk.status === 'RUNNING' ? undefined : () => onDismiss(bulk.id)}
        />
      ))}
    </ul>
  )
}

function BulkLine({ bulk, onDismiss }: { bulk: BulkAction; onDismiss: (() => void) | undefined }) {
  const { href } = useScope()
  const kind = kindOf(bulk)
  const running = bulk.status === 'RUNNING'
  const percent = bulk.matched === 0 ? 100 : Math.floor((100 * bulk.processed) / bulk.matched)
  return (
    <li data-bulk={bulk.status} className="rounded-md border border-line bg-surface px-3 py-2 text-sm shadow-card">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1 basis-64">
          {running ? (
            <>
              <Link href={href(receiptPath(bulk.id))} className="rounded font-medium hover:underline">
                {headline(bulk)}
              </Link>
              <span className="text-muted">
                {' '}
                · <VisibleText text={bulk.requestedBy.name + (bulk.reason ? `: ${bulk.reason}` : '')} />
              </span>
            </>
          ) : (
            <span role="status">
              {bulk.status === 'ABORTED'
                ? `Stopped${bulk.abortReason ? ` (${visible(bulk.abortReason)})` : ''} after ${bulk.processed.toLocaleString('en')} of ${jobs(bulk.matched)}. `
                : ''}
              {outcome(kind, bulk.changed, bulk.skipped)}{' '}
              <Link href={href(receiptPath(bulk.id))} className="rounded font-medium text-accent hover:underline">
                Receipt
              </Link>
            </span>
          )}
        </span>
        {running ? (
          <>
            <span className="text-muted tabular-nums">
              {bulk.processed.toLocaleString('en')} of {bulk.matched.toLocaleString('en')}
            </span>
            <AbortBulk bulk={bulk} />
          </>
        ) : (
          <IconButton label="Dismiss" onClick={onDismiss}>
            <X aria-hidden />
          </IconButton>
        )}
      </div>
      {running ? (
        <ProgressBar value={percent} label={`${BULK_WORDS[kind].doing} ${jobs(bulk.matched)}`} className="mt-2" />
      ) : null}
    </li>
  )
}
