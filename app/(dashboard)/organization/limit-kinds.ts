import { UNFINISHED_STATUSES } from '@/app/_components/job-status'
import type { JobStatus } from '@/app/_trpc/types'

/** A limit of an organization, and which jobs count towards it. */
export interface LimitKind {
  field: 'maxUnfinished' | 'maxConcurrent'
  title: string
  what: string
  statuses: readonly JobStatus[]
  /** What happens once the limit is reached. */
  full: string
  /** What a limit of 0 does. */
  none: string
}

export const LIMITS: readonly LimitKind[] = [
  {
    field: 'maxUnfinished',
    title: 'Unfinished jobs',
    what: 'Jobs that wait or run.',
    statuses: UNFINISHED_STATUSES,
    full: 'New submissions are refused until some have ended (QUEUE_FULL).',
    none: 'Every submission is refused (QUEUE_FULL).',
  },
  {
    field: 'maxConcurrent',
    title: 'Running jobs',
    what: 'Jobs that run or are handed to a worker, of all job types together.',
    statuses: ['QUEUED', 'RUNNING'],
    full: 'Further jobs wait until one has ended.',
    none: 'No job starts.',
  },
]
