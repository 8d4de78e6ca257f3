import { statementName, type DbOrTx } from '@/server/db'
import type { OrganizationStatus } from '@/server/generated/prisma/enums'
import type { QueueName } from '../../domain/types'
import { notMarkedYet, waitingAndDue } from '../due'

/** How many of each queue. */
type ByQueue = Record<QueueName, number>
/** What an organization has at this moment. */
export interface Present {
  organizationId: string
  name: string
  slug: string
  status: OrganizationStatus
  paused: boolean
  running: number
  unfinished: number
  maxUnfinished: number | null
  /** Jobs that are QUEUED or RUNNING. */
  held: ByQueue
  /** Jobs that could run now and are in no queue yet. */
  due: ByQueue
}

/**
 * What each organization has at this moment, apart from deleted ones. In the statement, `hi` and `hn` are `held`, `di`
 * and `dn` are `due`, of the queues ISOLATED and INLINE.
 */
export async function presentOf(db: DbOrTx): Promise<Present[]> {
  const rows = await db.$queryRaw<
    (Omit<Present, 'held' | 'due'> & Record<'hi' | 'hn' | 'di' | 'dn', number>)[]
  >`${statementName('platform_present')}
    WITH busy AS (
      SELECT organization_id, (count(*) FILTER (WHERE status = 'RUNNING'))::int AS running,
        (count(*) FILTER (WHERE queue = 'ISOLATED'))::int AS hi, (count(*) FILTER (WHERE queue = 'INLINE'))::int AS hn
      FROM jobs WHERE status IN ('QUEUED', 'RUNNING') GROUP BY 1
    ), waiting AS (
      SELECT organization_id, (count(*) FILTER (WHERE queue = 'ISOLATED'))::int AS di, (count(*) FILTER (WHERE queue = 'INLINE'))::int AS dn
      FROM (
        SELECT j.organization_id, j.queue FROM jobs j WHERE j.queue IN ('ISOLATED', 'INLINE') AND ${waitingAndDue}
        UNION ALL SELECT j.organization_id, j.queue FROM ${notMarkedYet}) j
      GROUP BY 1
    ), changed AS (SELECT organization_id, sum(delta) AS delta FROM usage_deltas GROUP BY 1)
    SELECT o.id AS "organizationId", o.name, o.slug, o.status, o.max_unfinished AS "maxUnfinished", p.target IS NOT NULL AS paused,
      greatest(0, COALESCE(u.unfinished, 0) + COALESCE(c.delta, 0))::int AS unfinished,
      COALESCE(b.running, 0) AS running, COALESCE(b.hi, 0) AS hi, COALESCE(b.hn, 0) AS hn, COALESCE(w.di, 0) AS di, COALESCE(w.dn, 0) AS dn
    FROM organizations o
    LEFT JOIN busy b ON b.organization_id = o.id
    LEFT JOIN waiting w ON w.organization_id = o.id
    LEFT JOIN organization_usage u ON u.organization_id = o.id
    LEFT JOIN changed c ON c.organization_id = o.id
    LEFT JOIN pauses p ON p.scope = 'ORGANIZATION' AND p.target = o.id::text
    WHERE o.status <> 'DELETED'`
  return rows.map(({ hi, hn, di, dn, ...row }) => ({
    ...row,
    held: { ISOLATED: hi, INLINE: hn },
    due: { ISOLATED: di, INLINE: dn },
  }))
}
