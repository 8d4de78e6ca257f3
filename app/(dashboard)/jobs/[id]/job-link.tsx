'use client'

import Link from '@/app/_components/link'
import { useScope } from '@/app/_components/shell/organization'
import { VisibleText } from '@/app/_components/visible-text'

/**
 * A link to another job inside a sentence. It shows the job's title, or the end of its id where the title is not known.
 */
export function JobLink({ jobId, title }: { jobId: string; title?: string }) {
  const { href } = useScope()
  return (
    <Link
      href={href(`/jobs/${jobId}`)}
      title={jobId}
      className={`text-accent underline underline-offset-4 ${title === undefined ? 'font-mono text-xs' : ''}`}
    >
      {title === undefined ? jobId.slice(-8) : <VisibleText text={title} />}
    </Link>
  )
}
