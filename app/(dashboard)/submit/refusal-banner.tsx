'use client'

import { CircleAlert } from 'lucide-react'
import Link from '@/app/_components/link'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { STATUS_META } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { formatAhead } from '@/app/_components/time'
import { messageOf, refusalOf } from '@/app/_trpc/refusal'
import type { JobStatus } from '@/app/_trpc/types'
import { VisibleText } from '@/app/_components/visible-text'

/**
 * A refusal that belongs to no field. For a duplicate, it links to the existing job and has a button that submits
 * anyway.
 */
export function RefusalBanner({ error, onRunAgain, busy }: { error: unknown; onRunAgain: () => void; busy: boolean }) {
  const { href } = useScope()
  const [since] = useState(() => Date.now())
  const refusal = refusalOf(error)
  const status = refusal?.existingStatus
    ? STATUS_META[refusal.existingStatus as JobStatus]?.label.toLowerCase()
    : undefined
  return (
    <div
      role="alert"
      className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-danger-soft px-3 py-2.5 text-sm text-danger"
    >
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      {refusal?.reason === 'DUPLICATE_JOB' ? (
        <>
          <p className="min-w-0 flex-1">
            The same job with the same parameters {status ? `is already ${status}` : 'exists already'}.
          </p>
          {refusal.existingJobId ? (
            <Link
              href={href(`/jobs/${refusal.existingJobId}`)}
              className="rounded font-medium underline underline-offset-4"
            >
              Open it
            </Link>
          ) : null}
          <Button size="sm" onClick={onRunAgain} busy={busy}>
            Run it again anyway
          </Button>
        </>
      ) : (
        <p className="min-w-0 flex-1 wrap-anywhere">
          <VisibleText text={refusal?.retryAfterSeconds ? withoutWait(messageOf(error)) : messageOf(error)} />
          {refusal?.retryAfterSeconds
            ? ` Try again ${formatAhead(since + refusal.retryAfterSeconds * 1000, since)}.`
            : ''}
        </p>
      )}
    </div>
  )
}

/**
 * Removes the waiting time from the server's message, which has it in seconds. The banner shows it in a way that helps
 * people plan.
 */
const withoutWait = (message: string) => message.replace(/ ?Try again in \d+ s\.$/, '')
