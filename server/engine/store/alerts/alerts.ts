import { v7 as uuidv7 } from 'uuid'
import { Prisma, type Tx } from '@/server/db'
import type { Finding } from './finding'
import { ALERT_HISTORY_DAYS } from '../../domain/alerts/bounds'

// Opens and closes alerts. An alert is something that a rule found, from when it was found to when it was in order
// again.

const { sql } = Prisma

/**
 * How many looks in a row must find something in order before its alert is over. After one alone, a figure that swings
 * around its bound would send message after message.
 */
const CLEAR_LOOKS = 2

/**
 * Brings the alerts of these rules in line with what was found: opens what is new, and closes what two looks in a row
 * found in order. A unique index allows one open alert for each rule, organization and subject. Of a suspended
 * organization no look tells that anything is in order, so none of its alerts is closed.
 */
export async function settleAlerts(tx: Tx, ruleIds: readonly string[], found: readonly Finding[]): Promise<void> {
  const rows = JSON.stringify(found.map((finding) => ({ ...finding, id: uuidv7() })))
  await tx.$executeRaw`
    INSERT INTO alerts AS a (id, rule_id, organization_id, subject, label, text, path, opened_at)
    SELECT (f->>'id')::uuid, (f->>'ruleId')::uuid, (f->>'organizationId')::uuid, f->>'subject', f->>'label', f->>'text', f->>'path', clock_timestamp()
    FROM jsonb_array_elements(${rows}::jsonb) AS f
    ON CONFLICT (rule_id, organization_id, subject) WHERE closed_at IS NULL DO UPDATE SET clear_looks = 0, text = EXCLUDED.text WHERE a.clear_looks > 0 OR a.text <> EXCLUDED.text`
  // Stands for the platform: no organization is NULL, and NULL equals nothing.
  const nobody = sql`'00000000-0000-0000-0000-000000000000'::uuid`
  await tx.$executeRaw`
    WITH found AS MATERIALIZED (
      SELECT (f->>'ruleId')::uuid AS rule_id, COALESCE((f->>'organizationId')::uuid, ${nobody}) AS organization_id, f->>'subject' AS subject
      FROM jsonb_array_elements(${rows}::jsonb) AS f)
    UPDATE alerts a SET clear_looks = clear_looks + 1, closed_at = CASE WHEN clear_looks + 1 >= ${CLEAR_LOOKS}::int THEN clock_timestamp() END
    WHERE a.rule_id = ANY(${[...ruleIds]}::uuid[]) AND a.closed_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM found f WHERE f.rule_id = a.rule_id AND f.organization_id = COALESCE(a.organization_id, ${nobody}) AND f.subject = a.subject)
      AND NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = a.organization_id AND o.status = 'SUSPENDED')`
}

/** Names a finding or an open alert. */
export const alertKey = ({ ruleId, organizationId, subject }: Pick<Finding, 'ruleId' | 'organizationId' | 'subject'>) =>
  `${ruleId} ${organizationId ?? ''} ${subject}`

/** The keys of the open alerts of these rules. */
export async function openAlerts(tx: Tx, ruleIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<Pick<Finding, 'ruleId' | 'organizationId' | 'subject'>[]>`
    SELECT rule_id AS "ruleId", organization_id AS "organizationId", subject FROM alerts
    WHERE rule_id = ANY(${[...ruleIds]}::uuid[]) AND closed_at IS NULL`
  return new Set(rows.map(alertKey))
}

/**
 * An alert that a message is to be sent about: it opened, or it is over. An alert is "told" (`told_at`) once a message
 * about it was submitted, whether or not the message has arrived.
 */
export interface UntoldAlert {
  id: string
  ruleId: string
  /** The name of the organization that it is about. Null: the platform. */
  organization: string | null
  subject: string
  label: string
  text: string
  path: string | null
  openedAt: Date
  /** Null where it opened, and set where it is over. */
  closedAt: Date | null
}

/**
 * Takes what these rules have not told yet, oldest first, and notes it as told: open alerts, and the end of those that
 * were told. What opens and ends without being told, as in quiet hours, is told to nobody.
 */
export function takeUntold(tx: Tx, ruleIds: readonly string[]): Promise<UntoldAlert[]> {
  return tx.$queryRaw<UntoldAlert[]>(sql`
    WITH taken AS (
      UPDATE alerts SET told_at = COALESCE(told_at, clock_timestamp()), recovery_told_at = CASE WHEN closed_at IS NOT NULL THEN clock_timestamp() END
      WHERE rule_id = ANY(${[...ruleIds]}::uuid[])
        AND ((closed_at IS NULL AND told_at IS NULL) OR (closed_at IS NOT NULL AND told_at IS NOT NULL AND recovery_told_at IS NULL))
      RETURNING *)
    SELECT a.id, a.rule_id AS "ruleId", o.name AS organization, a.subject, a.label, a.text, a.path, a.opened_at AS "openedAt", a.closed_at AS "closedAt"
    FROM taken a LEFT JOIN organizations o ON o.id = a.organization_id ORDER BY a.id`)
}

/** Closes the open alerts of a rule without a message: it is off, or looks for something else from now on. */
export async function dropOpen(tx: Tx, ruleId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE alerts SET closed_at = clock_timestamp(), recovery_told_at = CASE WHEN told_at IS NOT NULL THEN clock_timestamp() END
    WHERE rule_id = ${ruleId}::uuid AND closed_at IS NULL`
}

/** Rows that one statement removes. */
const PRUNED = 1_000

/** Removes alerts and deliveries that are too old, some at a time. Returns how many. */
export async function pruneAlerts(tx: Prisma.TransactionClient): Promise<number> {
  const old = sql`statement_timestamp() - ${ALERT_HISTORY_DAYS}::int * interval '1 day'`
  const alerts = await tx.$executeRaw`
    DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE closed_at < ${old} ORDER BY closed_at LIMIT ${PRUNED}::int)`
  const deliveries = await tx.$executeRaw`
    DELETE FROM alert_deliveries WHERE id IN (SELECT id FROM alert_deliveries WHERE created_at < ${old} ORDER BY created_at LIMIT ${PRUNED}::int)`
  return alerts + deliveries
}
