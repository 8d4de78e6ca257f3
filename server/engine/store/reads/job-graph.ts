import { Prisma, type DbOrTx } from '@/server/db'
import type { DependencyCondition } from '../../domain/dependencies'
import { MAX_GRAPH_JOBS } from '../../domain/limits'
import type { JobStatus } from '../../domain/types'

/** The most arrows of one answer. There are more only where many jobs wait for each of many others. */
const MAX_GRAPH_EDGES = 5000

export interface GraphJob {
  id: string
  /** Null where the job was deleted. Its children keep its id. */
  job: { title: string; jobType: string; status: JobStatus; createdAt: Date; finishedAt: Date | null } | null
}
export interface JobGraph {
  jobs: GraphJob[]
  /** `childId` waits for `parentId`: until it completes, or until it ends in whatever way. */
  edges: { parentId: string; childId: string; on: DependencyCondition }[]
  /** There are more jobs or arrows than these. */
  capped: boolean
}

/**
 * The job itself, then what it waits for, then what waits for it, directly and through others. On each side the nearest
 * come first, and neither side takes more than half of the room unless the other leaves it. The caller has checked that
 * the reader may see the job, and parents are always of its organization.
 *
 * The other children of its parents are not in the answer. The graph of a parent shows them.
 */
export async function jobGraph(db: DbOrTx, jobId: string, limit = MAX_GRAPH_JOBS): Promise<JobGraph> {
  const waitedFor = await reached(db, jobId, limit, Prisma.sql`d.parent_id`, Prisma.sql`d.job_id`)
  const waiting = await reached(db, jobId, limit, Prisma.sql`d.job_id`, Prisma.sql`d.parent_id`)
  const room = limit - 1
  const half = Math.floor(room / 2)
  const ancestors = waitedFor.slice(0, Math.max(half, room - waiting.length))
  const descendants = waiting.slice(0, room - ancestors.length)
  const ids = [jobId, ...ancestors, ...descendants]

  const jobs = await db.$queryRaw<({ id: string } & NonNullable<GraphJob['job']>)[]>`
    SELECT j.id, COALESCE(t.title, j.job_type) AS title, j.job_type AS "jobType", j.status, j.created_at AS "createdAt", j.finished_at AS "finishedAt"
    FROM jobs j LEFT JOIN job_search t ON t.job_id = j.id
    WHERE j.id = ANY(${ids}::uuid[]) AND j.organization_id = (SELECT organization_id FROM jobs WHERE id = ${jobId}::uuid)`
  const byId = new Map(jobs.map(({ id, ...job }) => [id, job]))
  const edges = await db.$queryRaw<JobGraph['edges']>`
    SELECT parent_id AS "parentId", job_id AS "childId", CASE WHEN on_ended THEN 'ended' ELSE 'completed' END AS "on" FROM job_dependencies
    WHERE job_id = ANY(${ids}::uuid[]) AND parent_id = ANY(${ids}::uuid[])
    ORDER BY job_id, parent_id LIMIT ${MAX_GRAPH_EDGES + 1}`
  return {
    jobs: ids.map((id) => ({ id, job: byId.get(id) ?? null })),
    edges: edges.slice(0, MAX_GRAPH_EDGES),
    capped:
      ancestors.length < waitedFor.length || descendants.length < waiting.length || edges.length > MAX_GRAPH_EDGES,
  }
}

/**
 * The jobs that can be reached by arrows in one direction, the nearest first, without the job itself. The recursion
 * gives its rows level by level and stops at the limit, so that it reads no more than it needs. UNION leaves out jobs
 * that were reached before.
 */
async function reached(db: DbOrTx, jobId: string, limit: number, to: Prisma.Sql, from: Prisma.Sql): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE walk(id) AS (
      SELECT ${jobId}::uuid
      UNION SELECT ${to} FROM walk JOIN job_dependencies d ON ${from} = walk.id)
    SELECT id FROM walk LIMIT ${limit + 1}`
  return rows.map(({ id }) => id).filter((id) => id !== jobId)
}
