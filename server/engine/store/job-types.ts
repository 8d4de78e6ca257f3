import type { DbOrTx } from '@/server/db'
import type { JobType } from '@/server/generated/prisma/client'
import type { OrgRole } from '@/server/generated/prisma/enums'
import type { JobPriority, Json } from '../domain/types'
import { decodeCursor, pageOf, type Page } from './cursor'

/** A job type as everybody outside the engine sees it (SPEC 5, "Job type on the wire"). */
export interface JobTypeView {
  name: string
  displayName: string
  description: string
  handler: string
  parameterSchema: Json
  enabled: boolean
  requiredRole: OrgRole
  timeoutSeconds: number
  priority: JobPriority
  maxRetries: number
  backoffBaseSeconds: number
  backoffCapSeconds: number
  dedupeWindowSeconds: number
  rateLimit: { count: number; windowSeconds: number } | null
  concurrency: { global: number | null; perOrganization: number | null }
  retentionDays: number
  version: number
}

/** Job types by name, page by page. */
export async function listJobTypes(
  db: DbOrTx,
  { cursor, limit }: { cursor?: string; limit: number },
): Promise<Page<JobTypeView>> {
  const after = decodeCursor(cursor, /^[a-z0-9][a-z0-9._-]{0,99}$/)
  const rows = await db.jobType.findMany({
    where: after ? { name: { gt: after } } : {},
    orderBy: { name: 'asc' },
    take: limit + 1,
  })
  return pageOf(rows, limit, ({ name }) => name, toJobTypeView)
}

/** One job type, or null. */
export async function getJobType(db: DbOrTx, name: string): Promise<JobTypeView | null> {
  const row = await db.jobType.findUnique({ where: { name } })
  return row && toJobTypeView(row)
}

function toJobTypeView(row: JobType): JobTypeView {
  const { rateLimitCount: count, rateLimitWindowSeconds: windowSeconds } = row
  return {
    name: row.name,
    displayName: row.displayName,
    description: row.description,
    handler: row.handler,
    parameterSchema: row.parameterSchema as Json,
    enabled: row.enabled,
    requiredRole: row.requiredRole,
    timeoutSeconds: row.timeoutSeconds,
    priority: row.priority,
    maxRetries: row.maxRetries,
    backoffBaseSeconds: row.backoffBaseSeconds,
    backoffCapSeconds: row.backoffCapSeconds,
    dedupeWindowSeconds: row.dedupeWindowSeconds,
    // A count of 0 is a limit (nothing is admitted), so only null means that there is none.
    rateLimit: count === null || windowSeconds === null ? null : { count, windowSeconds },
    concurrency: { global: row.concurrencyGlobal, perOrganization: row.concurrencyPerOrganization },
    retentionDays: row.retentionDays,
    version: row.version,
  }
}
