'use client'

import Link from '@/app/_components/link'
import { RelativeTime } from '@/app/_components/relative-time'
import { useScope } from '@/app/_components/shell/organization'
import { StatusIcon } from '@/app/_components/status-badge'
import { VisibleText } from '@/app/_components/visible-text'
import type { Job } from '@/app/_trpc/types'

/** Another job in one line: its status, its title, and when it was submitted. */
export function JobLine({ job }: { job: Pick<Job, 'id' | 'title' | 'status' | 'createdAt'> }) {
  const { href } = useScope()
  return (
    <Link
      href={href(`/jobs/${job.id}`)}
      className="-mx-1.5 flex min-h-7 items-center gap-2 rounded px-1.5 hover:bg-hover pointer-coarse:min-h-10"
    >
      <StatusIcon status={job.status} className="[animation:none]" />
      <span className="min-w-0 flex-1 truncate text-accent">
        <VisibleText text={job.title} />
      </span>
      <RelativeTime at={job.createdAt} className="text-xs text-faint" />
    </Link>
  )
}
