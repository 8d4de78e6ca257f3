'use client'

import { useQuery } from '@tanstack/react-query'
import Link from '@/app/_components/link'
import { Card } from '@/app/_components/card'
import { differences } from '@/app/_components/forms/difference'
import type { Json } from '@/app/_components/forms/json'
import { NotRead } from '@/app/_components/page/not-read'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { refusalOf } from '@/app/_trpc/refusal'
import type { Job } from '@/app/_trpc/types'
import { DifferenceList } from './difference-list'
import { JobLine } from './job-line'
import type { useLineage } from './use-lineage'
import { useMasked } from './use-masked'

/**
 * The job that this one repeats, with what was changed, and the jobs that repeat this one. It shows nothing where there
 * are none.
 */
export function Lineage({ job, lineage }: { job: Job; lineage: ReturnType<typeof useLineage> }) {
  const { href } = useScope()
  const { reruns, more, onRetry } = lineage
  if (!job.rerunOf && reruns.length === 0 && !onRetry) return null
  return (
    <Card id="lineage" title="Lineage">
      <div className="grid gap-4 text-sm">
        {job.rerunOf ? <Origin job={job} originId={job.rerunOf} /> : null}
        {onRetry ? <NotRead what="Which jobs repeat this one" onRetry={onRetry} /> : null}
        {reruns.length > 0 ? (
          <div>
            <h3 className="mb-1 text-xs font-medium text-faint">Run again as</h3>
            <ul aria-label="Jobs that repeat this one" className="grid gap-1">
              {reruns.map((one) => (
                <li key={one.id}>
                  <JobLine job={one} />
                </li>
              ))}
            </ul>
            {more ? (
              <Link
                href={href(`/jobs?rerunOf=${job.id}`)}
                className="mt-1 inline-block rounded text-accent underline underline-offset-4"
              >
                All of them
              </Link>
            ) : null}
          </div>
        ) : null}
      </div>
    </Card>
  )
}

function Origin({ job, originId }: { job: Job; originId: string }) {
  const trpc = useTRPC()
  const origin = useQuery(trpc.jobs.get.queryOptions({ jobId: originId }, { staleTime: 60_000, retry: false }))
  const before = useMasked(origin.data)
  const after = useMasked(job)
  const gone = refusalOf(origin.error)?.reason === 'NOT_FOUND'
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-faint">Runs again</h3>
      {origin.data ? (
        <JobLine job={origin.data} />
      ) : origin.error ? (
        <p className="text-muted">{gone ? 'A job that was deleted since.' : 'The earlier job could not be read.'}</p>
      ) : (
        <span className="skeleton block h-6" />
      )}
      {origin.data && before.data !== undefined && after.data !== undefined ? (
        <Changes
          before={origin.data.parameters as Json}
          after={job.parameters as Json}
          shownBefore={before.data}
          shownAfter={after.data}
        />
      ) : null}
    </div>
  )
}

function Changes(values: Parameters<typeof differences>[0]) {
  const items = differences(values)
  return (
    <div className="mt-2">
      {items.length === 0 ? (
        <p className="text-xs text-faint">With the same parameters.</p>
      ) : (
        <DifferenceList items={items} label="Difference of parameters" />
      )}
    </div>
  )
}
