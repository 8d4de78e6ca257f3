import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import type { AlertCondition } from '../../domain/alerts/conditions'
import type { QuietHours } from '../../domain/alerts/quiet-hours'
import type { AlertTarget } from '../../domain/alerts/targets'
import { notVisible } from '../../domain/errors'
import type { Actor } from '../../domain/types'

// Reads and stores alert rules.

const { sql } = Prisma

/** A rule as it is kept. */
export interface AlertRuleRow {
  id: string
  /** Null: a rule of the platform. */
  organizationId: string | null
  name: string
  condition: AlertCondition
  targets: AlertTarget[]
  quietHours: QuietHours | null
  signingSecret: string
  enabled: boolean
  createdBy: Actor
  createdAt: Date
  updatedAt: Date
}

/** The columns of `AlertRuleRow`. They read `r`, the rule. */
export const ruleColumns = sql`r.id, r.organization_id AS "organizationId", r.name, r.settings || jsonb_build_object('kind', r.kind) AS condition, r.targets,
  r.quiet_hours AS "quietHours", r.signing_secret AS "signingSecret", r.enabled, r.created_by AS "createdBy", r.created_at AS "createdAt", r.updated_at AS "updatedAt"`

/** The refusal for a rule that does not exist or belongs to others. */
export const noRule = (ruleId: string) => notVisible('alert rule', ruleId)

/** One rule, locked. Null where there is none. */
export async function lockRule(tx: Tx, ruleId: string): Promise<AlertRuleRow | null> {
  const [row] = await tx.$queryRaw<AlertRuleRow[]>`
    SELECT ${ruleColumns} FROM alert_rules r WHERE r.id = ${ruleId}::uuid FOR NO KEY UPDATE`
  return row ?? null
}

/** The organization that a rule belongs to: null for a rule of the platform, undefined where there is no such rule. */
export async function organizationOfRule(db: DbOrTx, ruleId: string): Promise<string | null | undefined> {
  const [row] = await db.$queryRaw<{ organizationId: string | null }[]>`
    SELECT r.organization_id AS "organizationId" FROM alert_rules r WHERE r.id = ${ruleId}::uuid`
  return row?.organizationId
}

/** A rule whose turn it is, with what its looks need. */
export interface DueRule extends AlertRuleRow {
  /** What happened up to this time was seen by earlier looks. */
  seenUntil: Date
  /** The time zone of the organization, and UTC for the platform. */
  timeZone: string
  /** Null for a rule of the platform. */
  organizationName: string | null
  /** False where its organization is suspended or deleted. */
  active: boolean
  /** The database's time. */
  now: Date
}

/** The rules that are due and that no other process looks at, those that are due for longest first, locked. */
export function takeDueRules(tx: Tx, limit: number): Promise<DueRule[]> {
  return tx.$queryRaw<DueRule[]>`
    SELECT ${ruleColumns}, r.seen_until AS "seenUntil", COALESCE(o.time_zone, 'UTC') AS "timeZone", o.name AS "organizationName",
      (o.id IS NULL OR o.status = 'ACTIVE') AS active, clock_timestamp() AS now
    FROM (SELECT * FROM alert_rules WHERE enabled AND look_at <= statement_timestamp() ORDER BY look_at LIMIT ${limit}::int FOR NO KEY UPDATE SKIP LOCKED) r
    LEFT JOIN organizations o ON o.id = r.organization_id`
}

/**
 * Notes that these rules were looked at, and when the next look is due. A transaction that commits after this look may
 * write times from before it, so the next look sees the last minute again. Rules that are not among `seen`, because
 * their organization is suspended or their look failed, see later what happened meanwhile.
 */
export async function noteLooks(
  tx: Tx,
  { rules, seen, everySeconds }: { rules: readonly DueRule[]; seen: readonly string[]; everySeconds: number },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE alert_rules SET look_at = clock_timestamp() + make_interval(secs => ${everySeconds}::double precision),
      seen_until = CASE WHEN id = ANY(${[...seen]}::uuid[]) THEN GREATEST(seen_until, ${rules[0]!.now}::timestamptz - interval '1 minute')
        ELSE seen_until END
    WHERE id = ANY(${rules.map(({ id }) => id)}::uuid[])`
}
