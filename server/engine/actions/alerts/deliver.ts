import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '@/server/db'
import { conditionText } from '../../domain/alerts/conditions'
import { ALERTS, DELIVERING } from '../../domain/alerts/delivering'
import { DELIVERY_TYPE, MAX_NAMED, titleOf, type AlertMessage, type AlertOfMessage } from '../../domain/alerts/message'
import { EngineError, type Refusal } from '../../domain/errors'
import type { Json } from '../../domain/types'
import { unfinishedDeliveries, targetKey, writeDeliveries, type Delivery } from '../../store/alerts/deliveries'
import type { UntoldAlert } from '../../store/alerts/alerts'
import type { AlertRuleRow } from '../../store/alerts/rules'
import { createOrganization } from '../administration/organization-settings'
import { submitJob } from '../submission/submit'

/** A message and the rule that says where it goes. */
export interface Outgoing {
  rule: Pick<AlertRuleRow, 'id' | 'targets' | 'signingSecret'>
  message: AlertMessage
}

/**
 * Submits a job for each target of each message, in the caller's transaction, and writes the deliveries down. A refusal is written down as what became of
 * the delivery. Returns their ids.
 *
 * @throws EngineError where no message of an alert can be submitted for now, such as ORGANIZATION_SUSPENDED for the organization that delivers them
 */
export async function deliver(tx: Tx, outgoing: readonly Outgoing[]): Promise<string[]> {
  if (outgoing.length === 0) return []
  const organizationId = await deliveringOrganization(tx)
  // Messages of one rule to one target arrive in their order: a job waits until the one before it has ended.
  const before = await unfinishedDeliveries(
    tx,
    outgoing.map(({ rule }) => rule.id),
  )
  const deliveries: Delivery[] = []
  for (const { rule, message } of outgoing)
    for (const target of rule.targets) {
      const id = uuidv7()
      const parameters = { target, signingSecret: rule.signingSecret, message: { ...message, id } } as unknown as Json
      const earlier = before.get(targetKey(rule.id, target))
      // Where a limit lets in fewer messages than one rule has targets, some targets are told. Otherwise none ever were.
      const begun = outgoing.length === 1 && deliveries.some(({ jobId }) => jobId !== null)
      // A person who tests a rule wants to see why nothing arrives.
      const keepsBack = message.test ? [] : begun ? FOR_NOW : [...FOR_NOW, ...LIMITS]
      const outcome = await trySubmit(tx, { organizationId, id, parameters, earlier, keepsBack })
      deliveries.push({
        id,
        ruleId: rule.id,
        kind: message.test ? 'TEST' : 'ALERT',
        target,
        title: message.title,
        ...outcome,
      })
    }
  await writeDeliveries(tx, deliveries)
  return deliveries.map(({ id }) => id)
}

async function trySubmit(
  tx: Tx,
  job: {
    organizationId: string
    id: string
    parameters: Json
    earlier: string | undefined
    keepsBack: readonly Refusal[]
  },
): Promise<{ jobId: string | null; error: string | null }> {
  const { organizationId, id, parameters, earlier, keepsBack } = job
  try {
    const { id: jobId } = await submitJob(tx, {
      organizationId,
      actor: ALERTS,
      job: {
        jobType: DELIVERY_TYPE,
        parameters,
        priority: 'HIGH',
        idempotencyKey: id,
        dedupe: false,
        dependsOn: earlier ? [{ job: earlier, on: 'ended' }] : undefined,
      },
    })
    return { jobId, error: null }
  } catch (error) {
    if (!(error instanceof EngineError) || error.reason === 'UNAVAILABLE') throw error
    if (keepsBack.includes(error.reason)) throw error
    return { jobId: null, error: error.message }
  }
}

/**
 * Refusals that have nothing to do with the one message. Alerts that they keep back are told once somebody has put the
 * reason right.
 */
const FOR_NOW: readonly Refusal[] = ['UNAVAILABLE', 'ORGANIZATION_SUSPENDED', 'JOB_TYPE_DISABLED', 'UNKNOWN_JOB_TYPE']
/** Refusals of a limit that a system admin gave to the messages. Later it lets in more of them. */
const LIMITS: readonly Refusal[] = ['RATE_LIMITED', 'QUEUE_FULL']

/** True where a limit did not let in all messages, so that fewer at once may get in. */
export const isOfLimit = (error: unknown): boolean => error instanceof EngineError && LIMITS.includes(error.reason)

/**
 * The organization to which the jobs that deliver messages belong. It is made when the first message is sent. A system
 * admin may delete it: then another takes its place.
 */
async function deliveringOrganization(tx: Tx): Promise<string> {
  const find = () => tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM organizations WHERE delivers_alerts AND status <> 'DELETED' ORDER BY id LIMIT 1`
  const [existing] = await find()
  if (existing) return existing.id
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('jobyard organization of alert messages', 0))::text AS locked`
  // Another transaction may have made it while this one waited for the lock.
  const [madeMeanwhile] = await find()
  if (madeMeanwhile) return madeMeanwhile.id
  const id = await makeDeliveringOrganization(tx)
  await tx.$executeRaw`UPDATE organizations SET delivers_alerts = true WHERE id = ${id}::uuid`
  return id
}

/** With the first name that is free: an organization of somebody else, or one that was deleted, may have the usual one. */
async function makeDeliveringOrganization(tx: Tx): Promise<string> {
  for (let n = 1; ; n++)
    try {
      const { id } = await createOrganization(tx, {
        settings: {
          name: n === 1 ? DELIVERING.name : `${DELIVERING.name} ${n}`,
          slug: n === 1 ? DELIVERING.slug : `${DELIVERING.slug}-${n}`,
          maxUnfinished: null,
        },
        actor: ALERTS,
        address: null,
        reason: 'The jobs that deliver messages of alerts belong to it.',
      })
      return id
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason !== 'INVALID_INPUT' || n >= MOST_NAMES) throw error
    }
}

/** How many names are tried. */
const MOST_NAMES = 1_000

/**
 * The message about what a rule found, and found in order again. What fires stands first, so that it is named where not
 * all fit.
 */
export function messageOf(
  rule: Pick<AlertRuleRow, 'id' | 'name' | 'condition'> & { organizationName: string | null },
  untold: readonly UntoldAlert[],
  now: Date,
): AlertMessage {
  const firingFirst = [...untold].sort((a, b) => Number(a.closedAt !== null) - Number(b.closedAt !== null))
  const alerts = firingFirst.map(
    ({ organization, openedAt, closedAt, id, subject, label, text, path }): AlertOfMessage => ({
      id,
      state: closedAt ? 'recovered' : 'firing',
      subject,
      label,
      text: closedAt ? `In order again: ${label}` : text,
      organization,
      path,
      openedAt: openedAt.toISOString(),
      closedAt: closedAt?.toISOString() ?? null,
    }),
  )
  return {
    ...frame(rule, now),
    test: false,
    title: titleOf(rule.name, alerts),
    alerts: alerts.slice(0, MAX_NAMED),
    more: Math.max(0, alerts.length - MAX_NAMED),
  }
}

/** A message that says only that messages arrive. */
export const testMessage = (
  rule: Pick<AlertRuleRow, 'id' | 'name' | 'condition'> & { organizationName: string | null },
  now: Date,
): AlertMessage => ({ ...frame(rule, now), test: true, title: `Test: ${rule.name}`, alerts: [], more: 0 })

const frame = (
  { id, name, condition, organizationName }: Parameters<typeof testMessage>[0],
  now: Date,
): Pick<AlertMessage, 'id' | 'rule' | 'organization' | 'at'> => ({
  // `deliver` gives the message an id of its own for each target.
  id: '',
  rule: { id, name, condition: conditionText(condition) },
  organization: organizationName,
  at: now.toISOString(),
})
