'use client'

import { useQuery } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from '@/app/_components/link'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { may } from '@/app/_components/may'
import { Page } from '@/app/_components/page/page'
import { ProgressBar } from '@/app/_components/progress-bar'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { formatCount, formatDuration } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import type { BulkAction } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { AbortBulk } from '../../jobs/bulk-abort'
import { BULK_WORDS, headline, jobs, kindOf } from '../../jobs/bulk-words'
import { NOTHING } from '../../jobs/use-selection'
import { BULK_STATE, paceWords, percentOf, skippedOf } from '../bulk-state'
import { Facts } from './facts'
import { SkippedJobs } from './skipped-jobs'

const BulkDialog = dynamic(() => import('../../jobs/bulk-dialog'), { ssr: false })

/** While the action runs, its changed jobs send events. The receipt is read at most once in this time. */
const BUSY_MS = 1_000
/** Skipped jobs send no events, so the receipt is also read at this interval. */
const BESIDE_EVENTS_MS = 5_000
/**
 * Jobs may be retried from elsewhere, so the number of jobs that can still come back is read again at this interval.
 */
const COUNT_AGAIN_MS = 15_000

/**
 * The receipt of one bulk action: what was asked, how far it is, which jobs were skipped and why, and a button that
 * retries what it canceled.
 */
export function ReceiptPage({ bulkId }: { bulkId: string }) {
  const trpc = useTRPC()
  // Read first without events: whether to follow events, and of which organization, is only known from the answer.
  const { data: known } = useQuery(trpc.bulk.get.queryOptions({ bulkId }))
  const runs = known?.status === 'RUNNING'
  const query = useLiveQuery(trpc.bulk.get.queryOptions({ bulkId }), {
    follows: runs ? { organizationId: known.organizationId } : undefined,
    everyMs: BUSY_MS,
    besidesMs: runs ? BESIDE_EVENTS_MS : undefined,
  })
  const bulk = query.data
  return (
    <Page
      title={bulk ? headline(bulk) : 'Bulk action'}
      tab={bulk && headline(bulk)}
      aside={bulk ? <StatePill {...BULK_STATE[bulk.status]} state={bulk.status} /> : null}
      actions={bulk ? <Actions bulk={bulk} /> : null}
      back={{ path: '/bulk', label: 'Bulk actions' }}
      error={bulk ? undefined : query.error}
      onRetry={() => void query.refetch()}
      skeleton={bulk ? undefined : <Skeleton />}
    >
      {bulk ? (
        <div className="grid gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="grid content-start gap-4">
            <Progress bulk={bulk} />
            {skippedOf(bulk) > 0 ? <SkippedJobs bulk={bulk} /> : null}
          </div>
          <Facts bulk={bulk} />
        </div>
      ) : null}
    </Page>
  )
}

function Actions({ bulk }: { bulk: BulkAction }) {
  if (bulk.status === 'RUNNING') return <AbortBulk bulk={bulk} />
  return bulk.action === 'CANCEL' && bulk.changed > 0 ? <BringBack bulk={bulk} /> : null
}

/** Retries the jobs that the action canceled and that are still canceled, after showing what a retry would do. */
function BringBack({ bulk }: { bulk: BulkAction }) {
  const trpc = useTRPC()
  const viewer = useScope().viewerIn(bulk.organizationId)
  const [asking, setAsking] = useState(false)
  const filter = { bulkId: bulk.id, status: ['CANCELED' as const] }
  const left = useQuery(
    trpc.jobs.count.queryOptions(
      { ...filter, organizationId: bulk.organizationId },
      { refetchInterval: COUNT_AGAIN_MS, staleTime: 0 },
    ),
  )
  const none = left.data?.count === 0 ? 'None of them is canceled any more.' : null
  const refused =
    may(viewer, 'jobs.retry') || may(viewer, 'requests.create')
      ? null
      : 'Your role can only look. Ask an operator or an admin to bring them back.'
  return (
    <>
      <Button onClick={() => setAsking(true)} unavailable={refused ?? none}>
        <RotateCcw aria-hidden /> Bring {left.data?.count === 1 ? 'it' : 'them'} back
      </Button>
      {asking ? (
        <BulkDialog
          kind="retry"
          selection={{ ...NOTHING, all: true }}
          filter={filter}
          organizationId={bulk.organizationId}
          title={`Retry ${left.data && !left.data.capped ? jobs(left.data.count) : 'what was canceled'}?`}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false)
            void left.refetch()
          }}
        />
      ) : null}
    </>
  )
}

function Progress({ bulk }: { bulk: BulkAction }) {
  const { href, organizationId } = useScope()
  // The page may show another organization than the one of the action.
  const elsewhere = organizationId !== undefined && organizationId !== bulk.organizationId
  const list = `/jobs?bulk=${bulk.id}`
  const skipped = skippedOf(bulk)
  const untouched = bulk.matched - bulk.processed
  const running = bulk.status === 'RUNNING'
  return (
    <Card id="progress" title={running ? 'So far' : 'What became of them'} note={paceWords(bulk, formatDuration)}>
      <ProgressBar
        value={percentOf(bulk)}
        label={headline(bulk)}
        tone={running ? 'bg-running' : bulk.status === 'ABORTED' ? 'bg-bar-warning' : 'bg-completed'}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure label={bulk.backfill ? 'Planned times' : 'Jobs'} value={bulk.matched} />
        <Figure
          label={bulk.backfill ? 'Submitted' : BULK_WORDS[kindOf(bulk)].done}
          value={bulk.changed}
          // Deleted jobs are in no list, so there is nothing to link to.
          href={
            bulk.action === 'DELETE' || bulk.changed === 0
              ? undefined
              : elsewhere
                ? `${list}&org=${bulk.organizationId}`
                : href(list)
          }
        />
        <Figure label="Skipped" value={skipped} href={skipped > 0 ? '#skipped' : undefined} />
        <Figure label={running ? 'To come' : 'Left as they were'} value={untouched} />
      </dl>
    </Card>
  )
}

function Figure({ label, value, href }: { label: string; value: number; href?: string }) {
  return (
    // e2e/figures.spec.ts opens each figure with a link, and looks whether the list has so many rows (data-count). A
    // figure without a list says so (data-no-list). A link with `#` leads to a part of this page, and has neither.
    <div data-no-list={href ? undefined : 'receipt'}>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="text-lg font-semibold tabular-nums">
        {href ? (
          <Link href={href} data-count={href.startsWith('#') ? undefined : value} className="rounded hover:underline">
            {formatCount(value)}
            <span className="sr-only"> {label.toLowerCase()}: list them</span>
          </Link>
        ) : (
          formatCount(value)
        )}
      </dd>
    </div>
  )
}

const Skeleton = () => (
  <div className="grid gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]" aria-hidden>
    <span className="skeleton block h-40" />
    <span className="skeleton block h-64" />
  </div>
)
