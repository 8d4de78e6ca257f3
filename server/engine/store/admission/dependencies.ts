import type { Tx } from '@/server/db'
import type { JobStatus } from '../../domain/types'
import { diesWithParent } from '../open-parents'

/**
 * Returns the status of each of these jobs that belongs to the organization. They are locked, so that none is deleted
 * before this transaction ends. The lock is only FOR KEY SHARE, so that their own transitions can go on
 * (docs/decisions/0017).
 */
export async function holdParents(
  tx: Tx,
  organizationId: string,
  jobIds: readonly string[],
): Promise<Map<string, JobStatus>> {
  if (jobIds.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: string; status: JobStatus }[]>`
    SELECT id, status FROM jobs WHERE id = ANY(${[...jobIds]}::uuid[]) AND organization_id = ${organizationId}::uuid
    ORDER BY id FOR KEY SHARE`
  return new Map(rows.map(({ id, status }) => [id, status]))
}

/** A parent that a job needs and that is not COMPLETED. A `status` of null means that it was deleted. */
export interface OpenParent {
  jobId: string
  parentId: string
  status: JobStatus | null
  /** The job whose death it died of itself. */
  causeJobId: string | null
}

/** The parents of these jobs that are not COMPLETED and whose death is theirs. */
export async function openParents(tx: Tx, jobIds: readonly string[]): Promise<OpenParent[]> {
  const rows = await tx.$queryRaw<
    { job_id: string; parent_id: string; status: JobStatus | null; cause_job_id: string | null }[]
  >`
    SELECT d.job_id, d.parent_id, p.status, p.cause_job_id FROM job_dependencies d LEFT JOIN jobs p ON p.id = d.parent_id
    WHERE d.job_id = ANY(${[...jobIds]}::uuid[]) AND ${diesWithParent} AND p.status IS DISTINCT FROM 'COMPLETED' ORDER BY d.job_id, d.parent_id`
  return rows.map((row) => ({
    jobId: row.job_id,
    parentId: row.parent_id,
    status: row.status,
    causeJobId: row.cause_job_id,
  }))
}
