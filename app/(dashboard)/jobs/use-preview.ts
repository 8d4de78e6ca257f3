'use client'

import { useQuery } from '@tanstack/react-query'
import { BULK_STATUSES, type BulkKind } from '@/app/_components/job-status'
import { useScope } from '@/app/_components/shell/organization'
import { useTRPC } from '@/app/_trpc/client'
import { messageOf } from '@/app/_trpc/refusal'
import type { JobFilterInput } from '@/app/_trpc/types'
import { wasNeverRead } from '@/app/_trpc/was-never-read'
import { previewOf } from './bulk-preview'
import type { Which } from './use-forecast'
import type { Selection } from './use-selection'

interface Asked {
  kind: BulkKind
  selection: Selection
  filter: JobFilterInput
  /** Only the viewer's own jobs can be changed. */
  ownOnly: boolean
  /** Leaves out the count, where the text does not need it. */
  skip?: boolean
  /** It may be confirmed although the jobs could not be counted. */
  uncountedToo: boolean
}

/** How many of the jobs the action can change, judged by their status alone. */
export function usePreview({ kind, selection, filter, ownOnly, skip = false, uncountedToo }: Asked) {
  const trpc = useTRPC()
  const { viewer } = useScope()
  const statuses = BULK_STATUSES[kind].filter((status) => !filter.status?.length || filter.status.includes(status))
  const counts = selection.all && !skip
  const askCounts = counts && statuses.length > 0
  const own = ownOnly && viewer.userId ? { submittedById: viewer.userId } : {}
  const within = useQuery(
    trpc.jobs.count.queryOptions({ ...filter, ...own, status: statuses }, { enabled: askCounts, staleTime: 0 }),
  )
  const total = useQuery(trpc.jobs.count.queryOptions(filter, { enabled: counts, staleTime: 0 }))
  const uncounted = within.error ?? total.error
  const again = wasNeverRead(within) || wasNeverRead(total)
  return previewOf({
    kind,
    selection,
    statuses,
    // Where no status of the filter can be changed, the answer is known without asking.
    within: askCounts ? within.data : { count: 0, capped: false },
    total: total.data,
    failed: uncounted ? messageOf(uncounted) : again ? 'it is tried again.' : null,
    ownOnly,
    userId: viewer.userId,
    uncountedToo,
  })
}

/** The chosen jobs in the form of the API. */
export function whichOf(selection: Selection, filter: JobFilterInput): Which {
  if (!selection.all) return { jobIds: [...selection.jobs.keys()] }
  const { organizationId: _, ...conditions } = filter
  return { filter: conditions, ...(Object.keys(conditions).length === 0 ? { all: true } : {}) }
}
