import type { Allowed } from '@/server/engine/domain/destination'
import type { AlertMessage } from '@/server/engine/domain/alerts/message'
import type { AlertTarget } from '@/server/engine/domain/alerts/targets'
import { PermanentError } from '@jobyard/handler'
import { send } from '../http/send'
import { sign } from '../http/signature'
import { footOf, lineOf, linkTo } from './text'

// Sends the message of an alert to a webhook.

type Webhook = Extract<AlertTarget, { url: string }>

/**
 * Calls a webhook with a message. The body is signed in the way of `http.request`, with the secret of the rule:
 * HMAC-SHA256 over time, `Jobyard-Alert` header and body.
 *
 * @throws PermanentError where the address may not be called, or answers with a redirect; an error with the status of
 * an answer from 400 on; what `send` throws where no answer comes
 */
export async function callWebhook(
  target: Webhook,
  message: AlertMessage,
  {
    signingSecret,
    allow,
    dashboard,
    signal,
  }: { signingSecret: string; allow: readonly Allowed[]; dashboard: string | null; signal: AbortSignal },
): Promise<void> {
  const url = new URL(target.url)
  const body = JSON.stringify(target.type === 'slack' ? toSlack(message, dashboard) : toPlain(message, dashboard))
  const about = JSON.stringify({ id: message.id, rule: message.rule.id, test: message.test })
  const answer = await send(
    {
      url,
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Jobyard',
        'idempotency-key': message.id,
        'jobyard-alert': about,
        'jobyard-signature': sign({
          secret: signingSecret,
          seconds: Math.floor(Date.now() / 1000),
          job: about,
          body,
        }),
      },
    },
    { allow, signal },
  )
  const { status, statusText, headers } = answer
  if (status >= 200 && status < 300) return
  // The address stays out of the error: that of a Slack webhook is a secret.
  const said = `${url.host} answered ${status} ${statusText}`.trim()
  if (status < 400) throw new PermanentError(`${said}: redirects are not followed. Give the address that it names.`)
  throw Object.assign(new Error(said), { status, headers })
}

/** The plain format (docs/alerts.md). */
export const toPlain = (message: AlertMessage, dashboard: string | null) => ({
  ...message,
  state: message.test ? 'test' : message.alerts.some(({ state }) => state === 'firing') ? 'firing' : 'recovered',
  alerts: message.alerts.map(({ path, ...alert }) => ({ ...alert, url: linkTo(dashboard, path) })),
})

/** Slack's format: `text` for notifications, blocks for the channel. */
export function toSlack(message: AlertMessage, dashboard: string | null) {
  const alerts = message.alerts.map((alert) => {
    const url = linkTo(dashboard, alert.path)
    return section(`${escaped(lineOf(alert))}${url ? ` <${url}|Open>` : ''}`)
  })
  const foot = {
    type: 'context',
    elements: [{ type: 'mrkdwn', text: escaped(footOf(message).join(' ')).slice(0, 2_000) }],
  }
  return { text: escaped(message.title), blocks: [section(`*${escaped(message.title)}*`), ...alerts, foot] }
}

/** Slack refuses a message with a text of more than 3,000 characters in a section. */
const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 2_900) } })
/** Slack takes these three for control characters, so that a name could mention a whole channel. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
