'use client'

import { useQuery } from '@tanstack/react-query'
import type { BulkKind } from '@/app/_components/job-status'
import { useTRPCClient } from '@/app/_trpc/client'
import type { Forecast, JobFilterInput } from '@/app/_trpc/types'

/** The jobs of a bulk action, in the form of the API. */
export type Which = { jobIds: string[] } | { filter: Omit<JobFilterInput, 'organizationId'>; all?: boolean }

/**
 * The forecast is read again at this interval, because circuits open, pauses end and jobs move on while somebody reads.
 */
const AGAIN_MS = 15_000

/** What a bulk action would do now. Asking for it changes nothing. */
export function useForecast(kind: BulkKind, organizationId: string | undefined, which: Which, enabled = true) {
  const client = useTRPCClient()
  return useQuery({
    queryKey: ['forecast', kind, organizationId, which],
    queryFn: async ({ signal }): Promise<Forecast> => {
      if (!organizationId) throw new Error('No organization was chosen.')
      const answer = await client.jobs[`${kind}Many`].mutate({ organizationId, ...which, dryRun: true }, { signal })
      if ('changed' in answer) throw new Error('The server did more than to look.')
      return answer
    },
    enabled: enabled && organizationId !== undefined,
    staleTime: 0,
    gcTime: 0,
    refetchInterval: AGAIN_MS,
  })
}
