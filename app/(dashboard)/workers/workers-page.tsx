'use client'

import { ServerOff } from 'lucide-react'
import { parseAsString, useQueryState } from 'nuqs'
import { NotRead } from '@/app/_components/page/not-read'
import { Page } from '@/app/_components/page/page'
import { EmptyState, ErrorState } from '@/app/_components/page/states'
import { useScope } from '@/app/_components/shell/organization'
import { LONGEST_HIDDEN_MS, useHasPassed } from '@/app/_components/use-has-passed'
import { Figures } from './figures'
import { GoneWorkers } from './gone-workers'
import { PoolsCard } from './pools-card'
import { PlatformPause } from './platform-pause'
import { CellKey } from './slot-cells'
import { useWorkers } from './use-workers'
import { WorkerCard } from './worker-card'
import { byPools, ordered } from './worker-order'

/**
 * The workers: which of them are stuck and on what, and how busy they are. Buttons drain a worker and pause the
 * platform.
 */
export function WorkersPage() {
  const [chosen] = useQueryState('worker', parseAsString)
  const { fleet, workers, readAgain } = useWorkers()
  const { organizationId } = useScope()
  // The pools stand above the workers. So these are not seen until it is known how many pools there are, also after a
  // switch to another organization.
  const hasWaited = useHasPassed(LONGEST_HIDDEN_MS, organizationId)
  const known = hasWaited || !fleet.isPending ? workers.data : undefined
  const { here, gone } = ordered(known?.items ?? [], chosen)
  const groups = byPools(here)
  // Where all workers take every pool, their cards need no headings. The card of the pools may stand above them still.
  const several = groups.length > 1 || groups.some(({ key }) => key !== 'every')
  return (
    <Page title="Workers" live actions={<PlatformPause />}>
      {fleet.error && !fleet.data ? (
        <NotRead what="The figures of the workers" onRetry={() => void fleet.refetch()} className="mb-4" />
      ) : (
        <Figures fleet={fleet.data} />
      )}
      {workers.error && !workers.data ? (
        <ErrorState error={workers.error} onRetry={readAgain} />
      ) : (
        <div className="grid gap-4">
          <PoolsCard pools={fleet.data?.pools ?? []} />
          {!known ? (
            <WorkerSkeleton />
          ) : here.length === 0 ? (
            <div className="rounded-lg border border-line bg-surface shadow-card">
              <EmptyState
                icon={ServerOff}
                tone="bg-danger-soft text-danger"
                title="No worker is alive"
                text="Jobs are taken in and wait. Start one with npm run worker, or look at the logs of those that should run."
              />
            </div>
          ) : (
            groups.map(({ key, title, workers: some }) => (
              <section key={key} aria-label={several ? title : undefined} className="grid gap-4">
                {several ? <p className="text-sm font-medium text-muted wrap-anywhere">{title}</p> : null}
                {some.map((worker) => (
                  <WorkerCard key={worker.id} worker={worker} chosen={worker.id === chosen} onChanged={readAgain} />
                ))}
              </section>
            ))
          )}
          {/* The server lists workers that are gone last. A full answer without any of them may lack present ones. */}
          {known && known.nextCursor !== null && gone.length === 0 ? (
            <p className="text-sm text-muted">
              There may be more workers. The {here.length} that started last are shown.
            </p>
          ) : null}
          {here.length > 0 ? <CellKey /> : null}
          <GoneWorkers workers={gone} count={known?.gone ?? 0} />
        </div>
      )}
    </Page>
  )
}

/** The grey shape of a worker: its line, and its two rows of slots. */
const WorkerSkeleton = () => (
  <div aria-hidden className="rounded-lg border border-line bg-surface shadow-card">
    <div className="border-b border-line px-4 py-3">
      <span className="skeleton block h-4 w-72 max-w-full" />
    </div>
    <div className="grid gap-3 px-4 py-3">
      <span className="skeleton block h-5 w-1/3" />
      <span className="skeleton block h-5 w-2/3" />
    </div>
  </div>
)
