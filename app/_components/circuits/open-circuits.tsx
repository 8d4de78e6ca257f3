'use client'

import Link from '../link'
import { Card } from '../card'
import { ErrorState } from '../page/states'
import { useScope } from '../shell/organization'
import { formatCount } from '../time'
import { splitByState } from './circuit-words'
import { CircuitRow } from './circuit-row'
import type { useCircuits } from './use-circuits'

/** The overview shows this many. The page of circuits shows all of them. */
const SHOWN = 3

/**
 * The open circuits, on the overview. It shows nothing while all circuits are closed and while they are read for the
 * first time. Where they cannot be read, it says so.
 */
export function OpenCircuits({ circuits: query }: { circuits: ReturnType<typeof useCircuits> }) {
  const { href } = useScope()
  if (query.error && !query.data) {
    return (
      <Card id="open-circuits" title="Open circuits" padded={false}>
        <ErrorState compact error={query.error} onRetry={() => void query.refetch()} />
      </Card>
    )
  }
  const { open } = splitByState(query.data?.items ?? [])
  if (open.length === 0) return null
  return (
    <Card
      id="open-circuits"
      title="Open circuits"
      note={formatCount(open.length)}
      padded={false}
      actions={
        <Link
          href={href('/circuits')}
          className="rounded px-1 text-xs font-medium text-accent hover:underline pointer-coarse:py-2"
        >
          {open.length > SHOWN ? `All ${formatCount(open.length)}` : 'Circuits'}
        </Link>
      }
    >
      <ul className="divide-y divide-line">
        {open.slice(0, SHOWN).map((circuit) => (
          <CircuitRow
            key={`${circuit.organizationId} ${circuit.jobType}`}
            circuit={circuit}
            onDone={() => void query.refetch()}
          />
        ))}
      </ul>
    </Card>
  )
}
