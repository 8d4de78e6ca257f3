import { errorWords } from '@/app/_components/prose-words'
import { formatDuration } from '@/app/_components/time'
import type { Job } from '@/app/_trpc/types'

type TriedJob = Pick<Job, 'status' | 'startedAt' | 'finishedAt' | 'error'>

/**
 * Before all jobs of a cause are retried, one of them can be tried. These words say how that job does. `reason` tells
 * why it waits, if it waits.
 */
export function triedWords({ status, startedAt, finishedAt, error }: TriedJob, reason: string | undefined): string {
  switch (status) {
    case 'COMPLETED':
      return startedAt && finishedAt
        ? `The one that was tried completed, in ${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))}.`
        : 'The one that was tried completed.'
    case 'DEAD_LETTER':
      return `The one that was tried died again: ${error ? errorWords(error.message) : 'no error was recorded'}`
    case 'FAILED':
    case 'TIMED_OUT':
      return `The one that was tried failed again, and will be tried once more: ${error ? errorWords(error.message) : 'no error was recorded'}`
    case 'CANCELED':
      return 'The one that was tried was canceled.'
    case 'RUNNING':
      return 'The one that was tried runs.'
    case 'PENDING':
    case 'QUEUED':
      return reason ? `The one that was tried waits. ${reason}` : 'The one that was tried waits for its turn.'
  }
}

/** The reason that stands in the history of a job that was tried. */
export const TRY_REASON = 'One tried before the others'
