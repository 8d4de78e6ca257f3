import { Download, File } from 'lucide-react'
import { Card } from '@/app/_components/card'
import { formatBytes } from '@/app/_components/time'
import type { Job } from '@/app/_trpc/types'
import { VisibleText } from '@/app/_components/visible-text'

/**
 * The files that the job left behind. It shows nothing where there are none, or where they are withheld. Then the card
 * of the result says so.
 */
export function Artifacts({ job }: { job: Job }) {
  if (!job.artifacts || job.artifacts.length === 0) return null
  return (
    <Card id="artifacts" title="Artifacts" note={job.artifacts.length} padded={false}>
      <ul className="divide-y divide-line">
        {job.artifacts.map((artifact) => (
          <li key={artifact.name}>
            <a
              href={artifact.url}
              download={artifact.name}
              className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm hover:bg-hover"
            >
              <File aria-hidden className="size-4 shrink-0 text-faint" />
              <span className="min-w-0 flex-1 truncate font-medium">
                <VisibleText text={artifact.name} />
              </span>
              <span className="hidden text-xs text-faint sm:inline">
                <VisibleText text={artifact.contentType} />
              </span>
              <span className="w-16 text-right text-xs text-muted tabular-nums">{formatBytes(artifact.size)}</span>
              <Download aria-hidden className="size-4 shrink-0 text-accent" />
              <span className="sr-only">Download</span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  )
}
