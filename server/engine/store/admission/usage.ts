import { Prisma, statementName, type Db, type DbOrTx, type Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { withoutWaiting } from '../transaction'

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

/** Held shared by those who trust in the distance to the limit, and alone by who counts exactly. */
const quotaLock = (organizationId: string) => Prisma.sql`hashtextextended(${`jobyard quota ${organizationId}`}, 0)`

/**
 * Holds an organization to its most unfinished jobs, after jobs were added. Called last in a
 * transaction: until its end whoever else adds jobs waits. Whoever adds jobs calls this or
 * `keepFarFromQuota`, so every job that was added is counted; what others just ended may be counted a
 * moment late.
 *
 * @throws EngineError QUEUE_FULL
 */
export async function holdToQuota(tx: Tx, organizationId: string): Promise<void> {
  // A statement of its own: the next must see what those committed who held it before.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${quotaLock(organizationId)})`
  const [row] = await tx.$queryRaw<{ unfinished: bigint; limit: number | null }[]>(fold(organizationId))
  if (row && row.limit !== null && row.unfinished > row.limit) {
    throw new EngineError(
      'QUEUE_FULL',
      `This organization may have ${row.limit} unfinished jobs; with these it would have ${row.unfinished}. Wait until some have ended, or cancel some.`,
    )
  }
}

/** Most jobs that a transaction may add on `keepFarFromQuota` alone. */
export const FEW_JOBS = 50

/** The limit is so near that only `holdToQuota` can tell whether it holds. */
export class QuotaIsNear extends Error {
  override readonly name = 'QuotaIsNear'
}

/**
 * What `holdToQuota` is for, without making submissions wait for each other, where the limit is so far
 * that all transactions that PostgreSQL lets in could not reach it together. Only for transactions of
 * our own that add FEW_JOBS at most, and last in them.
 *
 * @throws QuotaIsNear
 */
export async function keepFarFromQuota(tx: Tx, organizationId: string): Promise<void> {
  await tx.$executeRaw`${statementName('share_quota')} SELECT pg_advisory_xact_lock_shared(${quotaLock(organizationId)})`
  const [row] = await tx.$queryRaw<{ far: boolean }[]>`${statementName('far_from_quota')}
    SELECT o.max_unfinished IS NULL OR o.max_unfinished >= ${unfinished(organizationId)} + ${FEW_JOBS}::int * current_setting('max_connections')::int AS far
    FROM organizations o WHERE o.id = ${organizationId}::uuid`
  if (!row?.far) throw new QuotaIsNear()
}

const unfinished = (organizationId: string) => Prisma.sql`(
  COALESCE((SELECT u.unfinished FROM organization_usage u WHERE u.organization_id = ${organizationId}::uuid), 0)
  + COALESCE((SELECT sum(d.delta) FROM usage_deltas d WHERE d.organization_id = ${organizationId}::uuid), 0))::bigint`

/** Adds up the differences of organizations whose books nobody holds just now. Returns how many it looked at. */
export async function foldUsage(db: Db): Promise<number> {
  const rows = await db.$queryRaw<
    { organization_id: string }[]
  >`SELECT DISTINCT organization_id FROM usage_deltas ORDER BY organization_id`
  for (const { organization_id } of rows) await withoutWaiting(db, (tx) => tx.$queryRaw(fold(organization_id)))
  return rows.length
}

/** Unfinished jobs of an organization as the quota counts them. */
export async function unfinishedJobs(db: DbOrTx, organizationId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ unfinished: bigint }[]>`SELECT ${unfinished(organizationId)} AS unfinished`
  return Number(row?.unfinished ?? 0)
}

/** How many more unfinished jobs an organization may have just now; `holdToQuota` decides. */
export async function roomInQuota(db: DbOrTx, organizationId: string): Promise<number> {
  const { maxUnfinished } = await db.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { maxUnfinished: true },
  })
  return maxUnfinished === null ? Infinity : Math.max(0, maxUnfinished - (await unfinishedJobs(db, organizationId)))
}
