'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useEffect, useMemo, useState } from 'react'
import { Card } from '@/app/_components/card'
import { LiveIndicator } from '@/app/_components/live-indicator'
import { PageHeader } from '@/app/_components/page-header'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { ErrorState } from '@/app/_components/states'
import { useTRPC } from '@/app/_trpc/client'
import { throttle } from '@/app/_trpc/live'
import { useWatch, WITHOUT_EVENTS_MS } from '@/app/_trpc/use-watch'
import { BucketTable } from './bucket-table'
import { bucketPath } from './buckets'
import { FailingTypes } from './failing-types'
import { QueueDepth } from './queue-depth'
import { RecentFailures } from './recent-failures'
import { StatusTiles } from './status-tiles'
import { Vitals } from './vitals'

/** Time passes also where nothing happens: what waits grows older, and the last hour moves on. */
const BESIDE_EVENTS_MS = 30_000
const RANGES = ['1h', '6h', '24h', '7d', '30d'] as const
const RANGE_NAME = {
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
} as const

// A third of the page's script, and the last thing that is looked at.
const ThroughputChart = dynamic(() => import('./charts').then((m) => m.ThroughputChart), {
  ssr: false,
  loading: () => <span className="skeleton block h-60" />,
})
const DurationChart = dynamic(() => import('./charts').then((m) => m.DurationChart), {
  ssr: false,
  loading: () => <span className="skeleton block h-52 xl:h-68" />,
})

export function OverviewPage() {
  const trpc = useTRPC()
  const router = useRouter()
  const { organizationId, ready, href } = useScope()
  const [range, setRange] = useQueryState(
    'range',
    parseAsStringLiteral(RANGES).withDefault('24h').withOptions({ history: 'push' }),
  )
  const [asTable, setAsTable] = useState<'chart' | 'table'>('chart')

  const options = {
    enabled: ready,
    placeholderData: keepPreviousData,
    refetchInterval: organizationId ? BESIDE_EVENTS_MS : WITHOUT_EVENTS_MS,
  }
  const input = { ...(organizationId ? { organizationId } : {}), range }
  const overview = useQuery(trpc.metrics.overview.queryOptions(input, options))
  const series = useQuery(trpc.metrics.timeseries.queryOptions(input, options))
  const types = useQuery(trpc.metrics.byType.queryOptions(input, options))
  const failures = useQuery(
    trpc.jobs.list.queryOptions(
      { ...(organizationId ? { organizationId } : {}), status: ['DEAD_LETTER'], limit: 6 },
      options,
    ),
  )

  const { refetch: readOverview } = overview
  const { refetch: readSeries } = series
  const { refetch: readTypes } = types
  const { refetch: readFailures } = failures
  const soon = useMemo(() => throttle(() => void readOverview(), 2000), [readOverview])
  const later = useMemo(
    () => throttle(() => void Promise.all([readSeries(), readTypes()]), 10_000),
    [readSeries, readTypes],
  )
  const whenDead = useMemo(() => throttle(() => void readFailures(), 3000), [readFailures])
  useEffect(() => () => [soon, later, whenDead].forEach((one) => one.cancel()), [soon, later, whenDead])
  useWatch(ready && organizationId ? { organizationId } : null, {
    onEvents: (events) => {
      if (!events.some((event) => event.type === 'status')) return
      soon()
      later()
      if (events.some((event) => event.toStatus === 'DEAD_LETTER' || event.fromStatus === 'DEAD_LETTER')) whenDead()
    },
    onResume: () => {
      soon()
      later()
      whenDead()
    },
  })

  const open = (at: string) => {
    if (series.data) router.push(href(bucketPath(at, series.data.bucketSeconds)))
  }
  const empty = series.data?.points.every((point) => point.completed + point.failed + point.submitted === 0) ?? false
  const seriesError =
    series.error && !series.data ? <ErrorState compact error={series.error} onRetry={() => void readSeries()} /> : null

  return (
    <>
      <PageHeader title="Overview">
        <LiveIndicator />
        <Segmented
          label="Range"
          value={range}
          onChange={(next) => void setRange(next)}
          options={RANGES.map((value) => ({ value, label: value }))}
        />
      </PageHeader>

      {overview.error && !overview.data ? (
        <ErrorState error={overview.error} onRetry={() => void readOverview()} />
      ) : (
        <div className="grid gap-4">
          <StatusTiles counts={overview.data?.counts} />
          <div className="grid items-stretch gap-4 xl:grid-cols-3">
            <Card
              id="throughput"
              title="Throughput"
              note={RANGE_NAME[range]}
              className="xl:col-span-2"
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
                    <ThroughputChart series={series.data} range={range} onOpen={open} empty={empty} />
                  )
                ) : (
                  <span className="skeleton block h-60" />
                ))}
            </Card>
            <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-1 xl:grid-rows-[auto_1fr]">
              <Vitals overview={overview.data} rangeName={RANGE_NAME[range]} />
              <QueueDepth overview={overview.data} />
            </div>
          </div>
          <div className="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
            <Card id="wait" title="Waiting time" note={RANGE_NAME[range]}>
              {seriesError ?? (
                <DurationChart
                  series={series.data}
                  range={range}
                  what="wait"
                  spread={overview.data?.wait}
                  onOpen={open}
                />
              )}
            </Card>
            <Card id="run" title="Run time" note={RANGE_NAME[range]}>
              {seriesError ?? (
                <DurationChart
                  series={series.data}
                  range={range}
                  what="run"
                  spread={overview.data?.run}
                  onOpen={open}
                />
              )}
            </Card>
            <RecentFailures
              jobs={failures.data?.items}
              error={failures.error}
              onRetry={() => void readFailures()}
              className="lg:col-span-2 xl:col-span-1"
            />
          </div>
          <FailingTypes
            types={types.data?.items}
            error={types.error}
            onRetry={() => void readTypes()}
            rangeName={RANGE_NAME[range]}
          />
        </div>
      )}
    </>
  )
}
