import type { JobStatus } from './types'

/**
 * An event of `jobs.watch` (rule 5). `reset` says that events were lost, so the receiver has to read again what it
 * shows. Fields that do not belong to an event's type are null (events/job-events.ts), and so is `fromStatus` of a new
 * job.
 */
export interface JobEvent {
  id: string
  type: 'status' | 'progress' | 'reset'
  jobId: string | null
  fromStatus: JobStatus | null
  toStatus: JobStatus | null
  attempt: number | null
  progress: number | null
  progressMessage: string | null
  at: Date
}
