import type { ReactNode } from 'react'
import { ProgressBar } from '@/app/_components/progress-bar'
import { RelativeTime } from '@/app/_components/relative-time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Job } from '@/app/_trpc/types'
import { visible } from '@/server/engine/domain/visible'
import { wordsOfRow } from './row-words'

/** What a row says of its job's state: how far it is, what went wrong, or what it waits for. */
export function WhyCell({ job }: { job: Job }) {
  if (job.status === 'RUNNING' && !job.cancelRequestedAt) return <Running job={job} />
  const { until, text, tone } = wordsOfRow(job, Date.now())
  return (
    <Line title={text}>
      {until ? (
        <span className="shrink-0 text-muted">
          {until.word} <RelativeTime at={until.at} planned />
          {text ? ' ·' : ''}
        </span>
      ) : null}
      {text ? (
        <bdi className={`min-w-0 truncate ${tone === 'bad' ? 'text-failed' : 'text-muted'}`}>
          <VisibleText text={text} />
        </bdi>
      ) : null}
    </Line>
  )
}

/** A bar only for what has ever reported how far it is. */
function Running({ job }: { job: Job }) {
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
