import { Prisma, type Tx } from '@/server/db'
import type { AlertTarget } from '../../domain/alerts/targets'

// Keeps what became of each message of an alert rule.

/** A message to one target, as it is kept. Its job tells what became of it. */
export interface Delivery {
  id: string
  ruleId: string
  kind: 'ALERT' | 'TEST'
  target: AlertTarget
  title: string
  jobId: string | null
  /** Why there is no job. */
  error: string | null
}

export async function writeDeliveries(tx: Tx, deliveries: readonly Delivery[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO alert_deliveries (id, rule_id, kind, target, title, created_at, job_id, error)
    SELECT (d->>'id')::uuid, (d->>'ruleId')::uuid, d->>'kind', d->'target', d->>'title', statement_timestamp(), (d->>'jobId')::uuid, d->>'error'
    FROM jsonb_array_elements(${JSON.stringify(deliveries)}::jsonb) AS d`
}

/** How many of a rule's latest messages are looked at: those of the last four times, where it has all five targets. */
const LATEST = 20

/**
 * The jobs of messages of these rules that are not delivered yet, the newest for each rule and target (`targetKey`). A
 * later message waits for the end of the earlier one, so that nobody is told of a recovery first.
 */
export async function unfinishedDeliveries(tx: Tx, ruleIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ ruleId: string; target: AlertTarget; jobId: string }[]>`
    SELECT d.rule_id AS "ruleId", d.target, d.job_id AS "jobId" FROM unnest(${[...ruleIds]}::uuid[]) AS r(id)
    CROSS JOIN LATERAL (SELECT * FROM alert_deliveries d WHERE d.rule_id = r.id ORDER BY d.id DESC LIMIT ${LATEST}) d
    JOIN jobs j ON j.id = d.job_id AND j.status NOT IN ('COMPLETED', 'CANCELED', 'DEAD_LETTER') ORDER BY d.id`
  return new Map(rows.map(({ ruleId, target, jobId }) => [targetKey(ruleId, target), jobId]))
}

/** Names a target of a rule. */
export const targetKey = (ruleId: string, target: AlertTarget): string =>
  `${ruleId} ${target.type} ${target.type === 'mail' ? target.to.join(' ') : target.url}`

/**
 * How many tests of a rule were asked for in the last `seconds`, and in how many seconds (`again`) the oldest of them
 * is forgotten. One test sends a message to each target. All of these have the same `created_at`, the time of the
 * statement that wrote them, so they count once.
 */
export async function recentTests(tx: Tx, ruleId: string, seconds: number): Promise<{ count: number; again: number }> {
  const [row] = await tx.$queryRaw<[{ count: number; again: number }]>(Prisma.sql`
    SELECT count(DISTINCT created_at)::int AS count,
      GREATEST(1, ceil(${seconds}::int - extract(epoch FROM clock_timestamp() - min(created_at))))::int AS again
    FROM alert_deliveries WHERE rule_id = ${ruleId}::uuid AND kind = 'TEST' AND created_at > statement_timestamp() - ${seconds}::int * interval '1 second'`)
  return row
}
