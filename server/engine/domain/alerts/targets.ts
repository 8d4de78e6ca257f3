import { z } from 'zod'
import { MAX_TARGETS } from './bounds'

// Where the messages of a rule go (rule 4.52).

const url = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with http:// or https://' })
  .max(2_000)
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    'must not hold a user or password',
  )

/** One target: a webhook in our own format or in that of Slack, or mail to some addresses. */
export const alertTarget = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('webhook'), url }),
  z.strictObject({ type: z.literal('slack'), url }),
  z.strictObject({
    type: z.literal('mail'),
    to: z.array(z.email('must be an email address').max(254)).min(1).max(10),
  }),
])
export type AlertTarget = z.output<typeof alertTarget>

export const alertTargets = z.array(alertTarget).min(1, 'must name at least one target').max(MAX_TARGETS)

/** A target in words. The path of a webhook is left out: it may be a secret, as Slack's is. */
export function targetText(target: AlertTarget): string {
  if (target.type === 'mail') return `Mail to ${target.to.join(', ')}`
  const { host } = new URL(target.url)
  return `${target.type === 'slack' ? 'Slack at' : 'Webhook at'} ${host}`
}
