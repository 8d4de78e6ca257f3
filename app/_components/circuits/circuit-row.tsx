'use client'

import { useQuery } from '@tanstack/react-query'
import { Unplug } from 'lucide-react'
import Link from '../link'
import { useTRPC } from '@/app/_trpc/client'
import type { Circuit } from '@/app/_trpc/types'
import { ErrorPattern } from '../error-pattern'
import { RelativeTime } from '../relative-time'
import { useScope } from '../shell/organization'
import { formatCount } from '../time'
import { useNow } from '../use-now'
import { VisibleText } from '../visible-text'
import { nextStep } from './circuit-words'
import { CloseCircuit } from './close-circuit'
import { OutcomeDots } from './outcome-dots'

const LINK = 'rounded font-medium text-accent hover:underline pointer-coarse:py-1'

/**
 * A circuit that holds jobs back. It tells since when and why, how many jobs it holds, what comes next, and it offers a
 * button that closes the circuit.
 */
export function CircuitRow({ circuit, onDone }: { circuit: Circuit; onDone: () => void }) {
  const { organizationId, me } = useScope()
  const link = useLinkInto(circuit)
  const now = useNow()
  const { jobType, failures, outcomes, openedAt, trialJobId, cause } = circuit
  const type = `type=${encodeURIComponent(jobType)}`
  const owner = organizationId ? null : me?.organizations.find(({ id }) => id === circuit.organizationId)?.name
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-2.5">
      <Unplug aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="grid min-w-0 flex-1 basis-64 gap-0.5 text-sm">
        <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <span className="font-medium wrap-anywhere">
            <VisibleText text={jobType} />
          </span>
          {owner ? (
            <span className="text-muted">
              <VisibleText text={owner} />
            </span>
          ) : null}
          <OutcomeDots circuit={circuit} />
        </p>
        <p className="text-muted tabular-nums">
          Opened <RelativeTime at={openedAt} />, when {failures} of {outcomes} attempts had failed.{' '}
          {trialJobId ? (
            <Link href={link(`/jobs/${trialJobId}`)} prefetch={false} className={LINK}>
              {nextStep(circuit, now)}
            </Link>
          ) : (
            nextStep(circuit, now)
          )}
          . <Held circuit={circuit} />
        </p>
        {cause ? (
          <p className="min-w-0 text-xs text-muted">
            <Link
              href={link(`/jobs?${type}&cause=${encodeURIComponent(cause.errorFingerprint)}`)}
              prefetch={false}
              className="rounded wrap-anywhere hover:underline"
            >
              <ErrorPattern text={cause.pattern} />
            </Link>{' '}
            <span className="text-faint">({cause.count} of the last failures)</span>
          </p>
        ) : null}
      </div>
      <CloseCircuit circuit={circuit} onDone={onDone} />
    </li>
  )
}

/**
 * How many jobs the circuit holds back. Jobs of the type that wait for something else, such as their time, do not count.
 * The list behind the link uses the same filter, so both show the same count.
 */
function Held({ circuit }: { circuit: Circuit }) {
  const trpc = useTRPC()
  const link = useLinkInto(circuit)
  const held = useQuery(
    trpc.jobs.count.queryOptions(
      { organizationId: circuit.organizationId, jobType: [circuit.jobType], waitingFor: ['CIRCUIT_OPEN'] },
      { refetchInterval: 10_000 },
    ),
  )
  if (!held.data) return held.error ? <>How many jobs it holds back could not be read.</> : null
  const { count, capped } = held.data
  if (count === 0) return <>No job waits for it alone.</>
  return (
    <Link
      href={link(`/jobs?type=${encodeURIComponent(circuit.jobType)}&waitingFor=CIRCUIT_OPEN`)}
      prefetch={false}
      // e2e/figures.spec.ts opens the list and compares its length with this number.
      data-count={capped ? undefined : count}
      className={LINK}
    >
      {count === 1 ? '1 job held' : `${formatCount(count, capped)} jobs held`}
    </Link>
  )
}

/** Makes a link that opens in the circuit's own organization, also from a page that shows all organizations. */
function useLinkInto({ organizationId }: Circuit) {
  const { href, organizationId: shown } = useScope()
  return (path: string) => (shown ? href(path) : `${path}${path.includes('?') ? '&' : '?'}org=${organizationId}`)
}
