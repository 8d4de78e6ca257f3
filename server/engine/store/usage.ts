import { Prisma, type Db, type DbOrTx, type Tx } from '@/server/db'
import { EngineError } from '../domain/errors'

/**
 * Adds an organization's differences (store/transition.ts appends them) to its row. Locked ones are
 * being added by somebody else, who holds the row and whom this waits for.
 */
const fold = (organizationId: string) => Prisma.sql`
  WITH folded AS (
    DELETE FROM usage_deltas WHERE id IN (
      SELECT id FROM usage_deltas WHERE organization_id = ${organizationId}::uuid ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING delta, completed, canceled, dead
  )
  INSERT INTO organization_usage AS u (organization_id, unfinished, completed, canceled, dead)
  SELECT ${organizationId}::uuid, COALESCE(sum(delta), 0), COALESCE(sum(completed), 0), COALESCE(sum(canceled), 0), COALESCE(sum(dead), 0) FROM folded
  ON CONFLICT (organization_id) DO UPDATE SET unfinished = u.unfinished + EXCLUDED.unfinished,
    completed = u.completed + EXCLUDED.completed, canceled = u.canceled + EXCLUDED.canceled, dead = u.dead + EXCLUDED.dead
  RETURNING u.unfinished, (SELECT o.max_unfinished FROM organizations o WHERE o.id = ${organizationId}::uuid) AS limit`

/**
 * Holds an organization to its most unfinished jobs, after jobs were added. Called last in a
 * transaction: its row stays locked until the end. Whoever adds jobs calls this, so the row counts
 * every job that was added; what others just ended may be counted a moment late.
 *
 * @throws EngineError QUEUE_FULL
 */
export async function holdToQuota(tx: Tx, organizationId: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ unfinished: bigint; limit: number | null }[]>(fold(organizationId))
  if (row && row.limit !== null && row.unfinished > row.limit) {
    throw new EngineError(
      'QUEUE_FULL',
      `This organization may have ${row.limit} unfinished jobs; with these it would have ${row.unfinished}. Wait until some have ended, or cancel some.`,
    )
  }
}

/** Adds up the differences of organizations that submit nothing just now. Returns how many it looked at. */
export async function foldUsage(db: Db): Promise<number> {
  const rows = await db.$queryRaw<{ organization_id: string }[]>`SELECT DISTINCT organization_id FROM usage_deltas ORDER BY organization_id`
  for (const { organization_id } of rows) await db.$queryRaw(fold(organization_id))
  return rows.length
}

/** Unfinished jobs of an organization as the quota counts them. */
export async function unfinishedJobs(db: DbOrTx, organizationId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ unfinished: bigint }[]>`
    SELECT (COALESCE((SELECT unfinished FROM organization_usage WHERE organization_id = ${organizationId}::uuid), 0)
      + COALESCE((SELECT sum(delta) FROM usage_deltas WHERE organization_id = ${organizationId}::uuid), 0))::bigint AS unfinished`
  return Number(row?.unfinished ?? 0)
}

/** How many more unfinished jobs an organization may have just now; `holdToQuota` decides. */
export async function roomInQuota(db: DbOrTx, organizationId: string): Promise<number> {
  const { maxUnfinished } = await db.organization.findUniqueOrThrow({ where: { id: organizationId }, select: { maxUnfinished: true } })
  return maxUnfinished === null ? Infinity : Math.max(0, maxUnfinished - (await unfinishedJobs(db, organizationId)))
}
