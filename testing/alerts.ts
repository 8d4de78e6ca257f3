import { createAlertRule, evaluateAlerts, type NewAlertRule } from '@/server/engine'
import { DELIVERY_TYPE } from '@/server/engine/domain/alerts/message'
import { jobType } from '@/server/engine/domain/job-type-config'
import { tester, type World } from './engine'
import { createJobTypes } from './job-types'

let serial = 0
export const HOOK = { type: 'webhook', url: 'https://alerts.example.com/hook' } as const

/** Makes an alert rule that looks for open circuits, unless `more` says otherwise. */
export function makeRule(
  { db, organizationId: own }: Pick<World, 'db' | 'organizationId'>,
  more: Partial<NewAlertRule> = {},
  organizationId: string | null = own,
): Promise<string> {
  const rule = { name: `Rule ${++serial}`, condition: { kind: 'CIRCUIT_OPENED' as const }, targets: [HOOK], ...more }
  return createAlertRule(db, { organizationId, rule, actor: tester, address: null })
}

/** Looks at all rules at once, and lets them be due again at once. */
export const lookNow = ({ db }: Pick<World, 'db'>) => evaluateAlerts(db, { forMs: 60_000, everySeconds: 0 })

/** Makes the job type that delivers messages, as a worker's start does. */
export const makeDeliveryType = ({ db }: Pick<World, 'db'>) =>
  createJobTypes(db, [
    jobType({
      name: DELIVERY_TYPE,
      displayName: 'Alert message',
      description: '',
      parameterSchema: {},
      requiredRole: 'ADMIN',
    }),
  ])

/** The messages that were submitted for a rule, oldest first: titles and what they name. */
export async function messagesOf({ db }: Pick<World, 'db'>, ruleId: string) {
  const deliveries = await db.alertDelivery.findMany({ where: { ruleId }, orderBy: { id: 'asc' } })
  const inputs = await db.jobInput.findMany({
    where: { jobId: { in: deliveries.flatMap(({ jobId }) => jobId ?? []) } },
  })
  return deliveries.map(({ jobId, title, kind, error }) => {
    const input = inputs.find((one) => one.jobId === jobId)
    const { message } = (input?.unmasked ?? input?.parameters ?? {}) as {
      message?: { alerts: { label: string; state: string; text: string }[]; more: number }
    }
    return { title, kind, error, jobId, alerts: message?.alerts ?? [], more: message?.more ?? 0 }
  })
}
