'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Card } from '@/app/_components/card'
import { ErrorState } from '@/app/_components/page/states'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { ShowMore } from '@/app/_components/show-more'
import { formatCount, formatExact } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import type { BulkAction } from '@/app/_trpc/types'
import { SKIPPED, type SkipReason } from '../../jobs/bulk-words'

const PAGE = 25
const SKIP_REASONS = Object.keys(SKIPPED) as SkipReason[]

/** The jobs that were skipped: all of them, or those with one reason. */
export function SkippedJobs({ bulk }: { bulk: BulkAction }) {
  const trpc = useTRPC()
  const { href } = useScope()
  const [reason, setReason] = useQueryState('skipped', parseAsStringLiteral(SKIP_REASONS))
  const reasons = SKIP_REASONS.filter((each) => (bulk.skipped[each] ?? 0) > 0)
  const list = useInfiniteQuery(
    trpc.bulk.skipped.infiniteQueryOptions(
      { bulkId: bulk.id, limit: PAGE, ...(reason ? { reason } : {}) },
      { getNextPageParam: ({ nextCursor }) => nextCursor },
    ),
  )
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Card id="skipped" title="Skipped" padded={false}>
      <ul className="grid gap-1 px-4 py-3 text-sm">
        {reasons.map((each) => (
          <li key={each} className="flex gap-2">
            <span className="w-14 text-right font-semibold tabular-nums">{formatCount(bulk.skipped[each] ?? 0)}</span>
            <span>{SKIPPED[each]}</span>
          </li>
        ))}
      </ul>
      {reasons.length > 1 ? (
        <div className="overflow-x-auto px-4 pb-3">
          <Segmented
            label="Skipped because"
            value={reason ?? 'ALL'}
            onChange={(value) => void setReason(value === 'ALL' ? null : value)}
            options={[
              { value: 'ALL' as const, label: 'All' },
              ...reasons.map((each) => ({ value: each, label: SKIPPED[each] })),
            ]}
          />
        </div>
      ) : null}
      {list.error && !list.data ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} compact />
      ) : (
        <ul aria-label="Skipped jobs" className="divide-y divide-line border-t border-line text-sm">
          {rows.map((row) => (
            <li key={row.jobId} className="flex items-center gap-3 px-4 py-1.5 pointer-coarse:py-2.5">
              {/* A planned time that a backfill skipped has no job, unless one ran at that time already. */}
              {row.plannedAt && row.reason !== 'ALREADY_RUN' ? (
                <time dateTime={row.plannedAt}>{formatExact(Date.parse(row.plannedAt))}</time>
              ) : row.reason === 'NOT_FOUND' ? (
                <span className="font-mono text-xs text-muted">{row.jobId.slice(-8)}</span>
              ) : (
                <Link href={href(`/jobs/${row.jobId}`)} className="rounded font-mono text-xs hover:underline">
                  {row.jobId.slice(-8)}
                </Link>
              )}
              <span className="text-muted">{SKIPPED[row.reason]}</span>
            </li>
          ))}
          {list.isPending ? (
            <li className="px-4 py-2">
              <span className="skeleton block h-4 w-1/2" />
            </li>
          ) : null}
        </ul>
      )}
      <ShowMore list={list} />
    </Card>
  )
}
