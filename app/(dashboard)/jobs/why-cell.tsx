import type { ReactNode } from 'react'
import { WAITING_STATUSES } from '@/app/_components/job-status'
import { ProgressBar } from '@/app/_components/progress-bar'
import { RelativeTime } from '@/app/_components/relative-time'
import { VisibleText } from '@/app/_components/visible-text'
import { WaitingReason } from '@/app/_components/waiting/waiting-reason'
import type { ListedJob } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { wordsOfRow } from './row-words'

/** What a row shows about its job's state: its progress, its error, or what it waits for. */
export function WhyCell({ job }: { job: ListedJob }) {
  if (job.status === 'RUNNING' && !job.cancelRequestedAt) return <Running job={job} />
  const reason = reasonOf(job)
  const { until, text, tone } = wordsOfRow(job, Date.now())
  return (
    <Line title={reason ? '' : text}>
      {reason ? <WaitingReason waiting={reason} className={text ? 'shrink-0' : undefined} /> : null}
      {until && !reason ? (
        <span className="shrink-0 text-muted">
          {until.word} <RelativeTime at={until.at} planned />
          {text ? ' ·' : ''}
        </span>
      ) : null}
      {text ? (
        <bdi
          className={`min-w-0 truncate ${tone !== 'bad' ? 'text-muted' : job.status === 'DEAD_LETTER' ? 'text-dead' : 'text-failed'}`}
        >
          <VisibleText text={text} />
        </bdi>
      ) : null}
    </Line>
  )
}

/** Shows the progress of a running job, if its handler has ever reported any. */
function Running({ job }: { job: ListedJob }) {
  if (job.progress === 0 && !job.progressMessage) return null
  return (
    <Line title={job.progressMessage ?? ''}>
      <ProgressBar value={job.progress} label="Progress" className="w-16 shrink-0" />
      <span className="shrink-0 text-muted tabular-nums">{job.progress}%</span>
      {job.progressMessage ? (
        <bdi className="min-w-0 truncate text-muted">
          <VisibleText text={job.progressMessage} />
        </bdi>
      ) : null}
    </Line>
  )
}

const Line = ({ title, children }: { title: string; children: ReactNode }) => (
  <span className="flex min-w-0 items-center gap-1.5 text-xs" title={visible(title) || undefined}>
    {children}
  </span>
)

/**
 * Why the job waits. Null where later events show that it no longer waits. A planned retry is shown together with its
 * error instead.
 */
function reasonOf({ status, waiting }: ListedJob) {
  if (!waiting || !(WAITING_STATUSES as readonly string[]).includes(status)) return null
  return waiting.code === 'RETRY_BACKOFF' ? null : waiting
}
