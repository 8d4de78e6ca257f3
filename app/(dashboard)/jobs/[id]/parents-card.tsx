import { File } from 'lucide-react'
import { Card } from '@/app/_components/card'
import { ErrorState } from '@/app/_components/page/states'
import { errorWords } from '@/app/_components/prose-words'
import { formatBytes, formatCount } from '@/app/_components/time'
import { VisibleText } from '@/app/_components/visible-text'
import type { Job } from '@/app/_trpc/types'
import { cutText, visible } from '@/server/engine/domain/visible'
import { JobLine } from './job-line'
import type { useParents } from './use-parents'

type Parent = NonNullable<ReturnType<typeof useParents>['data']>['items'][number]

/** Results and errors are cut to this many characters. The parent's own page has the whole. */
const SHOWN = 240

/**
 * What the parents of a job made, which its handler reads with `ctx.parents()`. Parents are the jobs that it waits
 * or waited for. The card is not shown for a job without parents.
 */
export function ParentsCard({ job, parents }: { job: Job; parents: ReturnType<typeof useParents> }) {
  const items = parents.data?.items ?? []
  if (parents.error && !parents.data && job.dependsOn.length > 0)
    return (
      <Card id="parents" title="What its parents made">
        <ErrorState compact error={parents.error} onRetry={() => void parents.refetch()} />
      </Card>
    )
  if (items.length === 0) return null
  return (
    <Card
      id="parents"
      title="What its parents made"
      note={partShown(items.length, job.dependsOn.length, Boolean(parents.data?.nextCursor))}
      padded={false}
    >
      <ul className="divide-y divide-line">
        {items.map((parent) => (
          <li key={parent.job.id} className="grid gap-1 px-4 py-2 text-sm">
            <JobLine job={parent.job} />
            <ParentOutput parent={parent} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function ParentOutput({ parent: { ref, on, job } }: { parent: Parent }) {
  const words = [
    ...(ref === null ? [] : [`its ref in the batch is ${ref}`]),
    ...(on === 'ended' ? ['waited for until it ended, in whatever way'] : []),
  ]
  return (
    <div className="grid gap-1 pl-6 text-xs">
      {words.length > 0 ? (
        <p className="text-faint">
          <VisibleText text={words.join(', ')} />
        </p>
      ) : null}
      {job.withheld ? <p className="text-faint">Withheld while the organization is suspended.</p> : null}
      {job.error && job.status !== 'COMPLETED' ? (
        <p className="wrap-anywhere text-danger">
          <VisibleText text={cutToShown(errorWords(job.error.message))} />
        </p>
      ) : null}
      {job.truncated.includes('result') ? (
        <p className="text-faint">Its result is large: open it to read it.</p>
      ) : job.result === null ? null : (
        <p className="font-mono wrap-anywhere text-muted">
          <VisibleText text={cutToShown(JSON.stringify(job.result))} />
        </p>
      )}
      {job.artifacts && job.artifacts.length > 0 ? (
        <ul aria-label="Files" className="flex flex-wrap gap-x-4 gap-y-1">
          {job.artifacts.map((artifact) => (
            <li key={artifact.name}>
              <a
                href={artifact.url}
                download={artifact.name}
                className="flex min-h-6 items-center gap-1 rounded text-accent underline underline-offset-4 pointer-coarse:min-h-10"
              >
                <File aria-hidden className="size-3.5 shrink-0" />
                {visible(artifact.name)}
                <span className="text-faint tabular-nums no-underline">{formatBytes(artifact.size)}</span>
              </a>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}

/** Says which of its parents the card shows. A parent that was deleted is still counted by the job. */
function partShown(shown: number, all: number, more: boolean): string | undefined {
  if (more) return `the first ${formatCount(shown)} of ${formatCount(all)}`
  return shown < all ? `${formatCount(shown)} of ${formatCount(all)}; the others were deleted` : undefined
}

const cutToShown = (text: string) => (text.length > SHOWN ? `${cutText(text, SHOWN)}…` : text)
