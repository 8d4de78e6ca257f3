import { roleMayDo, requireSystemAdmin } from '@/server/auth/access'
import { roleIn } from '@/server/auth/principal'
import {
  alertDeliveries,
  alertHistory,
  createAlertRule,
  deleteAlertRule,
  getAlertRule,
  listAlertRules,
  noRule,
  organizationOfRule,
  testAlertRule,
  updateAlertRule,
  type AlertRuleView,
  type DeliveryView,
} from '@/server/engine'
import { requireAnywhere, requireOrganization } from '../authorize'
import { EXAMPLE, type ProcedureMeta } from '../procedure-meta'
import {
  alertActInput,
  alertCreateInput,
  alertHistoryInput,
  alertIdInput,
  alertListInput,
  alertPage,
  alertRule,
  alertRulePage,
  alertUpdateInput,
  deletedAlert,
  deliveryPage,
  testedAlert,
} from '../schemas/alert'
import { authenticated, router, type AuthenticatedContext } from '../trpc'
import { iso, isoOrNull } from '../wire'

// The procedures `alerts.*` of the API. An alert rule looks for something that is not in order, and tells people of it.

const REFUSES: ProcedureMeta['refuses'] = ['NOT_FOUND', 'NOT_PERMITTED']
const ROLES = 'Needs role ADMIN; for a rule of the platform SYSTEM_ADMIN.'

export const alertsRouter = router({
  list: authenticated
    .meta({
      summary: 'Lists alert rules, newest first',
      description: `Those of one organization, of the platform, or all that you may see, each with its state and its last message. ${ROLES}`,
      refuses: REFUSES,
      example: { organizationId: EXAMPLE.organizationId },
    })
    .input(alertListInput.optional())
    .output(alertRulePage)
    .query(async ({ ctx, input: { organizationId, cursor, limit } = {} }) => {
      const { items, nextCursor } = await listAlertRules(
        ctx.services.db,
        { cursor: cursor ?? undefined, limit: limit ?? 25 },
        await rulesOf(ctx, organizationId),
      )
      return { items: items.map(toWire), nextCursor }
    }),

  get: authenticated
    .meta({
      summary: 'Reads an alert rule',
      description: `With its state, and the secret that signs its webhooks. ${ROLES}`,
      refuses: REFUSES,
      example: { ruleId: EXAMPLE.ruleId },
    })
    .input(alertIdInput)
    .output(alertRule)
    .query(async ({ ctx, input: { ruleId } }) => {
      await requireRule(ctx, ruleId)
      return read(ctx, ruleId)
    }),

  create: authenticated
    .meta({
      summary: 'Makes an alert rule',
      description: `Every 30 seconds is looked whether its condition holds. What begins to hold is told to all targets once, and its end is told as well, after two looks that found it in order. What held before the rule was made counts as new only for figures and states, not for causes and schedules.\n\nA webhook gets a POST with JSON, signed with the secret of the rule; private and loopback addresses are refused. Mail needs a mail server in the configuration. There may be 50 rules. ${ROLES}`,
      refuses: REFUSES,
      example: {
        organizationId: EXAMPLE.organizationId,
        name: 'Reports fail',
        condition: { kind: 'FAILURE_RATE', jobType: 'report.operations', percent: 20, minutes: 60 },
        targets: [{ type: 'mail', to: ['oncall@example.com'] }],
        quietHours: { from: '22:00', to: '07:00' },
      },
    })
    .input(alertCreateInput)
    .output(alertRule)
    .mutation(async ({ ctx, input: { organizationId, ...rule } }) => {
      await requireOwner(ctx, organizationId)
      return read(ctx, await createAlertRule(ctx.services.db, { organizationId, rule, ...by(ctx) }))
    }),

  update: authenticated
    .meta({
      summary: 'Changes an alert rule',
      description: `What is left out stays. With another condition, or switched off, its open alerts end without a message. ${ROLES}`,
      refuses: REFUSES,
      example: { ruleId: EXAMPLE.ruleId, changes: { enabled: false }, reason: 'Maintenance of the week' },
    })
    .input(alertUpdateInput)
    .output(alertRule)
    .mutation(async ({ ctx, input }) => {
      await requireRule(ctx, input.ruleId)
      await updateAlertRule(ctx.services.db, { ...input, ...by(ctx) })
      return read(ctx, input.ruleId)
    }),

  delete: authenticated
    .meta({
      summary: 'Deletes an alert rule',
      description: `With its history. ${ROLES}`,
      refuses: REFUSES,
      example: { ruleId: EXAMPLE.ruleId, reason: 'No longer needed' },
    })
    .input(alertActInput)
    .output(deletedAlert)
    .mutation(async ({ ctx, input }) => {
      await requireRule(ctx, input.ruleId)
      await deleteAlertRule(ctx.services.db, { ...input, ...by(ctx) })
      return { ruleId: input.ruleId }
    }),

  test: authenticated
    .meta({
      summary: 'Sends a test message of an alert rule',
      description: `To every target, also in quiet hours and while the rule is switched off. \`alerts.deliveries\` tells what became of it. Five times in ten minutes at most. ${ROLES}`,
      refuses: [...REFUSES, 'RATE_LIMITED'],
      example: { ruleId: EXAMPLE.ruleId },
    })
    .input(alertIdInput)
    .output(testedAlert)
    .mutation(async ({ ctx, input: { ruleId } }) => {
      await requireRule(ctx, ruleId)
      return { deliveryIds: await testAlertRule(ctx.services.db, { ruleId, ...by(ctx) }) }
    }),

  history: authenticated
    .meta({
      summary: 'Lists what an alert rule found, newest first',
      description: `Alerts that are over are kept for 90 days. ${ROLES}`,
      refuses: REFUSES,
      example: { ruleId: EXAMPLE.ruleId },
    })
    .input(alertHistoryInput)
    .output(alertPage)
    .query(async ({ ctx, input: { ruleId, cursor, limit } }) => {
      await requireRule(ctx, ruleId)
      const page = { ruleId, cursor: cursor ?? undefined, limit: limit ?? 25 }
      const { items, nextCursor } = await alertHistory(ctx.services.db, page)
      return {
        items: items.map((alert) => ({
          ...alert,
          openedAt: iso(alert.openedAt),
          closedAt: isoOrNull(alert.closedAt),
          toldAt: isoOrNull(alert.toldAt),
        })),
        nextCursor,
      }
    }),

  deliveries: authenticated
    .meta({
      summary: 'Lists the messages of an alert rule, newest first',
      description: `One for each target, with what became of it. They are kept for 90 days. ${ROLES}`,
      refuses: REFUSES,
      example: { ruleId: EXAMPLE.ruleId },
    })
    .input(alertHistoryInput)
    .output(deliveryPage)
    .query(async ({ ctx, input: { ruleId, cursor, limit } }) => {
      await requireRule(ctx, ruleId)
      const page = { ruleId, cursor: cursor ?? undefined, limit: limit ?? 25 }
      const { items, nextCursor } = await alertDeliveries(ctx.services.db, page)
      return { items: items.map(toWireDelivery), nextCursor }
    }),
})

/** Refuses a caller who may not manage the rules of this organization, or of the platform where it is null. */
async function requireOwner(ctx: AuthenticatedContext, organizationId: string | null): Promise<void> {
  if (organizationId === null) requireSystemAdmin(ctx.principal, 'platform.alerts')
  else await requireOrganization(ctx, organizationId, 'alerts.manage')
}

/** @throws EngineError NOT_FOUND where the caller may not see the rule, NOT_PERMITTED where its role is too low */
async function requireRule(ctx: AuthenticatedContext, ruleId: string): Promise<void> {
  const owner = await organizationOfRule(ctx.services.db, ruleId)
  const seen = owner === null ? ctx.principal.systemAdmin : owner !== undefined && roleIn(ctx.principal, owner)
  if (owner === undefined || !seen) throw noRule(ruleId)
  await requireOwner(ctx, owner)
}

/** The organizations whose rules a list holds, and whether it holds those of the platform. */
async function rulesOf(ctx: AuthenticatedContext, organizationId: string | null | undefined) {
  const { principal } = ctx
  if (organizationId !== undefined) {
    await requireOwner(ctx, organizationId)
    return { organizationIds: organizationId === null ? [] : [organizationId], platform: organizationId === null }
  }
  requireAnywhere(ctx, 'alerts.manage')
  if (principal.systemAdmin) return { organizationIds: 'all' as const, platform: true }
  const own = principal.memberships.filter(({ role }) => roleMayDo(role, 'alerts.manage'))
  return { organizationIds: own.map(({ id }) => id), platform: false }
}

const by = ({ actor, address }: AuthenticatedContext) => ({ actor, address })
const read = async (ctx: AuthenticatedContext, ruleId: string) => toWire(await getAlertRule(ctx.services.db, ruleId))

const toWireDelivery = (delivery: DeliveryView) => ({
  ...delivery,
  createdAt: iso(delivery.createdAt),
  sentAt: isoOrNull(delivery.sentAt),
})

const toWire = (rule: AlertRuleView) => ({
  ...rule,
  firing: rule.firing.map((one) => ({ ...one, openedAt: iso(one.openedAt) })),
  lastDelivery: rule.lastDelivery && toWireDelivery(rule.lastDelivery),
  createdAt: iso(rule.createdAt),
  updatedAt: iso(rule.updatedAt),
})
