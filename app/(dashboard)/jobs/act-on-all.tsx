'use client'

import { RotateCcw, Square } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import { Button } from '@/app/_components/button'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import type { JobFilterInput } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { BULK_WORDS } from './bulk-words'
import { changeableOf, kindForAll } from './kind-for-all'
import { NOTHING } from './use-selection'

const BulkDialog = dynamic(() => import('./bulk-dialog'), { ssr: false })
const ALL = { ...NOTHING, all: true }

interface Props {
  filter: JobFilterInput
  /** How many jobs match the filter. Undefined while that is counted. */
  count: { count: number; capped: boolean } | undefined
  onStarted: (bulkId: string) => void
  onDone: () => void
}

/**
 * A button that acts on all jobs that match the filters, without ticking any. It offers what the statuses of the filter
 * allow: to cancel, or to retry. The dialog that it opens tells how many jobs that affects.
 */
export function ActOnAll({ filter, count: matching, onStarted, onDone }: Props) {
  const [asking, setAsking] = useState(false)
  const kind = kindForAll(filter.status)
  const count = useChangeable(kind, filter, matching)
  if (!kind) return null
  const Icon = kind === 'cancel' ? Square : RotateCcw
  return (
    <>
      {/* Its place is kept while the jobs are counted. */}
      <Button
        variant="ghost"
        className={count && count.count > 0 ? undefined : 'invisible'}
        onClick={() => setAsking(true)}
      >
        <Icon aria-hidden /> {BULK_WORDS[kind].verb} all {count ? formatCount(count.count, count.capped) : ''}…
      </Button>
      {asking ? (
        <BulkDialog
          kind={kind}
          selection={ALL}
          filter={filter}
          onClose={() => setAsking(false)}
          onDone={(bulkId) => {
            setAsking(false)
            if (bulkId) onStarted(bulkId)
            onDone()
          }}
        />
      ) : null}
    </>
  )
}

/**
 * How many of the jobs that match have a status that the action can change. Where all of them have, the count of the
 * list is the answer, and nothing is asked.
 */
function useChangeable(kind: 'cancel' | 'retry' | null, filter: JobFilterInput, matching: Props['count']) {
  const trpc = useTRPC()
  const { follows, ready } = useScope()
  const status = kind ? changeableOf(kind, filter.status) : []
  const all = status.length === filter.status?.length
  const within = useLiveQuery(
    trpc.jobs.count.queryOptions({ ...filter, status }, { enabled: ready && status.length > 0 && !all }),
    { follows: follows ?? undefined, everyMs: 15_000, patient: true },
  )
  return all ? matching : within.data
}
