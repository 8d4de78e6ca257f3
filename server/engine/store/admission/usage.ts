import { Prisma, statementName, type Db, type DbOrTx, type Tx } from '@/server/db'
import { EngineError } from '../../domain/errors'
import { withoutWaiting } from '../transaction'

// Counts the unfinished jobs of each organization against its quota.

/**
 * Adds the differences of an organization, which store/transition.ts appends, to its row. Differences that are locked
 * are being added by another transaction. That one holds the row, so this one waits for it.
 */
const foldDeltas = (organizationId: string) => Prisma.sql`
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
 * The lock of an organization's quota. It is shared by submissions that are far from the limit, and exclusive for one
 * that has to count exactly.
 */
const quotaLock = (organizationId: string) => Prisma.sql`hashtextextended(${`jobyard quota ${organizationId}`}, 0)`

/**
 * Refuses more unfinished jobs than an organization may have, after jobs were added. It is called last in a
 * transaction, because everybody else who adds jobs waits until that transaction ends. Every transaction that adds jobs
 * calls this or `keepFarFromQuota`, so every added job is counted. Jobs that have just ended may still count for a
 * moment.
 *
 * @throws EngineError QUEUE_FULL
 */
export async function holdToQuota(tx: Tx, organizationId: string): Promise<void> {
  // This is a statement of its own, because the next one must see what earlier holders of the lock have committed.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${quotaLock(organizationId)})`
  const [row] = await tx.$queryRaw<{ unfinished: bigint; limit: number | null }[]>(foldDeltas(organizationId))
  if (row && row.limit !== null && row.unfinished > row.limit) {
    throw new EngineError(
      'QUEUE_FULL',
      `This organization may have ${row.limit} unfinished jobs; with these it would have ${row.unfinished}. Wait until some have ended, or cancel some.`,
    )
  }
}

/** The most jobs that a transaction may add with `keepFarFromQuota` alone. */
export const FEW_JOBS = 50

/** The limit is so near that only `holdToQuota` can tell whether it is kept. */
export class QuotaIsNear extends Error {
  override readonly name = 'QuotaIsNear'
}

/**
 * Keeps the quota as `holdToQuota` does, but without making submissions wait for each other. It works where the limit
 * is so far away that all transactions that PostgreSQL can run at once could not reach it together. It is only for
 * transactions of the engine's own that add at most FEW_JOBS, and is called last in them.
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

/**
 * Adds up the differences of organizations that nobody else is just adding up. Returns how many organizations it looked
 * at.
 */
export async function foldUsage(db: Db): Promise<number> {
  const rows = await db.$queryRaw<
    { organization_id: string }[]
  >`SELECT DISTINCT organization_id FROM usage_deltas ORDER BY organization_id`
  for (const { organization_id } of rows) await withoutWaiting(db, (tx) => tx.$queryRaw(foldDeltas(organization_id)))
  return rows.length
}

/** The number of unfinished jobs of an organization that the quota is compared with. */
export async function unfinishedJobs(db: DbOrTx, organizationId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ unfinished: bigint }[]>`SELECT ${unfinished(organizationId)} AS unfinished`
  return Number(row?.unfinished ?? 0)
}

/**
 * How many more unfinished jobs an organization may have at this moment. It is an estimate, and `holdToQuota` decides.
 */
export async function roomInQuota(db: DbOrTx, organizationId: string): Promise<number> {
  const { maxUnfinished } = await db.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { maxUnfinished: true },
  })
  return maxUnfinished === null ? Infinity : Math.max(0, maxUnfinished - (await unfinishedJobs(db, organizationId)))
}
