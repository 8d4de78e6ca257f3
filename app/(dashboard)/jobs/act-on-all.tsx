'use client'

import { keepPreviousData } from '@tanstack/react-query'
import { RotateCcw, Square } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useLayoutEffect, useRef, useState } from 'react'
import { Button } from '@/app/_components/button'
import { passFocusOn } from '@/app/_components/focus-heir'
import { usePageActions } from '@/app/_components/palette/page-actions'
import { useScope } from '@/app/_components/shell/organization'
import { formatCount } from '@/app/_components/time'
import { useTRPC } from '@/app/_trpc/client'
import type { JobFilterInput } from '@/app/_trpc/types'
import { useLiveQuery } from '@/app/_trpc/use-live-query'
import { wasNeverRead } from '@/app/_trpc/was-never-read'
import { BULK_WORDS } from './bulk-words'
import { changeableOf, kindForAll } from './kind-for-all'
import { NOTHING } from './use-selection'

const BulkDialog = dynamic(() => import('./bulk-dialog'), { ssr: false })
const ALL = { ...NOTHING, all: true }

interface Props {
  filter: JobFilterInput
  /** How many jobs match the filter. Undefined while that is counted. */
  count: { count: number; capped: boolean } | undefined
  /** They could not be counted. */
  uncounted: boolean
  onStarted: (bulkId: string) => void
  onDone: () => void
}

/**
 * A button that acts on all jobs that match the filters, without ticking any. It offers what the statuses of the filter
 * allow: to cancel, or to retry. The dialog that it opens tells how many jobs that affects. Give it the question of the
 * list as its `key`, so that nothing is left of one question while another is asked.
 */
export function ActOnAll({ filter, count: matching, uncounted, onStarted, onDone }: Props) {
  /** The filter at the moment of the press. The dialog's code may still have to be loaded then. */
  const [pressed, setPressed] = useState<JobFilterInput | null>(null)
  const kind = kindForAll(filter.status)
  const { count, failed, readAgain } = useChangeable(kind, filter, { matching, uncounted })
  // Where they cannot be counted, there may be some. The dialog counts again.
  const offered = failed || (count !== undefined && count.count > 0)
  const button = useRef<HTMLButtonElement>(null)
  // Nothing is left to act on, for example because it was just done. A hidden button cannot keep the focus.
  useLayoutEffect(() => {
    if (!offered && button.current) passFocusOn(button.current)
  }, [offered])
  const label = kind && `${BULK_WORDS[kind].verb} all${count ? ` ${formatCount(count.count, count.capped)}` : ''}`
  usePageActions(offered ? [{ label: `${label} jobs that match…`, run: () => setPressed(filter) }] : [])
  if (!kind) return null
  const Icon = kind === 'cancel' ? Square : RotateCcw
  return (
    <>
      {/* Its place is kept while the jobs are counted. */}
      <Button
        variant="ghost"
        ref={button}
        className={offered ? undefined : 'invisible'}
        onClick={() => setPressed(filter)}
      >
        <Icon aria-hidden /> {label}…
      </Button>
      {pressed ? (
        <BulkDialog
          kind={kind}
          selection={ALL}
          filter={pressed}
          onClose={() => setPressed(null)}
          onDone={(bulkId) => {
            setPressed(null)
            if (bulkId) onStarted(bulkId)
            readAgain()
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
function useChangeable(
  kind: 'cancel' | 'retry' | null,
  filter: JobFilterInput,
  { matching, uncounted }: { matching: Props['count']; uncounted: boolean },
) {
  const trpc = useTRPC()
  const { follows, ready } = useScope()
  const status = kind ? changeableOf(kind, filter.status) : []
  const all = status.length === filter.status?.length
  const within = useLiveQuery(
    trpc.jobs.count.queryOptions(
      { ...filter, status },
      // "The last hour" moves on every minute. The count of a minute ago stands until the new one is there.
      { enabled: ready && status.length > 0 && !all, placeholderData: keepPreviousData },
    ),
    // Counting is expensive. So an event right after the first count waits, too (`patient`). On a page of all
    // organizations, which has no events, `follows` is null, and the count would be read at intervals. Undefined
    // prevents that.
    { follows: follows ?? undefined, everyMs: 15_000, patient: true },
  )
  if (all) return { count: matching, failed: uncounted, readAgain: () => undefined }
  return { count: within.data, failed: wasNeverRead(within), readAgain: () => void within.refetch() }
}
