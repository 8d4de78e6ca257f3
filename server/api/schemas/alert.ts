import { alertCondition } from '@/server/engine/domain/alerts/conditions'
import { quietHours } from '@/server/engine/domain/alerts/quiet-hours'
import { alertTarget, alertTargets } from '@/server/engine/domain/alerts/targets'
import { actor, cursor, direction, id, integer, isoDate, limit, nameOf, pageOf, reason, wireId } from './scalars'
import { z } from './zod'

// What the API takes and answers about alert rules, their alerts and their messages.

const delivery = z
  .object({
    id: wireId,
    kind: z.enum(['ALERT', 'TEST']),
    title: z.string(),
    target: z.string().describe('The target in words, without the path of a webhook.'),
    state: z
      .enum(['WAITING', 'SENT', 'FAILED', 'UNKNOWN'])
      .describe('WAITING: it is on its way, or waits for its next attempt. UNKNOWN: the job that delivers it is gone.'),
    createdAt: isoDate,
    sentAt: isoDate.nullable(),
    error: z.string().nullable().describe('Why it failed, or why the last attempt did.'),
    attempts: integer,
  })
  .meta({ id: 'AlertDelivery', description: 'A message to one target.' })
export const deliveryPage = pageOf(delivery)

export const alertRule = z
  .object({
    id: wireId,
    organizationId: wireId.nullable().describe('Null: a rule of the platform.'),
    name: z.string(),
    condition: alertCondition,
    inWords: z.string().describe('The condition in words.'),
    targets: z.array(alertTarget),
    quietHours: quietHours
      .nullable()
      .describe('In the time zone of the organization; UTC for a rule of the platform. No message is sent in them.'),
    signingSecret: z.string().describe('Signs the webhooks of this rule.'),
    enabled: z.boolean(),
    state: z
      .enum(['OK', 'FIRING', 'QUIET', 'OFF'])
      .describe('FIRING: something is not in order. QUIET: the same, in quiet hours.'),
    firing: z
      .array(
        z.object({
          id: wireId,
          label: z.string(),
          text: z.string(),
          path: z.string().nullable().describe('The page of the dashboard that shows it.'),
          openedAt: isoDate,
        }),
      )
      .describe('What is not in order: the first ten, oldest first.'),
    firingCount: integer,
    lastDelivery: delivery.nullable(),
    createdBy: actor,
    createdAt: isoDate,
    updatedAt: isoDate,
  })
  .meta({ id: 'AlertRule', description: 'What somebody wants to be told, and how.' })
export const alertRulePage = pageOf(alertRule)

export const alertPage = pageOf(
  z
    .object({
      id: wireId,
      organizationId: wireId.nullable(),
      label: z.string(),
      text: z.string(),
      path: z.string().nullable(),
      openedAt: isoDate,
      closedAt: isoDate.nullable().describe('Null: it is not in order yet.'),
      toldAt: isoDate.nullable().describe('When a message about it was sent off. Null: quiet hours kept it back.'),
    })
    .meta({ id: 'Alert', description: 'Something that a rule found.' }),
)

const page = {
  cursor: cursor.nullish(),
  limit: limit.optional(),
  direction,
}
const settings = {
  name: nameOf().describe('Each rule of an organization has its own.'),
  condition: alertCondition,
  targets: alertTargets.describe('Where its messages go: at most five.'),
  quietHours: quietHours.nullish(),
  enabled: z.boolean().optional(),
}
export const alertCreateInput = z.strictObject({
  organizationId: id.nullable().describe('Null: a rule of the platform, which needs SYSTEM_ADMIN.'),
  ...settings,
})
export const alertUpdateInput = z.strictObject({
  ruleId: id,
  changes: z
    .strictObject(settings)
    .partial()
    .refine((changes) => Object.values(changes).some((value) => value !== undefined), 'must name at least one change'),
  reason: reason.optional(),
})
export const alertListInput = z.strictObject({
  organizationId: id.nullable().optional().describe('Null: the rules of the platform. Absent: all that you may see.'),
  ...page,
})
export const alertIdInput = z.strictObject({ ruleId: id })
export const alertActInput = z.strictObject({ ruleId: id, reason: reason.optional() })
export const deletedAlert = z.object({ ruleId: wireId })
export const testedAlert = z.object({ deliveryIds: z.array(wireId).describe('One for each target.') })
export const alertHistoryInput = z.strictObject({ ruleId: id, ...page })
