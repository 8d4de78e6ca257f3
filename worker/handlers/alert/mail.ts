import { createTransport } from 'nodemailer'
import type { AlertMessage } from '@/server/engine/domain/alerts/message'
import { PermanentError, TransientError, type MailSettings } from '@jobyard/handler'
import { footOf, lineOf, linkTo } from './text'

/**
 * Milliseconds that the mail server may take to accept a connection, to greet, and for each answer. What takes longer in
 * all is ended by the job's timeout of 30 s.
 */
const PATIENCE_MS = 10_000

/**
 * Sends a message by mail, over SMTP. A second attempt has the same Message-ID, so mail programs show one mail.
 *
 * @throws PermanentError where no mail server is set, or it refuses for good (5xx) or refuses some addresses, which are named; TransientError where it refuses for now, or does not answer
 */
export async function sendMail(
  to: readonly string[],
  message: AlertMessage,
  {
    mail,
    dashboard,
    signal,
    logFailure,
  }: {
    mail: MailSettings | null
    dashboard: string | null
    signal: AbortSignal
    /** Gets what the mail server said, for the operator of this installation. */
    logFailure: (line: string) => void
  },
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
    const { rejected, rejectedErrors = [] } = await transport.sendMail({
      from: mail.from,
      to: [...to],
      subject: `[Jobyard] ${message.title}`,
      text: textOf(message, dashboard),
      messageId: `<${message.id}@jobyard>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    })
    // Another attempt would send the mail a second time to those who have it.
    if (rejected.length > 0) {
      for (const error of rejectedErrors) logFailure(detailsOf(error))
      throw new PermanentError(
        `The mail server refused these addresses: ${rejected.join(', ')}. The others got the mail.`,
      )
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof PermanentError) throw error
    logFailure(detailsOf(error))
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

/**
 * What went wrong, by the code of nodemailer. Its own message holds the address of the mail server, which is not for
 * the eyes of every admin.
 */
const PROBLEMS: Record<string, string> = {
  EAUTH: 'the mail server refused the user or the password in SMTP_URL',
  EENVELOPE: 'the mail server refused the sender or all addresses',
  EMESSAGE: 'the mail server refused the message',
  ETIMEDOUT: 'the mail server did not answer in time',
  EDNS: 'the name of the mail server in SMTP_URL was not found',
  ETLS: 'no encrypted connection to the mail server came about',
}

/** What nodemailer tells of a failure. */
interface MailFailure {
  code?: string
  /** The step in which it failed, such as `RCPT TO` or `CONN`. */
  command?: string
  /** What the server answered, with its code. */
  response?: string
}

/** The most characters of a server's answer. */
const LONGEST_ANSWER = 500

/** What was said between the worker and the mail server, without addresses of people. */
function detailsOf(error: unknown): string {
  const { code, command, response } = error as MailFailure
  const said = response ?? (error instanceof Error ? error.message : String(error))
  // Addresses go first: one that was cut in half would not be found any more.
  const shown = said.replaceAll(MAIL_ADDRESS, '<address>').slice(0, LONGEST_ANSWER).toWellFormed()
  const where = [code, command && `at ${command}`].filter(Boolean).join(' ')
  return `The mail server${response === undefined ? '' : ' answered'}${where ? ` (${where})` : ''}: ${shown}`
}

const MAIL_ADDRESS = /<?[^\s<>@:;,"]+@[^\s<>@:;,"]+>?/g

/**
 * An answer of 500 and above is for good, such as one to wrong credentials or a refused address. All else may pass: full
 * boxes, greylisting, a server that is away.
 */
function asFailure(error: unknown): Error {
  const { responseCode, code = '' } = error as { responseCode?: number; code?: string }
  const problem = PROBLEMS[code] ?? 'the connection to the mail server failed'
  const said = `The mail was not sent: ${problem}${responseCode === undefined ? '' : ` (it answered ${responseCode})`}.`
  return responseCode !== undefined && responseCode >= 500 ? new PermanentError(said) : new TransientError(said)
}
