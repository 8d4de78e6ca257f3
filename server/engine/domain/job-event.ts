import type { JobStatus } from './types'

/** SPEC 5, "Events". `reset`: events were lost on the way; read again what is shown. */
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
