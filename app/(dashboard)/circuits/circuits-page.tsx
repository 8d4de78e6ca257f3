'use client'

import { CircleCheck } from 'lucide-react'
import { Card } from '@/app/_components/card'
import { CircuitRow } from '@/app/_components/circuits/circuit-row'
import { splitByState } from '@/app/_components/circuits/circuit-words'
import { useCircuits } from '@/app/_components/circuits/use-circuits'
import { Page } from '@/app/_components/page/page'
import { EmptyState } from '@/app/_components/page/states'
import { formatCount } from '@/app/_components/time'
import { ClosedCircuits } from './closed-circuits'

/**
 * The job types that are held back because most of their attempts fail. Open circuits come first, then those that were
 * open before.
 */
export function CircuitsPage() {
  const circuits = useCircuits()
  const { open, closed } = splitByState(circuits.data?.items ?? [])
  return (
    <Page
      title="Circuits"
      live
      error={circuits.data ? null : circuits.error}
      onRetry={() => void circuits.refetch()}
      skeleton={circuits.data ? null : <Skeleton />}
    >
      <div className="grid gap-4">
        <Card id="open" title="Open" note={formatCount(open.length)} padded={false}>
          {open.length === 0 ? (
            <EmptyState
              compact
              icon={CircleCheck}
              tone="bg-completed-soft text-completed"
              title="No circuit is open"
              // The numbers are those of rule 4.12 in docs/specification.md.
              text="A circuit opens when, within 30 minutes, over half of at least ten attempts of a job type failed. Its jobs wait then, and are tried one at a time after 15 minutes."
            />
          ) : (
            <ul aria-label="Open circuits" className="divide-y divide-line">
              {open.map((circuit) => (
                <CircuitRow
                  key={`${circuit.organizationId} ${circuit.jobType}`}
                  circuit={circuit}
                  onDone={() => void circuits.refetch()}
                />
              ))}
            </ul>
          )}
        </Card>
        <ClosedCircuits circuits={closed} />
      </div>
    </Page>
  )
}

/** The grey shape of an open circuit, below the head of its card. */
const Skeleton = () => (
  <div aria-hidden className="rounded-lg border border-line bg-surface shadow-card">
    <div className="border-b border-line px-4 py-3">
      <span className="skeleton block h-4 w-16" />
    </div>
    <div className="grid gap-2 px-4 py-3">
      <span className="skeleton block h-4 w-48" />
      <span className="skeleton block h-4 w-3/4" />
      <span className="skeleton block h-3 w-1/2" />
    </div>
  </div>
)
