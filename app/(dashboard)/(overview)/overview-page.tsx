'use client'

import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Card } from '@/app/_components/card'
import { OpenCircuits } from '@/app/_components/circuits/open-circuits'
import { Page } from '@/app/_components/page/page'
import { Segmented } from '@/app/_components/segmented'
import { useScope } from '@/app/_components/shell/organization'
import { ErrorState } from '@/app/_components/page/states'
import { BucketTable } from './bucket-table'
import { bucketPath } from './buckets'
import { FailingTypes } from './failing-types'
import { FirstJob } from './first-job'
import { NeedsALook } from './needs-a-look'
import { QueueDepth } from './queue-depth'
import { StatusTiles } from './status-tiles'
import { RANGES, useOverview } from './use-overview'
import { Vitals } from './vitals'
import { WaitingWork } from './waiting-work'

const RANGE_NAME = {
  '1h': 'last hour',
  '6h': 'last 6 hours',
  '24h': 'last 24 hours',
  '7d': 'last 7 days',
  '30d': 'last 30 days',
} as const

// The charts are a third of the page's script, and people look at them last. So their code is loaded later.
const ThroughputChart = dynamic(() => import('./charts').then((m) => m.ThroughputChart), {
  ssr: false,
  loading: () => <span className="skeleton block h-60" />,
})
const DurationChart = dynamic(() => import('./charts').then((m) => m.DurationChart), {
  ssr: false,
  loading: () => <span className="skeleton block h-52 xl:h-68" />,
})

export function OverviewPage() {
  const router = useRouter()
  const { href } = useScope()
  const [range, setRange] = useQueryState(
    'range',
    parseAsStringLiteral(RANGES).withDefault('24h').withOptions({ history: 'push' }),
  )
  const [asTable, setAsTable] = useState<'chart' | 'table'>('chart')

  const { overview, series, types, failing, waiting } = useOverview(range)
  const open = (at: string) => {
    if (series.data) router.push(href(bucketPath(at, series.data.bucketSeconds, 'completed')))
  }
  const never = overview.data !== undefined && Object.values(overview.data.counts).every((count) => count === 0)
  const empty = series.data?.points.every((point) => point.completed + point.failed + point.submitted === 0) ?? false
  const seriesError =
    series.error && !series.data ? (
      <ErrorState compact error={series.error} onRetry={() => void series.refetch()} />
    ) : null

  return (
    <Page
      title="Overview"
      live
      actions={
        <Segmented
          label="Range"
          value={range}
          onChange={(next) => void setRange(next)}
          options={RANGES.map((value) => ({ value, label: value }))}
        />
      }
      error={overview.data ? null : overview.error}
      onRetry={() => void overview.refetch()}
    >
      <div className="grid gap-4">
        {never ? <FirstJob /> : null}
        <NeedsALook
          causes={failing.data?.items}
          more={Boolean(failing.data?.nextCursor)}
          error={failing.error}
          onRetry={() => void failing.refetch()}
          rangeName={RANGE_NAME[range]}
          dead={overview.data?.counts.DEAD_LETTER}
        />
        <WaitingWork waiting={waiting.data} error={waiting.error} onRetry={() => void waiting.refetch()} />
        <OpenCircuits />
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
            <QueueDepth depth={waiting.data?.byPriority} />
          </div>
        </div>
        <div className="grid gap-4 lg:grid-cols-2">
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
              <DurationChart series={series.data} range={range} what="run" spread={overview.data?.run} onOpen={open} />
            )}
          </Card>
        </div>
        <FailingTypes
          types={types.data?.items}
          error={types.error}
          onRetry={() => void types.refetch()}
          rangeName={RANGE_NAME[range]}
        />
      </div>
    </Page>
  )
}
