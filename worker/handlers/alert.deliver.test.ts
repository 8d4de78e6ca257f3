import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { inRoot } from '@/launcher/paths.mjs'
import type { AlertMessage } from '@/server/engine/domain/alerts/message'
import type { AlertTarget } from '@/server/engine/domain/alerts/targets'
import { classifyFailure } from '@/server/engine/domain/failure'
import { recordingContext } from '@/worker/handler/recording'
import handler from './alert.deliver'

// A real mail server and a real receiver of webhooks, both on the loopback.

const received: { headers: IncomingHttpHeaders; body: string }[] = []
let answer = 200
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ headers: request.headers, body })
    response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end('no address or secret of ours')
  })
})
const mails: { from: string; to: string[]; raw: string; user: string }[] = []
/** The code with which the mail server refuses addresses. Null: it takes them all. */
let refuse: number | null = null
/** The only address that is refused. Null: all of them. */
let refused: string | null = null
const smtp = new SMTPServer({
  disabledCommands: ['STARTTLS'],
  allowInsecureAuth: true,
  onAuth: ({ username, password }, _, done) =>
    password === 'right' ? done(null, { user: username }) : done(new Error('wrong password')),
  onRcptTo: ({ address }, __, done) =>
    done(
      refuse && (refused === null || refused === address)
        ? Object.assign(new Error(`<${address}>: not now`), { responseCode: refuse })
        : null,
    ),
  onData: (stream, session, done) =>
    void text(stream).then((raw) => {
      const { mailFrom, rcptTo } = session.envelope
      mails.push({
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        raw,
        user: String(session.user),
      })
      done()
    }),
})
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port
let hook: string
let mailUrl: (password?: string) => string

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1')
  smtp.listen(0, '127.0.0.1')
  await Promise.all([once(receiver, 'listening'), once(smtp.server, 'listening')])
  hook = `http://127.0.0.1:${portOf(receiver)}/services/secret-path`
  mailUrl = (password = 'right') => `smtp://jobyard:${password}@127.0.0.1:${portOf(smtp.server)}`
})
afterAll(() => {
  receiver.close()
  smtp.close()
})
beforeEach(() => {
  received.length = mails.length = 0
  answer = 200
  refuse = refused = null
})

const message: AlertMessage = {
  id: '0199b2c0-0000-7000-8000-000000000009',
  test: false,
  rule: {
    id: '0199b2c0-0000-7000-8000-000000000008',
    name: 'Reports <!channel>',
    condition: 'The circuit of a type is open',
  },
  organization: 'Acme',
  title: 'Firing: Reports <!channel> (report.x)',
  alerts: [
    {
      id: '0199b2c0-0000-7000-8000-000000000007',
      state: 'firing',
      subject: 'report.x',
      label: 'report.x',
      text: 'The circuit of report.x is open & jobs wait.',
      organization: 'Acme',
      path: '/circuits?org=1',
      openedAt: '2026-01-31T08:00:00.000Z',
      closedAt: null,
    },
  ],
  more: 3,
  at: '2026-01-31T08:00:00.000Z',
}

/** What the last delivery wrote into its log. */
let lines: string[] = []

function deliver(
  target: AlertTarget,
  { allow = '127.0.0.1', password = 'right', mail = true, jobType = handler.key } = {},
) {
  const recording = recordingContext({
    messages: {
      mail: mail ? { url: mailUrl(password), from: 'Jobyard <jobyard@example.com>' } : null,
      allow,
      dashboard: 'https://jobs.example.com',
    },
  })
  const { ctx } = recording
  lines = recording.lines
  const parameters = handler.schema.parse({ target, signingSecret: 'secret-of-the-rule', message })
  return handler.run(parameters, { ...ctx, job: { ...ctx.job, jobType } })
}
/** The class of the failure and its message. */
async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => expect.unreachable('it was delivered'),
    (thrown: unknown) => thrown,
  )
  return classifyFailure(error, { projectRoot: '/' })
}

describe('a webhook', () => {
  test('a webhook gets the message of an alert with links, and can prove where it comes from, as docs/alerts.md says', async () => {
    await deliver({ type: 'webhook', url: hook })
    const [{ headers, body }] = received as [(typeof received)[number]]
    expect(JSON.parse(body)).toMatchObject({
      state: 'firing',
      title: message.title,
      more: 3,
      alerts: [{ label: 'report.x', url: 'https://jobs.example.com/circuits?org=1' }],
    })
    expect(headers['idempotency-key']).toBe(message.id)
    // The check that the documentation gives to receivers, run as it stands there.
    const folder = await mkdtemp(path.join(tmpdir(), 'jobyard-alerts-'))
    const [, code] = /```js\n([\s\S]*?)```/.exec(await readFile(inRoot('docs/alerts.md'), 'utf8'))!
    await writeFile(path.join(folder, 'check.mjs'), code!)
    const { isFromJobyard } = (await import(pathToFileURL(path.join(folder, 'check.mjs')).href)) as {
      isFromJobyard: (secret: string, headers: IncomingHttpHeaders, body: string) => boolean
    }
    await rm(folder, { recursive: true })
    expect(isFromJobyard('secret-of-the-rule', headers, body)).toBe(true)
    expect(isFromJobyard('another secret', headers, body)).toBe(false)
    expect(isFromJobyard('secret-of-the-rule', headers, `${body} `)).toBe(false)
  })

  test('Slack gets its own format, in which a name cannot mention a channel', async () => {
    await deliver({ type: 'slack', url: hook })
    const { text: said, blocks } = JSON.parse(received[0]!.body) as { text: string; blocks: { type: string }[] }
    expect(said).toBe('Firing: Reports &lt;!channel&gt; (report.x)')
    expect(blocks.map(({ type }) => type)).toEqual(['section', 'section', 'context'])
    expect(JSON.stringify(blocks)).toContain(
      'is open &amp; jobs wait. Since 2026-01-31T08:00:00.000Z. <https://jobs.example.com/circuits?org=1|Open>',
    )
    expect(JSON.stringify(blocks)).not.toContain('<!channel>')
  })

  test.each([
    [500, 'TRANSIENT'],
    [429, 'TRANSIENT'],
    [404, 'PERMANENT'],
    [302, 'PERMANENT'],
  ])('an answer of %i is a failure of class %s, which tells neither path nor answer', async (status, failureClass) => {
    answer = status
    const failure = await failureOf(deliver({ type: 'webhook', url: hook }))
    expect(failure.class).toBe(failureClass)
    expect(failure.message).toContain(`127.0.0.1:${portOf(receiver)} answered ${status}`)
    expect(failure.message).not.toMatch(/secret-path|of ours/)
  })

  test('an address inside the network is not called unless the installation allows it', async () => {
    const failure = await failureOf(deliver({ type: 'webhook', url: hook }, { allow: '' }))
    expect(failure).toMatchObject({
      class: 'PERMANENT',
      message: expect.stringContaining('HTTP_REQUEST_ALLOW') as string,
    })
    expect(received).toEqual([])
  })
})

describe('mail', () => {
  const to = ['oncall@example.com', 'boss@example.com']

  test('the mail of an alert goes to all addresses, with a subject that says what matters most, and is marked as automatic', async () => {
    await deliver({ type: 'mail', to })
    expect(mails).toMatchObject([{ from: 'jobyard@example.com', to, user: 'jobyard' }])
    const { raw } = mails[0]!
    expect(raw).toContain('Subject: [Jobyard] Firing: Reports <!channel> (report.x)')
    expect(raw).toContain(`Message-ID: <${message.id}@jobyard>`)
    expect(raw).toContain('Auto-Submitted: auto-generated')
    // The text is quoted-printable: a long line is broken after a "=", and the "=" of the address itself is written "=3D".
    expect(raw.replace(/=\r\n/g, '')).toContain('https://jobs.example.com/circuits?org')
    expect(raw).toContain('And 3 more.')
  })

  test.each([
    ['a server that refuses for now', 450, 'right', 'TRANSIENT', '(EENVELOPE at RCPT TO): 450 <address>: not now'],
    ['a server that refuses for good', 550, 'right', 'PERMANENT', '(EENVELOPE at RCPT TO): 550 <address>: not now'],
    ['a wrong password', null, 'wrong', 'PERMANENT', '(EAUTH at AUTH PLAIN): 535 wrong password'],
  ])(
    '%s is a failure of the right class, and the log has its answer',
    async (_, code, password, failureClass, said) => {
      refuse = code
      const failure = await failureOf(deliver({ type: 'mail', to }, { password }))
      expect(failure.class).toBe(failureClass)
      // The address of the mail server is not for the eyes of every admin.
      expect(failure.message).not.toContain('127.0.0.1')
      expect(lines).toEqual([`The mail server answered ${said}`])
    },
  )

  test('when the mail server refuses one of two addresses, the failure names it, and the mail is not sent to the other again', async () => {
    refuse = 550
    refused = to[1]!
    const failure = await failureOf(deliver({ type: 'mail', to }))
    expect(failure).toMatchObject({ class: 'PERMANENT', message: expect.stringContaining(to[1]!) as string })
    expect(failure.message).not.toContain(to[0])
    expect(mails).toMatchObject([{ to: [to[0]] }])
    expect(lines).toEqual(['The mail server answered (EENVELOPE at RCPT TO): 550 <address>: not now'])
  })

  test('without a mail server the failure names the variables', async () => {
    const failure = await failureOf(deliver({ type: 'mail', to }, { mail: false }))
    expect(failure).toMatchObject({
      class: 'PERMANENT',
      message: expect.stringContaining('SMTP_URL and MAIL_FROM') as string,
    })
  })
})

test('another job type that names this handler delivers nothing', async () => {
  const failure = await failureOf(deliver({ type: 'webhook', url: hook }, { jobType: 'my.own' }))
  expect(failure.class).toBe('PERMANENT')
  expect(received).toEqual([])
})
