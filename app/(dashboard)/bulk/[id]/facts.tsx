'use client'

import Link from '@/app/_components/link'
import { Fact } from '@/app/_components/fact'
import { Card } from '@/app/_components/card'
import { CopyLine } from '@/app/_components/copy-line'
import { may } from '@/app/_components/may'
import { localTimes } from '@/app/_components/prose-words'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { useNow } from '@/app/_components/use-now'
import { VisibleText } from '@/app/_components/visible-text'
import type { BulkAction } from '@/app/_trpc/types'

/** What was asked, by whom and why, with a link to the audit entry. */
export function Facts({ bulk }: { bulk: BulkAction }) {
  const { href, viewerIn } = useScope()
  const now = useNow(15_000)
  return (
    <Card id="facts" title="The decision">
      <dl className="grid gap-3 text-sm">
        <Fact label="Jobs">
          <VisibleText text={localTimes(bulk.about, now)} />
          {bulk.backfill ? (
            <Link
              href={href(`/schedules/${bulk.backfill.scheduleId}`)}
              className="block w-fit rounded text-accent underline"
            >
              The schedule
            </Link>
          ) : null}
          <span className="block text-xs text-faint">Fixed when it was asked: later ones are not among them.</span>
        </Fact>
        <Fact label="By">
          <VisibleText text={bulk.requestedBy.name} />, <RelativeTime at={bulk.createdAt} />
        </Fact>
        {bulk.request ? (
          <Fact label="Asked for by">
            <VisibleText text={bulk.request.askedBy.name} />{' '}
            <Link href={href(`/requests/${bulk.request.id}`)} className="rounded text-accent underline">
              Request
            </Link>
          </Fact>
        ) : null}
        <Fact label="Reason">{bulk.reason ? <VisibleText text={bulk.reason} /> : 'None was given'}</Fact>
        {bulk.finishedAt ? (
          <Fact label={bulk.status === 'ABORTED' ? 'Stopped' : 'Ended'}>
            <RelativeTime at={bulk.finishedAt} />
            {bulk.abortedBy ? (
              <>
                {' '}
                by <VisibleText text={bulk.abortedBy.name} />
                {bulk.abortReason ? (
                  <>
                    : <VisibleText text={bulk.abortReason} />
                  </>
                ) : null}
              </>
            ) : null}
          </Fact>
        ) : null}
        {bulk.auditId && may(viewerIn(bulk.organizationId), 'audit.read') ? (
          <Fact label="Audit">
            <Link href={href(`/audit?entry=${bulk.auditId}`)} className="rounded text-accent underline">
              Entry in the audit
            </Link>
          </Fact>
        ) : null}
      </dl>
      <div className="mt-4">
        <CopyLine name="Id" text={bulk.id} />
      </div>
    </Card>
  )
}
