import { z } from 'zod'
import { alertTarget } from './targets'

// What a message says, and what the job that delivers it is given (rule 4.52).

/** The job type, and the handler, that deliver messages. Only the engine itself submits its jobs. */
export const DELIVERY_TYPE = 'alert.deliver'

/** The most alerts that one message names. The others are counted. */
export const MAX_NAMED = 20

const alertOfMessage = z.strictObject({
  id: z.string(),
  state: z.enum(['firing', 'recovered']),
  /** Identifies what is wrong among all that the rule finds, such as `job 0197…`. */
  subject: z.string(),
  /** The subject in a few words, for people. */
  label: z.string(),
  /** What is wrong, or that it is in order again. */
  text: z.string(),
  /** The name of the organization that it is about. Null: the platform. */
  organization: z.string().nullable(),
  /** The page of the dashboard that shows it. Null where there is none. */
  path: z.string().nullable(),
  openedAt: z.string(),
  closedAt: z.string().nullable(),
})
export type AlertOfMessage = z.output<typeof alertOfMessage>

/** What one target is told about one rule. */
export const alertMessage = z.strictObject({
  /** The id of the delivery to this target. It stays the same when the delivery is tried again. */
  id: z.string(),
  /** True for a message that somebody sends by hand, to see whether it arrives. It has no alerts. */
  test: z.boolean(),
  rule: z.strictObject({ id: z.string(), name: z.string(), condition: z.string() }),
  /** The name of the rule's organization. Null: a rule of the platform. */
  organization: z.string().nullable(),
  title: z.string(),
  alerts: z.array(alertOfMessage),
  /** How many alerts there are besides those that are named. */
  more: z.int(),
  at: z.string(),
})
export type AlertMessage = z.output<typeof alertMessage>

/** The parameters of a job that delivers a message. */
export const deliveryParameters = z.strictObject({
  target: alertTarget,
  /** Signs webhooks. */
  signingSecret: z.string(),
  message: alertMessage,
})

/** The one line that says most: "2 firing, 1 recovered: Reports fail". */
export function titleOf(rule: string, alerts: readonly Pick<AlertOfMessage, 'state' | 'label'>[]): string {
  const firing = alerts.filter(({ state }) => state === 'firing').length
  const recovered = alerts.length - firing
  const [only] = alerts
  if (only && alerts.length === 1) return `${firing === 1 ? 'Firing' : 'Recovered'}: ${rule} (${only.label})`
  const counts = [firing > 0 && `${firing} firing`, recovered > 0 && `${recovered} recovered`].filter(Boolean)
  return `${counts.join(', ')}: ${rule}`
}
