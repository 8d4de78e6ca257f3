import { createAlertRule, evaluateAlerts, listAlertRules, type NewAlertRule } from '@/server/engine'
import { DELIVERY_TYPE } from '@/server/engine/domain/alerts/message'
import { jobType } from '@/server/engine/domain/job-type-config'
import { clearJobs, ends, finish, running, tester, type World } from './engine'
import { createJobTypes } from './job-types'

// What tests of alert rules share.

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

/**
 * What tests of alert rules do to a world, and read of it. Between two tests, `clear` removes the rules and all that
 * they look at.
 */
export function alertTools(world: World) {
  const { db, organizationId: own } = world
  const everywhere = { organizationIds: 'all', platform: true } as const
  return {
    /** A rule as its page shows it: whether it fires, and what for. */
    state: async (ruleId: string) =>
      (await listAlertRules(db, { limit: 100 }, everywhere)).items.find(({ id }) => id === ruleId)!,
    /** The titles of the messages that were submitted for a rule, oldest first. */
    titles: async (ruleId: string) => (await messagesOf(world, ruleId)).map(({ title }) => title),
    /** Looks at all rules once. */
    look: () => lookNow(world),
    openCircuit: (organizationId = own, jobType = 'plain') =>
      db.$executeRaw`
        INSERT INTO circuits (job_type, organization_id, state, failures, outcomes, opened_at, counts_from)
        VALUES (${jobType}, ${organizationId}::uuid, 'OPEN', 8, 10, clock_timestamp(), '-infinity')`,
    closeCircuits: () => db.$executeRaw`UPDATE circuits SET state = 'CLOSED', closed_at = clock_timestamp()`,
    /** Runs a job that ends as a dead letter, and returns its id. */
    die: async () => {
      const claimed = await running(world)
      await finish(world, ends.dead(claimed))
      return claimed.jobId
    },
    clear: async () => {
      await db.$executeRaw`DELETE FROM alert_rules`
      await db.$executeRaw`DELETE FROM schedules`
      await db.$executeRaw`DELETE FROM metric_rollups`
      await db.$executeRaw`DELETE FROM rollup_progress`
      await clearJobs(db)
      await db.$executeRaw`DELETE FROM workers`
    },
  }
}
