'use client'

import { useRouter } from 'next/navigation'
import { X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { Card } from '@/app/_components/card'
import { cn } from '@/app/_components/cn'
import { useCircuits } from '@/app/_components/circuits/use-circuits'
import { OpenCircuits } from '@/app/_components/circuits/open-circuits'
import { Page } from '@/app/_components/page/page'
import { FindField } from '@/app/_components/palette/find-field'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { useStuck } from '@/app/_components/stuck/use-stuck'
import { LONGEST_HIDDEN_MS, useHasPassed } from '@/app/_components/use-has-passed'
import { ErrorState } from '@/app/_components/page/states'
import { BucketTable } from './bucket-table'
import { bucketSpan } from './buckets'
import { DurationChart } from './charts/duration-chart'
import { ThroughputChart } from './charts/throughput-chart'
import { JobTypesCard } from './job-types-card'
import { completedPath, failedPath } from '@/app/_components/figures/figure-paths'
import { FirstJob } from './first-job'
import { NeedsALook } from './needs-a-look'
import { QueueDepth } from './queue-depth'
import { StatusTiles } from './status-tiles'
import { RANGES, useOverview } from './use-overview'
import { useTime } from './use-time'
import { Vitals } from './vitals'
import { WaitingWork } from './waiting-work'
import { WorkersCard } from './workers-card'

export function OverviewPage() {
  const router = useRouter()
  const { href, organizationId } = useScope()
  const shown = useTime()
  const [asTable, setAsTable] = useState<'chart' | 'table'>('chart')

  const { overview, series, types, failing, waiting, fleet } = useOverview(shown.time)
  const circuits = useCircuits({ open: true })
  const stuck = useStuck()
  // How high the first cards are, down to the open circuits, depends on these. All that stands below the first card is
  // shown when they are known, so that nothing moves down under a reader's eyes. A slow one hides nothing for long. After
  // a switch to another organization all this begins anew.
  const hasWaited = useHasPassed(LONGEST_HIDDEN_MS, organizationId)
  const isPlaced =
    hasWaited || [overview, failing, waiting, circuits, stuck, fleet].every(({ isPending }) => !isPending)
  const target = {
    onOpen: (at: string, failures: boolean) => {
      if (!series.data) return
      const span = bucketSpan(at, series.data.bucketSeconds)
      router.push(href(failures ? failedPath(span) : completedPath(span)))
    },
    onBrush: shown.choose,
  }
  const hasNoJobs = overview.data !== undefined && Object.values(overview.data.counts).every((count) => count === 0)
  const nothingHappened =
    series.data?.points.every((point) => point.completed + point.failed + point.submitted === 0) ?? false
  const seriesError =
    series.error && !series.data ? (
      <ErrorState compact error={series.error} onRetry={() => void series.refetch()} />
    ) : null

  return (
    <Page
      title="Overview"
      live
      actions={
        <>
          {shown.chosen ? (
            <Button
              size="sm"
              aria-label={`Show the last ${shown.range} again, in place of ${shown.name}`}
              title="Back to the range"
              onClick={() => shown.setRange(shown.range)}
            >
              {shown.name} <X aria-hidden className="size-3.5!" />
            </Button>
          ) : null}
          <Segmented
            label="Range"
            value={shown.chosen ? null : shown.range}
            onChange={shown.setRange}
            options={RANGES.map((value) => ({ value, label: value }))}
          />
        </>
      }
      error={overview.data ? null : overview.error}
      onRetry={() => void overview.refetch()}
    >
      <div className="grid gap-4">
        <FindField />
        {hasNoJobs ? (
          <FirstJob fleet={fleet.data} />
        ) : (
          <NeedsALook
            stuck={stuck}
            causes={failing.data?.items}
            circuits={circuits.data?.items}
            fleet={fleet.data}
            more={Boolean(failing.data?.nextCursor)}
            error={failing.error}
            onRetry={() => void failing.refetch()}
            rangeName={shown.name}
            during={shown.during}
            time={shown.time}
            dead={overview.data?.counts.DEAD_LETTER}
          />
        )}
        <div className={cn('grid gap-4', !isPlaced && 'invisible')}>
          <WaitingWork waiting={waiting.data} error={waiting.error} onRetry={() => void waiting.refetch()} />
          <OpenCircuits circuits={circuits} />
          <StatusTiles counts={overview.data?.counts} />
          <div className="grid items-stretch gap-4 xl:grid-cols-3">
            <Card
              id="throughput"
              title="Throughput"
              note={shown.name}
              className="xl:col-span-2"
              fills
              actions={
                <Segmented
                  label="Throughput as"
                  value={asTable}
                  onChange={setAsTable}
                  options={[
                    { value: 'chart', label: 'Chart' },
                    { value: 'table', label: 'Table' },
                  ]}
                />
              }
            >
              {seriesError ??
                (series.data ? (
                  asTable === 'table' ? (
                    <BucketTable series={series.data} />
                  ) : (
                    <ThroughputChart series={series.data} empty={nothingHappened} {...target} />
                  )
                ) : (
                  <span className="skeleton block min-h-66 flex-1" />
                ))}
            </Card>
            <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-1 xl:grid-rows-[auto_auto_1fr]">
              <Vitals overview={overview.data} rangeName={shown.name} />
              <WorkersCard
                fleet={fleet.data}
                stuck={stuck.data?.items.length}
                onRetry={fleet.error && !fleet.data ? () => void fleet.refetch() : undefined}
              />
              <QueueDepth
                depth={waiting.data?.byPriority}
                onRetry={waiting.error && !waiting.data ? () => void waiting.refetch() : undefined}
              />
            </div>
          </div>
          <div className="grid gap-4 lg:grid-cols-2">
            <Card id="wait" title="Waiting time" note={shown.durations}>
              {seriesError ?? (
                <DurationChart series={series.data} what="wait" spread={overview.data?.wait} {...target} />
              )}
            </Card>
            <Card id="run" title="Run time" note={shown.durations}>
              {seriesError ?? <DurationChart series={series.data} what="run" spread={overview.data?.run} {...target} />}
            </Card>
          </div>
          <JobTypesCard
            types={types.data?.items}
            time={types.data}
            waiting={waiting.data?.byJobType}
            error={types.error}
            onRetry={() => void types.refetch()}
            rangeName={shown.durations}
          />
        </div>
      </div>
    </Page>
  )
}
