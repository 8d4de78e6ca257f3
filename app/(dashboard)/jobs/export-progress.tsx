'use client'

import { useQuery } from '@tanstack/react-query'
import { Download, X } from 'lucide-react'
import Link from '@/app/_components/link'
import { IconButton } from '@/app/_components/button'
import { buttonClass } from '@/app/_components/button-class'
import { isFinal } from '@/app/_components/job-status'
import { ProgressBar } from '@/app/_components/progress-bar'
import { useScope } from '@/app/_components/shell/organization'
import { formatBytes } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import { whyNoFile } from './export-ended'

/** How often the export's job is read until it has ended. */
const BUSY_MS = 1_000

/** The progress of an export that was started here, and its file at the end. */
export default function ExportProgress({ jobId, onDismiss }: { jobId: string; onDismiss: () => void }) {
  const trpc = useTRPC()
  const { href } = useScope()
  const { data: job, error } = useQuery(
    trpc.jobs.get.queryOptions(
      { jobId },
      { refetchInterval: ({ state }) => (state.data && isFinal(state.data.status) ? false : BUSY_MS) },
    ),
  )
  const file = job?.artifacts?.[0]
  const ended = job !== undefined && isFinal(job.status)
  return (
    <section
      aria-label="Export"
      className="mb-3 rounded-md border border-line bg-surface px-3 py-2 text-sm shadow-card"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span role="status" className="min-w-0 flex-1 basis-64">
          {error ? (
            messageOf(error)
          ) : job?.status === 'COMPLETED' && file ? (
            <>
              <VisibleText text={file.name} /> is ready, {formatBytes(file.size)}.
            </>
          ) : ended ? (
            <VisibleText text={whyNoFile(job)} />
          ) : (
            <>
              Writing the jobs to a file…{' '}
              <span className="text-muted">
                <VisibleText text={job?.progressMessage ?? ''} />
              </span>
            </>
          )}
        </span>
        {job?.status === 'COMPLETED' && file ? (
          <a href={file.url} download={file.name} className={buttonClass('primary', 'sm')}>
            <Download aria-hidden /> Download
          </a>
        ) : null}
        <Link href={href(`/jobs/${jobId}`)} prefetch={false} className={buttonClass('ghost', 'sm')}>
          Its job
        </Link>
        <IconButton label="Dismiss" onClick={onDismiss}>
          <X aria-hidden />
        </IconButton>
      </div>
      {job && !ended ? <ProgressBar value={job.progress} label="Export" className="mt-2" /> : null}
    </section>
  )
}
