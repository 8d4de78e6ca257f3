'use client'

import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useEffect, useMemo, useState } from 'react'
import { Card } from '@/app/_components/card'
import { StuckNote } from '@/app/_components/stuck/stuck-note'
import { JsonCard } from '@/app/_components/json-card'
import { isFinal } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { isNotFound, NotFoundPage } from '@/app/_components/page/not-found-page'
import { NotRead } from '@/app/_components/page/not-read'
import { ErrorState } from '@/app/_components/page/states'
import { useHasPassed } from '@/app/_components/use-has-passed'
import { useTRPC } from '@/app/_trpc/client'
import type { Job } from '@/app/_trpc/types'
import { inSchemaOrder } from '@/server/engine/domain/schema-order'
import type { Json } from '@/server/engine/domain/types'
import { useJobTypes } from '@/app/_trpc/use-job-types'
import { filterBy } from '../search/filter-by'
import { Artifacts } from './artifacts'
import { ErrorPanel } from './error-panel'
import { Facts } from './facts'
import { GraphCard } from './graph-card'
import { parentsDoneAt, titlesOf } from './graph-facts'
import { History } from './history'
import { ImportCounts } from './import-counts'
import { JobFrame } from './job-frame'
import { ParentsCard } from './parents-card'
import { JobSkeleton } from './job-skeleton'
import { Lineage } from './lineage'
import { LogView } from './log-view'
import { useLineage } from './use-lineage'
import { Timeline } from './timeline'
import { useGraph } from './use-graph'
import { useMasked } from './use-masked'
import { useParents } from './use-parents'
import { useLiveJob } from './use-live-job'
import { useTimeline } from './use-timeline'
import { WhyItWaits } from './why-it-waits'

const RerunSkeleton = () => <span aria-busy className="skeleton block h-96" />
/** Once the job is there, the parts around it are waited for this long, in milliseconds. */
const LONG_ENOUGH_MS = 1_500
const loadRerunCard = () => import('./rerun-card')
const RerunCard = dynamic(loadRerunCard, { ssr: false, loading: RerunSkeleton })

export function JobPage({ jobId }: { jobId: string }) {
  const trpc = useTRPC()
  const { href } = useScope()
  const { job: jobQuery, attempts: attemptPages, history: historyPages, readAgain } = useLiveJob(jobId)
  // Whether the form is open stands in the address. So a link can open it, and the Back button closes it.
  const [again, setAgain] = useQueryState('again', parseAsBoolean.withDefault(false).withOptions({ history: 'push' }))
  const job = jobQuery.data
  const formIsComing = useFormIsComing(again, job)
  const attempts = attemptPages.data?.items
  const history = historyPages.data?.items
  // What lies around the job is asked for once the job is there. So a large graph does not keep the job itself waiting.
  const isRead = job !== undefined
  const lineage = useLineage(jobId, isRead)
  const graph = useGraph(jobId, job)
  const parents = useParents(jobId, job)
  const timeline = useTimeline(jobId, job)
  const longEnough = useHasPassed(isRead ? LONG_ENOUGH_MS : null)
  const types = useJobTypes(job?.organizationId, isRead)
  const type = types.data?.find((one) => one.name === job?.jobType)
  // The version of the schema with which the job was submitted. It may not be the present one.
  const version = useQuery({
    ...trpc.jobTypes.get.queryOptions({ name: job?.jobType ?? '', version: job?.jobTypeVersion }),
    enabled: job !== undefined,
    staleTime: Infinity,
  })
  const parameters = useMemo(
    () => inSchemaOrder(job?.parameters as Json, (version.data?.parameterSchema ?? null) as Json),
    [job?.parameters, version.data],
  )

  if (isNotFound(jobQuery.error))
    return (
      <NotFoundPage
        what="Job"
        text="It was deleted, never existed, or belongs to an organization you are not a member of."
        list={{ path: '/jobs', label: 'To the jobs' }}
      />
    )
  const settled =
    !attemptPages.isPending &&
    !historyPages.isPending &&
    !lineage.isPending &&
    !graph.isPending &&
    !parents.isPending &&
    !timeline.isPending &&
    !formIsComing &&
    // The title holds the name of the job's type. Where that cannot be read, the page does without.
    !(types.isPending && types.failureCount === 0)
  // Everything is shown at the same time. Otherwise parts that arrive later would move what somebody already reads. But
  // the state of the job and its Cancel do not wait long for the rest.
  if (!job || !(settled || longEnough))
    return jobQuery.error ? (
      <ErrorState page error={jobQuery.error} onRetry={() => void jobQuery.refetch()} />
    ) : (
      <JobSkeleton />
    )

  const final = isFinal(job.status)
  return (
    <JobFrame
      job={job}
      type={type}
      noType={
        types.data
          ? 'Nobody can submit jobs of its type.'
          : types.error
            ? 'Its job type could not be read. Load the page again.'
            : 'Its job type is being read.'
      }
      onChanged={readAgain}
      onAgain={() => void setAgain(true)}
    >
      <div className="grid items-start gap-4 xl:grid-cols-aside">
        <div className="grid min-w-0 gap-4">
          {final || job.status === 'RUNNING' ? null : <WhyItWaits job={job} graph={graph.data} />}
          {job.status === 'RUNNING' ? <StuckNote jobId={job.id} /> : null}
          {job.error && job.status !== 'COMPLETED' ? (
            <ErrorPanel job={job} attempts={attempts} graph={graph.data} />
          ) : null}
          <Card
            id="timeline"
            title="Timeline"
            note={attempts && attempts.length > 1 ? `${attempts.length.toLocaleString('en')} attempts` : undefined}
          >
            {attempts && history ? (
              <>
                <Timeline
                  job={job}
                  attempts={attempts}
                  history={history}
                  parentsDoneAt={parentsDoneAt(graph.data, jobId)}
                  holds={timeline.data?.holds}
                  logs={timeline.data?.logs}
                />
                {timeline.error && !timeline.data ? (
                  <NotRead
                    what="What held the job back, and when it logged,"
                    onRetry={() => void timeline.refetch()}
                    className="mt-3"
                  />
                ) : null}
              </>
            ) : attemptPages.isPending || historyPages.isPending ? (
              <span className="skeleton block h-24" aria-hidden />
            ) : (
              <ErrorState compact error={attemptPages.error ?? historyPages.error} onRetry={readAgain} />
            )}
          </Card>
          {graph.isPending && job.dependsOn.length > 0 ? (
            <span className="skeleton block h-40" aria-hidden />
          ) : (
            <GraphCard job={job} graph={graph} />
          )}
          <ParentsCard job={job} parents={parents} />
          <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
            {again ? (
              <div className="min-w-0 lg:col-span-2">
                {type ? (
                  <RerunCard
                    key={jobId}
                    job={job}
                    type={type}
                    isCurrent={jobQuery.isFetchedAfterMount || !jobQuery.isFetching}
                    onClose={() => void setAgain(null)}
                  />
                ) : types.isPending ? (
                  <RerunSkeleton />
                ) : types.error ? (
                  <Card id="rerun" title="Run again">
                    <ErrorState compact error={types.error} onRetry={() => void types.refetch()} />
                  </Card>
                ) : null}
              </div>
            ) : null}
            <JsonCard
              id="parameters"
              title="Parameters"
              value={parameters}
              empty="Submitted without parameters."
              linkOf={(path, value) => {
                const list = filterBy(path, value)
                return list && href(list)
              }}
            />
            <JsonCard
              id="result"
              title="Result"
              value={job.result}
              empty={
                job.withheld ? 'Result and artifacts are withheld while the organization is suspended.' : noResult(job)
              }
            />
          </div>
          <ImportCounts job={job} />
          <Artifacts job={job} />
          <LogView key={jobId} job={job} attempts={attempts?.length ?? 0} />
        </div>
        <div className="grid min-w-0 gap-4 md:grid-cols-2 xl:grid-cols-1">
          <Facts job={job} type={type} />
          <Card id="history" title="History" note={history?.length.toLocaleString('en')}>
            <History
              items={history}
              titles={titlesOf(graph.data)}
              error={historyPages.error}
              onRetry={() => void historyPages.refetch()}
            />
          </Card>
          <Lineage job={job} lineage={lineage} />
        </div>
      </div>
    </JobFrame>
  )
}

/**
 * True where a link has opened the page with the form that runs the job again, and the form cannot be drawn yet. What
 * stands below it would be moved by it.
 */
function useFormIsComing(again: boolean, job: Job | undefined): boolean {
  const [linked] = useState(again)
  const [loaded, setLoaded] = useState(false)
  const masked = useMasked(linked ? job : undefined)
  useEffect(() => {
    // Where its code cannot be loaded, the page does not wait for the form.
    const done = () => setLoaded(true)
    if (linked) void loadRerunCard().then(done, done)
  }, [linked])
  return linked && again && (masked.isPending || !loaded)
}

/** The text in place of a result that does not exist. */
function noResult({ status, attempt }: Job): string {
  if (!isFinal(status)) return 'Appears when the job completes.'
  if (status === 'COMPLETED') return 'The handler returned no result.'
  return attempt === 0 ? 'It never ran, so there is no result.' : 'It did not complete, so there is no result.'
}
