import type { DbOrTx } from '@/server/db'
import type { ErrorClass } from '../../domain/types'

/** A job that is in the dead letter, as a log line tells of it. */
export interface DeadJob {
  jobId: string
  organizationId: string
  jobType: string
  attempt: number
  errorClass: ErrorClass | null
  /** The message of its error. */
  cause: string | null
  fingerprint: string | null
  /** The job whose death was the reason, where it was one. */
  causeJobId: string | null
  requestId: string | null
}

/** Returns the jobs that are in DEAD_LETTER now. */
export const deadJobs = (db: DbOrTx, jobIds: readonly string[]): Promise<DeadJob[]> =>
  db.$queryRaw<DeadJob[]>`
    SELECT j.id AS "jobId", j.organization_id AS "organizationId", j.job_type AS "jobType", j.attempt,
      j.error_class AS "errorClass", j.error_message AS cause, j.error_fingerprint AS fingerprint,
      j.cause_job_id AS "causeJobId", i.request_id AS "requestId"
    FROM jobs j JOIN job_inputs i ON i.job_id = j.id
    WHERE j.id = ANY(${[...jobIds]}::uuid[]) AND j.status = 'DEAD_LETTER'`
