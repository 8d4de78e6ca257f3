import { Prisma, type DbOrTx } from '@/server/db'
import type { DependencyCondition } from '../../domain/dependencies'
import type { ErrorClass, JobStatus, Json, Scope } from '../../domain/types'
import { UUID } from '../../domain/uuid'
import { decodeCursor, pageOf, type Page } from './cursor'
import { readListedJobs, type SizedJob } from './job-view'
import type { Ask } from './stoppable'

/** A parent as the handler of its child sees it. */
export interface ParentRow {
  id: string
  /** The name by which the batch that made both jobs named it. */
  ref: string | null
  jobType: string
  status: JobStatus
  /** What its handler returned, or null. */
  result: Json
  /** Its last error. Null where it had none, or completed. */
  error: { message: string; class: ErrorClass } | null
  artifacts: { name: string; contentType: string; size: number; storageKey: string }[]
}

/** The parents of a job of this organization that are still there, in the order of their ids, with what they made. */
export const readParents = (ask: Ask, organizationId: string, jobId: string): Promise<ParentRow[]> =>
  ask(Prisma.sql`
    SELECT p.id, d.ref, p.job_type AS "jobType", p.status, r.result,
      CASE WHEN p.error_message IS NOT NULL AND p.status <> 'COMPLETED'
        THEN jsonb_build_object('message', p.error_message, 'class', COALESCE(p.error_class, 'PERMANENT')) END AS error,
      (SELECT COALESCE(jsonb_agg(jsonb_build_object('name', a.name, 'contentType', a.content_type, 'size', a.size, 'storageKey', a.storage_key) ORDER BY a.name), '[]')
       FROM artifacts a WHERE a.job_id = p.id) AS artifacts
    FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id LEFT JOIN job_results r ON r.job_id = p.id
    WHERE d.job_id = ${jobId}::uuid AND p.organization_id = ${organizationId}::uuid ORDER BY p.id`)

/** A parent as people see it, with what the child waits for. */
export interface ParentView {
  ref: string | null
  on: DependencyCondition
  job: SizedJob
}

/**
 * The parents of a job page by page, in the order of their ids, as lists show jobs. A parent that was deleted is left
 * out. The caller has checked that the reader may see the job, and parents are always of its organization.
 */
export async function listParents(
  db: DbOrTx,
  { jobId, cursor, limit }: { jobId: string; cursor?: string; limit: number },
  scope: Scope,
): Promise<Page<ParentView>> {
  const after = decodeCursor(cursor, UUID) ?? '00000000-0000-0000-0000-000000000000'
  const rows = await db.$queryRaw<{ id: string; ref: string | null; on: DependencyCondition }[]>`
    SELECT d.parent_id AS id, d.ref, CASE WHEN d.on_ended THEN 'ended' ELSE 'completed' END AS "on"
    FROM job_dependencies d JOIN jobs p ON p.id = d.parent_id
    WHERE d.job_id = ${jobId}::uuid AND d.parent_id > ${after}::uuid ORDER BY d.parent_id LIMIT ${limit + 1}`
  const page = pageOf(
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  )
  const jobs = await readListedJobs(
    db,
    page.items.map(({ id }) => id),
    scope,
    [],
  )
  const byId = new Map(jobs.map((sized) => [sized.job.id, sized]))
  return {
    ...page,
    items: page.items.flatMap(({ id, ref, on }) => {
      const job = byId.get(id)
      return job ? [{ ref, on, job }] : []
    }),
  }
}
