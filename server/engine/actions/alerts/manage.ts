import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { Prisma, type DbOrTx, type Tx } from '@/server/db'
import { conditionText, type AlertCondition } from '../../domain/alerts/conditions'
import type { QuietHours } from '../../domain/alerts/quiet-hours'
import { targetText, type AlertTarget } from '../../domain/alerts/targets'
import { canonicalJson } from '../../domain/canonical-json'
import { EngineError } from '../../domain/errors'
import { invalid } from '../../domain/job-options'
import { requireName } from '../../domain/names'
import type { Actor, Json } from '../../domain/types'
import { writeAudit, type AuditEvent } from '../../store/administration/audit'
import { dropOpen } from '../../store/alerts/alerts'
import { recentTests } from '../../store/alerts/deliveries'
import { lockRule, noRule, type AlertRuleRow } from '../../store/alerts/rules'
import { inTransaction } from '../../store/transaction'
import { deliver, testMessage } from './deliver'

// Makes, changes, deletes and tests alert rules.

/** What a caller says of a rule. */
export interface NewAlertRule {
  name: string
  condition: AlertCondition
  targets: AlertTarget[]
  /** Default: none. */
  quietHours?: QuietHours | null
  /** Default: true. */
  enabled?: boolean
}

interface By {
  actor: Actor
  address: string | null
}

/** The most rules of one organization, and of the platform. */
export const MAX_ALERT_RULES = 50
/** How many tests of one rule may be asked for, and within how many seconds. */
const TESTS = { most: 5, seconds: 600 }

/**
 * Makes a rule. It looks for what happens from now on: a cause of failures from before counts as known.
 *
 * @param organizationId null: a rule of the platform
 * @throws EngineError INVALID_INPUT for a name that is taken, or one rule too many
 */
export async function createAlertRule(
  db: DbOrTx,
  { organizationId, rule, ...by }: By & { organizationId: string | null; rule: NewAlertRule },
): Promise<string> {
  const name = requireName(rule.name, 'name')
  return inTransaction(db, async (tx) => {
    if ((await lockRules(tx, organizationId)) >= MAX_ALERT_RULES)
      throw invalid(
        'name',
        `There are ${MAX_ALERT_RULES} alert rules, the most there can be. Delete one that is no longer needed.`,
      )
    await refuseTakenName(tx, { organizationId, id: null, name, path: 'name' })
    const id = uuidv7()
    const { kind, ...settings } = rule.condition
    const { enabled = true, quietHours = null } = rule
    await tx.$executeRaw`
      INSERT INTO alert_rules (id, organization_id, name, kind, settings, targets, quiet_hours, signing_secret, enabled, look_at, seen_until, created_by, created_at, updated_at)
      VALUES (${id}::uuid, ${organizationId}::uuid, ${name}, ${kind}, ${JSON.stringify(settings)}::jsonb, ${JSON.stringify(rule.targets)}::jsonb, ${orNull(quietHours)}::jsonb,
        ${newSecret()}, ${enabled}, clock_timestamp(), clock_timestamp(), ${JSON.stringify(by.actor)}::jsonb, clock_timestamp(), clock_timestamp())`
    await writeAudit(tx, {
      ...audited('alert.create', { id, organizationId }, by),
      after: auditable({ ...rule, name, quietHours, enabled }),
    })
    return id
  })
}

/**
 * Changes a rule; what is left out stays. Open alerts of a rule that is switched off, or looks for something else, end
 * without a message.
 *
 * @throws EngineError NOT_FOUND, and as `createAlertRule`, naming `changes.…`
 */
export async function updateAlertRule(
  db: DbOrTx,
  { ruleId, changes, reason, ...by }: By & { ruleId: string; changes: Partial<NewAlertRule>; reason?: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const before = await lockRule(tx, ruleId)
    if (!before) throw noRule(ruleId)
    const { organizationId } = before
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const after = { ...before, ...(given as Partial<NewAlertRule>) }
    after.name = requireName(after.name, 'changes.name')
    if (after.name !== before.name) {
      await lockRules(tx, organizationId)
      await refuseTakenName(tx, { organizationId, id: ruleId, name: after.name, path: 'changes.name' })
    }
    const [was, is] = [auditable(before), auditable(after)]
    const changed = Object.keys(is).filter((field) => !same(was[field], is[field]))
    const otherCondition = !same(before.condition, after.condition)
    if (changed.length === 0 && !otherCondition && same(before.targets, after.targets)) return
    const anew = otherCondition || (after.enabled && !before.enabled)
    const { kind, ...settings } = after.condition
    await tx.$executeRaw`
      UPDATE alert_rules SET name = ${after.name}, kind = ${kind}, settings = ${JSON.stringify(settings)}::jsonb, targets = ${JSON.stringify(after.targets)}::jsonb,
        quiet_hours = ${orNull(after.quietHours)}::jsonb, enabled = ${after.enabled}, updated_at = clock_timestamp()
        ${anew ? Prisma.sql`, look_at = clock_timestamp(), seen_until = clock_timestamp()` : Prisma.empty}
      WHERE id = ${ruleId}::uuid`
    if (anew || !after.enabled) await dropOpen(tx, ruleId)
    // Where only the path of a webhook changed, no field that the audit keeps differs. Then the entry shows the targets.
    const pick = (of: Fields): Fields =>
      Object.fromEntries((changed.length > 0 ? changed : ['targets']).map((field) => [field, of[field]!]))
    await writeAudit(tx, {
      ...audited('alert.update', before, by),
      reason,
      before: { name: before.name, ...pick(was) },
      after: pick(is),
    })
  })
}

/**
 * Deletes a rule with its history. Messages that are on their way still arrive.
 * @throws EngineError NOT_FOUND
 */
export async function deleteAlertRule(
  db: DbOrTx,
  { ruleId, reason, ...by }: By & { ruleId: string; reason?: string },
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const before = await lockRule(tx, ruleId)
    if (!before) throw noRule(ruleId)
    await tx.$executeRaw`DELETE FROM alert_rules WHERE id = ${ruleId}::uuid`
    await writeAudit(tx, { ...audited('alert.delete', before, by), reason, before: auditable(before) })
  })
}

/**
 * Sends a test message to every target of a rule, also in quiet hours, and while the rule is switched off. Returns the
 * ids of the deliveries.
 * @throws EngineError NOT_FOUND; RATE_LIMITED after five tests in ten minutes
 */
export async function testAlertRule(db: DbOrTx, { ruleId, ...by }: By & { ruleId: string }): Promise<string[]> {
  return inTransaction(db, async (tx) => {
    const rule = await lockRule(tx, ruleId)
    if (!rule) throw noRule(ruleId)
    const { count, again } = await recentTests(tx, ruleId, TESTS.seconds)
    if (count >= TESTS.most)
      throw new EngineError(
        'RATE_LIMITED',
        `This rule was tested ${count} times within ${TESTS.seconds / 60} minutes. Try again in ${again} s.`,
        { retryAfterSeconds: again },
      )
    const [row] = await tx.$queryRaw<[{ now: Date; name: string | null }]>`
      SELECT clock_timestamp() AS now, (SELECT name FROM organizations WHERE id = ${rule.organizationId}::uuid) AS name`
    await writeAudit(tx, { ...audited('alert.test', rule, by), after: { name: rule.name } })
    return deliver(tx, [{ rule, message: testMessage({ ...rule, organizationName: row.name }, row.now) }])
  })
}

/**
 * Rules of an organization are made one after another, so that their number stays within the limit and no two get the
 * same name. Returns how many there are.
 */
async function lockRules(tx: Tx, organizationId: string | null): Promise<number> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`alert rules of ${organizationId ?? 'the platform'}`}, 0))::text AS locked`
  const [{ count }] = await tx.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM alert_rules WHERE organization_id IS NOT DISTINCT FROM ${organizationId}::uuid`
  return count
}

async function refuseTakenName(
  tx: Tx,
  { organizationId, id, name, path }: { organizationId: string | null; id: string | null; name: string; path: string },
): Promise<void> {
  const others = await tx.$queryRaw<unknown[]>`
    SELECT 1 AS found FROM alert_rules
    WHERE organization_id IS NOT DISTINCT FROM ${organizationId}::uuid AND name = ${name} AND id IS DISTINCT FROM ${id}::uuid`
  if (others.length > 0) throw invalid(path, `There is an alert rule "${name}" already. Give another name.`)
}

/**
 * Whether two values are the same, whatever the order of their keys: PostgreSQL keeps another order than callers write.
 */
const same = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b)

/** Messages of the rule are signed with it, so that a receiver knows that a message is from this rule. */
const newSecret = () => `jy_alert_${randomBytes(32).toString('base64url')}`

const audited = (
  action: 'alert.create' | 'alert.update' | 'alert.delete' | 'alert.test',
  { id, organizationId }: Pick<AlertRuleRow, 'id' | 'organizationId'>,
  { actor, address }: By,
): AuditEvent => ({ action, organizationId, actor, address, targetType: 'alert', targetId: id })

type Fields = { [field: string]: Json }
/** What the audit keeps of a rule. The paths of webhooks may be secrets, so they are left out. */
const auditable = ({ name, condition, targets, quietHours, enabled }: NewAlertRule): Fields => ({
  name,
  condition: conditionText(condition),
  targets: targets.map(targetText),
  quietHours: quietHours ? { ...quietHours } : null,
  enabled: enabled ?? true,
})
const orNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))
