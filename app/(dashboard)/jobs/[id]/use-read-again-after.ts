import { useEffect, useRef } from 'react'
import type { Job } from '@/app/_trpc/types'

/**
 * Reads other jobs again when the status of this one changes. A retry also brings back the jobs that died with it, and
 * its end lets others go on.
 */
export function useReadAgainAfter(job: Job | undefined, { refetch }: { refetch: () => unknown }): void {
  const state = job && `${job.status} ${job.attempt}`
  const seen = useRef(state)
  useEffect(() => {
    if (seen.current !== undefined && seen.current !== state) void refetch()
    seen.current = state
  }, [state, refetch])
}
