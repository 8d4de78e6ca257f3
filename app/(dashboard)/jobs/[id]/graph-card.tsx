'use client'

import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Card } from '@/app/_components/card'
import { ErrorState } from '@/app/_components/page/states'
import { Segmented } from '@/app/_components/segmented'
import { useMedia } from '@/app/_components/use-media'
import type { Job } from '@/app/_trpc/types'
import { sidesOf, type GraphNode } from './graph-facts'
import { JobLine } from './job-line'
import type { useGraph } from './use-graph'

const GraphView = dynamic(() => import('./graph-view'), {
  ssr: false,
  loading: () => <span className="skeleton block h-32" />,
})
/** How many jobs a list shows before the reader asks for all. */
const FIRST = 20

/**
 * The jobs that this one waits for, and those that wait for it. The reader sees them as a graph or as a list. It shows
 * nothing where there are none.
 */
export function GraphCard({ job, graph: { data, error, refetch } }: { job: Job; graph: ReturnType<typeof useGraph> }) {
  const wide = useMedia('(min-width: 640px)')
  const [chosen, setChosen] = useState<'graph' | 'list' | null>(null)
  // Without parents there may be nothing to show at all, so a failure is not worth a card.
  if (!data && error && job.dependsOn.length > 0)
    return (
      <Card id="dependencies" title="Dependencies">
        <ErrorState compact error={error} onRetry={() => void refetch()} />
      </Card>
    )
  if (!data || data.jobs.length < 2) return null
  // A graph is hard to use on a phone, so a narrow screen begins with the list.
  const view = chosen ?? (wide ? 'graph' : 'list')
  const { waitsFor, waitedForBy } = sidesOf(data, job.id)
  return (
    <Card
      id="dependencies"
      title="Dependencies"
      note={`waits for ${waitsFor.length.toLocaleString('en')}, waited for by ${waitedForBy.length.toLocaleString('en')}`}
      padded={view === 'list'}
      actions={
        <Segmented
          label="Show dependencies as"
          value={view}
          onChange={setChosen}
          options={[
            { value: 'graph', label: 'Graph' },
            { value: 'list', label: 'List' },
          ]}
        />
      }
    >
      {view === 'graph' ? (
        <GraphView key={job.id} jobId={job.id} graph={data} />
      ) : (
        <div className="grid gap-4 sm:grid-cols-2">
          <JobsOnOneSide title="Waits for" jobs={waitsFor} />
          <JobsOnOneSide title="Waited for by" jobs={waitedForBy} />
        </div>
      )}
      {data.edges.some(({ on }) => on === 'ended') ? (
        <p
          className={view === 'list' ? 'mt-3 text-xs text-faint' : 'border-t border-line px-4 py-2 text-xs text-faint'}
        >
          {view === 'graph' ? 'A dashed line: ' : 'Of some jobs it is enough that they end: '}
          the job starts once the other has ended, whether it completed or not.
        </p>
      ) : null}
      {data.capped ? (
        <p
          className={view === 'list' ? 'mt-3 text-xs text-faint' : 'border-t border-line px-4 py-2 text-xs text-faint'}
        >
          The nearest {data.jobs.length.toLocaleString('en')} jobs. Open one of them to see those around it.
        </p>
      ) : null}
    </Card>
  )
}

function JobsOnOneSide({ title, jobs }: { title: string; jobs: readonly (GraphNode & { direct: boolean })[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? jobs : jobs.slice(0, FIRST)
  return (
    <div className="min-w-0 text-sm">
      <h3 className="mb-1 text-xs font-medium text-faint">{title}</h3>
      {jobs.length === 0 ? <p className="text-faint">No other job.</p> : null}
      <ul aria-label={title}>
        {shown.map(({ id, job, direct }) => (
          <li key={id} className={direct ? undefined : 'pl-4'}>
            {job ? <JobLine job={{ id, ...job }} /> : <span className="text-faint">A job that was deleted</span>}
          </li>
        ))}
      </ul>
      {jobs.length > shown.length ? (
        <button
          type="button"
          className="mt-1 rounded text-accent underline underline-offset-4"
          onClick={() => setAll(true)}
        >
          {(jobs.length - shown.length).toLocaleString('en')} more
        </button>
      ) : null}
    </div>
  )
}
