import { createTransport } from 'nodemailer'
import type { AlertMessage } from '@/server/engine/domain/alerts/message'
import { PermanentError, TransientError, type MailSettings } from '@jobyard/handler'
import { footOf, lineOf, linkTo } from './text'

/** Milliseconds that the mail server may take for a step. The job's own timeout is above their sum as a rule. */
const PATIENCE_MS = 10_000

/**
 * Sends a message by mail, over SMTP. A second attempt has the same Message-ID, so mail programs show one mail.
 *
 * @throws PermanentError where no mail server is set or it refuses for good (5xx); TransientError where it refuses for now, or does not answer
 */
export async function sendMail(
  to: readonly string[],
  message: AlertMessage,
  { mail, dashboard, signal }: { mail: MailSettings | null; dashboard: string | null; signal: AbortSignal },
): Promise<void> {
  if (!mail) throw new PermanentError('Mail needs SMTP_URL and MAIL_FROM in the worker’s environment.')
  const transport = createTransport({
    url: mail.url,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
  })
  const close = () => transport.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    await transport.sendMail({
      from: mail.from,
      to: [...to],
      subject: `[Jobyard] ${message.title}`,
      text: textOf(message, dashboard),
      messageId: `<${message.id}@jobyard>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
  } catch (error) {
    signal.throwIfAborted()
    throw asFailure(error)
  } finally {
    signal.removeEventListener('abort', close)
    transport.close()
  }
}

const textOf = (message: AlertMessage, dashboard: string | null): string =>
  [
    message.title,
    '',
    ...message.alerts.flatMap((alert) => {
      const url = linkTo(dashboard, alert.path)
      return [lineOf(alert), ...(url ? [url] : []), '']
    }),
    ...footOf(message),
    '',
  ].join('\n')

/** Wrong credentials and refused addresses stay wrong. All else may pass: full boxes, greylisting, a server that is away. */
function asFailure(error: unknown): Error {
  const { responseCode, message } = error as { responseCode?: number; message: string }
  const said = `The mail was not sent: ${message}`
  return responseCode !== undefined && responseCode >= 500 ? new PermanentError(said) : new TransientError(said)
}
