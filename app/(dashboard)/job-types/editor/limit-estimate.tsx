'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import { VisibleText } from '@/app/_components/visible-text'
import { useTRPC } from '@/app/_trpc/client'
import { JOB_TYPE_NAME } from '@/server/engine/domain/name-forms'
import { estimateChange } from './estimate-change'
import { useSettled } from './use-settled'

/** Other values for the limits of a job type. Null means no limit. */
export interface WhatIf {
  jobType: string
  concurrency: { global: number | null; perOrganization: number | null }
}

/** What is typed is asked about once it has stayed the same for this long. */
const SETTLED_MS = 300
/** The estimates are read again at this interval, because the queue changes meanwhile. */
const REFRESH_MS = 10_000
/**
 * True for a limit that the server takes, whose numbers have 32 bits. A number may be incomplete while somebody types.
 */
const isLimit = (value: number | null) => value === null || (Number.isInteger(value) && value >= 0 && value < 2 ** 31)

/** How long the waiting jobs of a type take with the present limits, and how long they would take with these. */
export function LimitEstimate({ jobType, concurrency }: WhatIf) {
  const trpc = useTRPC()
  const asked: WhatIf = useSettled({ jobType, concurrency }, SETTLED_MS)
  const options = { refetchInterval: REFRESH_MS, placeholderData: keepPreviousData }
  const named = JOB_TYPE_NAME.test(asked.jobType)
  const fits = Object.values(asked.concurrency).every(isLimit)
  const today = useQuery(trpc.metrics.waiting.queryOptions({ jobType: asked.jobType }, { ...options, enabled: named }))
  const then = useQuery(
    trpc.metrics.waiting.queryOptions(
      { jobType: asked.jobType, whatIf: asked.concurrency },
      { ...options, enabled: named && fits },
    ),
  )
  if (!named || (today.error && !today.data)) return null
  // Where the typed limit cannot be asked about, `then` still has the answer for the one before, which says nothing
  // here.
  const text = !fits
    ? 'A limit is a whole number, or nothing.'
    : today.data && then.data
      ? estimateChange(today.data, then.data)
      : 'Its queue is being looked at.'
  return (
    <p
      aria-live="polite"
      className="flex min-h-19 items-start sm:min-h-14 gap-2 rounded bg-sunken px-3 py-2 text-sm text-muted"
    >
      <Hourglass aria-hidden className="mt-0.5 size-4 shrink-0 text-faint" />
      <VisibleText text={text} />
    </p>
  )
}
