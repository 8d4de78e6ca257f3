import { errorWords } from '@/app/_components/prose-words'
import type { Job } from '@/app/_trpc/types'

/** What a row shows beside the status of a job. The progress of a running job is shown by why-cell.tsx. */
export interface RowWords {
  /** When the job goes on by itself. */
  until: { word: string; at: string } | null
  text: string
  tone: 'bad' | 'plain'
}

const failures = (count: number) => (count === 1 ? '1 failure' : `${count} failures`)

/** The most important fact about a job in its state. It is empty where the status tells everything. */
export function wordsOfRow(job: Job, now: number): RowWords {
  const says = (text: string, tone: RowWords['tone'] = 'plain', until: RowWords['until'] = null) => ({
    until,
    text,
    tone,
  })
  switch (job.status) {
    case 'DEAD_LETTER':
      return says(errorWords(job.error?.message ?? ''), 'bad')
    case 'FAILED':
    case 'TIMED_OUT':
      return says(
        errorWords(job.error?.message ?? ''),
        'bad',
        job.nextRetryAt ? { word: 'retry', at: job.nextRetryAt } : null,
      )
    case 'CANCELED':
      return says([job.canceledBy?.name, job.cancelReason].filter(Boolean).join(': '))
    case 'RUNNING':
      return says(job.cancelRequestedAt ? 'Its cancel was requested' : '')
    case 'COMPLETED':
      return says(job.failures > 0 ? `after ${failures(job.failures)}` : '')
    case 'PENDING':
    case 'QUEUED':
      // A second of slack, because the clocks of the server and of this machine differ.
      return says(
        job.failures > 0 ? failures(job.failures) : '',
        'plain',
        job.status === 'PENDING' && Date.parse(job.runAt) > now + 1_000 ? { word: 'starts', at: job.runAt } : null,
      )
  }
}
