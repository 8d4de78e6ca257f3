'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useMemo } from 'react'
import { Card } from '@/app/_components/card'
import { StuckNote } from '@/app/_components/stuck/stuck-note'
import { JsonCard } from '@/app/_components/json-card'
import { isFinal } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { useTRPC } from '@/app/_trpc/client'
import { inSchemaOrder } from '@/server/engine/domain/schema-order'
import type { Json } from '@/server/engine/domain/types'
import { refusalOf } from '@/app/_trpc/refusal'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { SearchX } from 'lucide-react'
import { Artifacts } from './artifacts'
import { AttemptTimeline } from './attempt-timeline'
import { ErrorPanel } from './error-panel'
import { Facts } from './facts'
import { History } from './history'
import { JobFrame } from './job-frame'
import { JobSkeleton } from './job-skeleton'
import { LogView } from './log-view'
import { useLiveJob } from './use-live-job'
import { WhyItWaits } from './why-it-waits'

export function JobPage({ jobId }: { jobId: string }) {
  const trpc = useTRPC()
  const { href } = useScope()
  const { job: jobQuery, attempts: attemptPages, history: historyPages, readAgain } = useLiveJob(jobId)
  const job = jobQuery.data
  const attempts = attemptPages.data?.items
  const history = historyPages.data?.items
  const types = useJobTypes(job?.organizationId, job !== undefined)
  const type = types.data?.find((one) => one.name === job?.jobType)
  // By the schema that it was submitted with, which may not be the present one.
  const version = useQuery({
    ...trpc.jobTypes.get.queryOptions({ name: job?.jobType ?? '', version: job?.jobTypeVersion }),
    enabled: job !== undefined,
    staleTime: Infinity,
  })
  const parameters = useMemo(
    () => inSchemaOrder(job?.parameters as Json, (version.data?.parameterSchema ?? null) as Json),
    [job?.parameters, version.data],
  )

  const reason = refusalOf(jobQuery.error)?.reason
  // Also where it was shown before: somebody has deleted it meanwhile.
  if (reason === 'NOT_FOUND' || reason === 'INVALID_INPUT') {
    return (
      <EmptyState
        page
        icon={SearchX}
        title="Job not found"
        text="It was deleted, never existed, or belongs to an organization you are not a member of."
      >
        <Link className="text-sm font-medium text-accent underline underline-offset-4" href={href('/jobs')}>
          To the jobs
        </Link>
      </EmptyState>
    )
  }
  if (!job)
    return jobQuery.error ? (
      <ErrorState page error={jobQuery.error} onRetry={() => void jobQuery.refetch()} />
    ) : (
      <JobSkeleton />
    )

  const final = isFinal(job.status)
  return (
    <JobFrame job={job} type={type} onChanged={readAgain}>
      <div className="grid items-start gap-4 xl:grid-cols-aside">
        <div className="grid min-w-0 gap-4">
          {final || job.status === 'RUNNING' ? null : <WhyItWaits job={job} />}
          {job.status === 'RUNNING' ? <StuckNote jobId={job.id} /> : null}
          {job.error && job.status !== 'COMPLETED' ? <ErrorPanel job={job} attempts={attempts} /> : null}
          <Card
            id="timeline"
            title="Timeline"
            note={attempts && attempts.length > 1 ? `${attempts.length.toLocaleString('en')} attempts` : undefined}
          >
            {attemptPages.error && !attempts ? (
              <ErrorState compact error={attemptPages.error} onRetry={() => void attemptPages.refetch()} />
            ) : (
              <AttemptTimeline job={job} attempts={attempts} />
            )}
          </Card>
          <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
            <JsonCard id="parameters" title="Parameters" value={parameters} empty="Submitted without parameters." />
            <JsonCard
              id="result"
              title="Result"
              value={job.result}
              empty={
                job.withheld
                  ? 'Withheld while the organization is suspended.'
                  : final
                    ? 'The handler returned no result.'
                    : 'Appears when the job completes.'
              }
            />
          </div>
          <Artifacts job={job} />
          <LogView key={jobId} job={job} attempts={attempts?.length ?? 0} />
        </div>
        <div className="grid min-w-0 gap-4 md:grid-cols-2 xl:grid-cols-1">
          <Facts job={job} type={type} />
          <Card id="history" title="History" note={history?.length.toLocaleString('en')}>
            <History items={history} error={historyPages.error} onRetry={() => void historyPages.refetch()} />
          </Card>
        </div>
      </div>
    </JobFrame>
  )
}
