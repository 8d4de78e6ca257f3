'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import { Fact } from '@/app/_components/fact'
import { Card } from '@/app/_components/card'
import { Page } from '@/app/_components/page/page'
import { localTimes } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { ENDED_WORDS, isAboutJobs, STATUS_WORDS, titleOf } from '@/app/_components/requests/request-words'
import { useScope } from '@/app/_components/shell/organization'
import { StatePill } from '@/app/_components/state-pill'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import type { AdminRequest } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { receiptPath } from '../../jobs/bulk-words'
import { Decision } from './decision'

/** A fulfilled request changes jobs, and they send events. The request is read at most once in this time. */
const EVERY_MS = 1_000
/** No event says that a request was declined or taken back. So while it is open, it is also read at this interval. */
const BESIDE_EVENTS_MS = 5_000

/** One request: what is asked, by whom and why, what it would do, and the decision. */
export function RequestPage({ requestId }: { requestId: string }) {
  const trpc = useTRPC()
  // Read first without events: whether to follow events, and of which organization, is only known from the answer.
  const { data: known } = useQuery(trpc.requests.get.queryOptions({ requestId }))
  const open = known?.status === 'OPEN'
  const query = useLiveQuery(trpc.requests.get.queryOptions({ requestId }), {
    follows: open ? { organizationId: known.organizationId } : undefined,
    everyMs: EVERY_MS,
    besidesMs: open ? BESIDE_EVENTS_MS : undefined,
  })
  const request = query.data
  return (
    <Page
      title={request ? `${titleOf(request)}?` : 'Request'}
      tab={request && titleOf(request)}
      aside={request ? <StatePill {...STATUS_WORDS[request.status]} state={request.status} /> : null}
      back={{ path: '/requests', label: 'Requests' }}
      error={request ? undefined : query.error}
      onRetry={() => void query.refetch()}
      skeleton={request ? undefined : <span className="skeleton block h-64" aria-hidden />}
    >
      {request ? (
        <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
          <Facts request={request} />
          <Decision request={request} onChanged={() => void query.refetch()} />
        </div>
      ) : null}
    </Page>
  )
}

function Facts({ request }: { request: AdminRequest }) {
  const { href } = useScope()
  const now = useNow(15_000)
  const { kind, status, endedBy, endedAt, endReason, bulkId } = request
  return (
    <Card id="asked" title="What is asked">
      <dl className="grid gap-3 text-sm">
        <Fact label="Reason">
          <VisibleText text={request.reason} />
        </Fact>
        <Fact label="Asked by">
          <VisibleText text={request.askedBy.name} />, <RelativeTime at={request.createdAt} />
        </Fact>
        <Fact label="About">
          <VisibleText text={localTimes(request.about, now)} />
          {isAboutJobs(kind) || kind === 'CHANGE_JOB' ? (
            <span className="block">
              {status === 'OPEN' ? (
                <Link
                  href={href(`/jobs?request=${request.id}`)}
                  data-count={request.matched ?? undefined}
                  className="rounded text-accent underline"
                >
                  See {request.matched === 1 ? 'it' : 'them'}
                </Link>
              ) : null}
              <span className="block text-xs text-faint">Fixed when it was asked: later ones are not among them.</span>
            </span>
          ) : null}
        </Fact>
        {status === 'OPEN' ? (
          <Fact label="Open until">
            <RelativeTime at={request.expiresAt} planned />
          </Fact>
        ) : (
          <Fact label="Answer">
            {ENDED_WORDS[status]}{' '}
            {endedBy ? (
              <>
                <VisibleText text={endedBy.name} />,{' '}
              </>
            ) : null}
            {endedAt ? <RelativeTime at={endedAt} /> : null}
            {endReason ? (
              <span className="block">
                “<VisibleText text={endReason} />”
              </span>
            ) : null}
            {bulkId ? (
              <Link href={href(receiptPath(bulkId))} className="block w-fit rounded text-accent underline">
                What became of the jobs
              </Link>
            ) : null}
          </Fact>
        )}
      </dl>
    </Card>
  )
}
