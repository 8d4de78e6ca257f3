'use client'

import { Hourglass } from 'lucide-react'
import Link from '../link'
import type { RunningJob } from '@/app/_trpc/types'
import { RelativeTime } from '../relative-time'
import { useScope } from '../shell/organization'
import { VisibleText } from '../visible-text'
import { CancelStuck } from './cancel-stuck'
import { lastSigns, stuckWords, workerName } from './stuck-words'

/**
 * A job that looks stuck. It shows the job, why it looks stuck, its worker, what it said last (stuck-words.ts), and a
 * button that cancels it. The link to the job covers the whole row, and what has a tooltip or a click of its own lies
 * above it.
 */
export function StuckRow({
  job,
  worker,
}: {
  job: RunningJob
  /**
   * The worker's name as it is shown. Null where the text around the row already names the worker. Without it, the end
   * of the worker's id is shown.
   */
  worker?: string | null
}) {
  const { href } = useScope()
  const { jobId, workerId, jobType, title } = job
  return (
    <li className="relative flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-2.5 hover:bg-hover">
      <Hourglass aria-hidden className="mt-0.5 size-4 shrink-0 text-timedout" />
      <div className="min-w-0 flex-1 basis-64 text-sm">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <Link
            href={href(`/jobs/${jobId}`)}
            prefetch={false}
            className="min-w-0 rounded font-medium wrap-anywhere after:absolute after:inset-0 hover:underline"
          >
            <VisibleText text={title} />
          </Link>
          {title === jobType ? null : (
            <span className="text-muted">
              <VisibleText text={jobType} />
            </span>
          )}
          {worker === null || workerId === null ? null : (
            <Link
              href={href(`/workers?worker=${workerId}`)}
              prefetch={false}
              className="relative z-10 rounded text-accent hover:underline pointer-coarse:py-1"
            >
              on worker {worker ?? workerName(workerId)}
            </Link>
          )}
        </p>
        <p className="text-muted tabular-nums">{stuckWords(job)}</p>
        <LastSigns job={job} />
      </div>
      <CancelStuck job={job} />
    </li>
  )
}

function LastSigns({ job }: { job: RunningJob }) {
  const signs = lastSigns(job)
  if (signs.length === 0) return <p className="text-xs text-faint">It has logged nothing, and has shown no progress.</p>
  return signs.map(({ at, text, isLog }) => (
    <p key={isLog ? 'log' : 'progress'} className="flex gap-2 text-xs text-muted tabular-nums">
      <RelativeTime at={at} className="relative z-10 py-0.5 text-faint" />
      {isLog ? (
        <code className="min-w-0 py-0.5 font-mono wrap-anywhere">
          <VisibleText text={text} />
        </code>
      ) : (
        <span className="min-w-0 py-0.5 wrap-anywhere">
          <VisibleText text={text} />
        </span>
      )}
    </p>
  ))
}
