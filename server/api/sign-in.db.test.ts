import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { hashPassword } from '@/server/auth/passwords'
import { beginSession, IDLE_SECONDS, LIFETIME_SECONDS, sessionToken } from '@/server/auth/session-cookie'
import { authOptions } from '@/server/auth/next-auth'
import { OIDC } from '@/server/auth/oidc'
import { fieldsOf, openApi } from '@/testing/api'
import { openDoor } from '@/testing/door'
import { handleAuth } from './auth-http'
import { createServices } from './services'
import { ORIGIN } from '@/testing/api-world'

// Signing in and out through next-auth's own routes, and everything that ends a session.

const PASSWORD = 'correct horse battery'
const NEW_PASSWORD = 'staple of another kind'

const lines: string[] = []
const hash = await hashPassword(PASSWORD)
const { services, world, api, close, database } = await openApi({
  log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
})
afterAll(close)
beforeEach(async () => {
  await services.db.$executeRaw`DELETE FROM sign_in_attempts`
})

/** The part of a browser that signing in needs: it keeps cookies. */
class Browser {
  readonly jar = new Map<string, string>()
  constructor(
    readonly address = '203.0.113.7',
    private readonly server = services,
  ) {}

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  async send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { host: 'localhost:3000', cookie: this.cookie, 'x-forwarded-for': this.address, ...init.headers }
    const response = await handleAuth(
      new Request(`${ORIGIN}/api/auth/${path}`, { ...init, headers }),
      path.split('?')[0]!.split('/'),
      this.server,
    )
    this.keep(response.headers)
    return response
  }
  keep(headers: Headers): void {
    for (const cookie of headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (value) this.jar.set(name!, value)
      else this.jar.delete(name!)
    }
  }
  async post(
    path: string,
    form: Record<string, string>,
    headers: Record<string, string> = { origin: ORIGIN },
  ): Promise<Response> {
    const { csrfToken } = (await (await this.send('csrf')).json()) as { csrfToken: string }
    const body = new URLSearchParams({ csrfToken, json: 'true', ...form }).toString()
    return this.send(path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  }
  signIn = (email: string, password = PASSWORD, headers?: Record<string, string>) =>
    this.post('callback/credentials', { email, password }, headers)
  get session(): string | undefined {
    return this.jar.get('next-auth.session-token')
  }
  /** True if the API accepts its session. */
  async known(): Promise<boolean> {
    return (await api.query('session.me', undefined, { cookie: this.cookie })).status === 200
  }
}

/** Records more failures than happened, so that the wait is longer than a slow machine takes until the next try. */
const failedMore = () =>
  services.db.$executeRaw`UPDATE sign_in_attempts SET failures = failures + 5 WHERE failures >= 5`

let serial = 0
async function newUser(over: { passwordHash?: string | null; disabledAt?: Date } = {}) {
  const email = `someone${++serial}@example.com`
  const id = uuidv7()
  await services.db.user.create({
    data: { id, email, passwordHash: hash, ...over, person: { create: { id: uuidv7(), name: 'Someone' } } },
  })
  return { id, email }
}

describe('signing in', () => {
  it('every sign-in creates a session with a token of its own', async () => {
    const { email } = await newUser()
    const browser = new Browser()
    browser.jar.set('next-auth.session-token', 'planted')
    expect((await browser.signIn(` ${email.toUpperCase()} `)).status).toBe(200)
    const first = browser.session
    expect(await browser.known()).toBe(true)
    await browser.signIn(email)
    expect(first).not.toBe('planted')
    expect(browser.session).not.toBe(first)
  })

  it('a refused sign-in has the same words, whatever was wrong', async () => {
    const { email } = await newUser()
    const disabled = await newUser({ disabledAt: new Date() })
    const without = await newUser({ passwordHash: null })
    const answers: unknown[] = []
    for (const [address, password] of [
      [email, 'wrong'],
      [disabled.email, PASSWORD],
      [without.email, PASSWORD],
      ['nobody@example.com', PASSWORD],
      ['\0', ''],
      ['', ''],
    ] as const) {
      const response = await new Browser().signIn(address, password)
      answers.push([
        response.status,
        await response.text(),
        response.headers.getSetCookie().some((cookie) => cookie.includes('session-token')),
      ])
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toEqual([401, expect.stringContaining('CredentialsSignin'), false])
  })

  it('after too many wrong passwords sign-in answers 429 with the waiting time, even for accounts that do not exist; elsewhere and in a known browser it works', async () => {
    const { email } = await newUser()
    const own = new Browser('192.0.2.44')
    await own.signIn(email)
    await own.post('signout', {})
    for (const account of [email, 'nobody@example.com']) {
      const thief = new Browser('198.51.100.1')
      for (let i = 0; i < 5; i++) expect((await thief.signIn(account, 'guess')).status).toBe(401)
      await failedMore()
      const last = await thief.signIn(account)
      expect([last.status, last.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)])
      const { error, url } = (await last.json()) as { error: { message: string; data: object }; url: string }
      expect(error).toMatchObject({
        message: expect.stringMatching(/^Too many attempts. Try again in \d+ s\.$/),
        data: { reason: 'RATE_LIMITED' },
      })
      expect(new URL(url).searchParams.get('error')).toMatch(/^TooManyAttempts\.\d+$/)
      expect(thief.session).toBeUndefined()
    }
    // The owner signs in from the thief's address, but on a known device. Then the owner signs in from another address.
    const device = new Browser('198.51.100.1')
    device.jar.set('jobyard_device', own.jar.get('jobyard_device')!)
    expect((await device.signIn(email)).status).toBe(200)
    expect((await new Browser('192.0.2.45').signIn(email)).status).toBe(200)
  })

  it('a sign-in from a foreign page is refused, and so is a sign-out', async () => {
    const { email } = await newUser()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ] as Record<string, string>[]) {
      const browser = new Browser()
      const response = await browser.signIn(email, PASSWORD, headers)
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ error: { data: { reason: 'NOT_PERMITTED' } } })
      expect(browser.session).toBeUndefined()
      expect((await browser.post('signout', {}, headers)).status).toBe(403)
    }
    // The second request lacks the token that only our own pages can read.
    const browser = new Browser()
    await browser.signIn(email)
    await browser.send('signout', {
      method: 'POST',
      body: 'csrfToken=guess&json=true',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: ORIGIN },
    })
    expect(await browser.known()).toBe(true)
  })

  it('addresses of sign-in that are not used, and bodies that do not fit, get a reason that reveals nothing about the server', async () => {
    const browser = new Browser()
    const json = { 'content-type': 'application/json', origin: ORIGIN }
    const form = { ...json, 'content-type': 'application/x-www-form-urlencoded' }
    const cases: [string, RequestInit, number, string][] = [
      ['_log', { method: 'POST', body: '{"level":"constructor"}', headers: json }, 404, 'NOT_FOUND'],
      ['session', { method: 'POST', body: '{}', headers: json }, 404, 'NOT_FOUND'],
      ['verify-request', {}, 404, 'NOT_FOUND'],
      ['callback/oidc/more', {}, 404, 'NOT_FOUND'],
      ['csrf', { method: 'DELETE' }, 405, 'METHOD_NOT_SUPPORTED'],
      ['callback/credentials', { method: 'POST', body: '{', headers: json }, 400, 'INVALID_INPUT'],
      ['callback/credentials', { method: 'POST', body: '[1]'.repeat(3), headers: json }, 400, 'INVALID_INPUT'],
      ...[json, form].map((headers): (typeof cases)[number] => [
        'callback/credentials',
        { method: 'POST', body: new Uint8Array([0xff]), headers }, // Not UTF-8.
        400,
        'INVALID_INPUT',
      ]),
      [
        'callback/credentials',
        { method: 'POST', body: 'x', headers: { ...json, 'content-type': 'text/plain' } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ],
      [
        'callback/credentials',
        { method: 'POST', body: `password=${'x'.repeat(20_000)}`, headers: form },
        413,
        'TOO_LARGE',
      ],
    ]
    for (const [path, init, status, reason] of cases) {
      const response = await browser.send(path, init)
      const text = await response.text()
      expect([
        path,
        response.status,
        (JSON.parse(text) as { error: { data: { reason: string } } }).error.data.reason,
      ]).toEqual([path, status, reason])
      expect(text).not.toMatch(/\bat .*\.[jt]s|node_modules|stack/i)
    }
    const nul = await browser.post('callback/credentials', { email: 'ada\0@example.com', password: 'x\0' })
    expect(nul.status).toBe(401)
    // Strange cookies and URLs do no harm.
    browser.jar.set('next-auth.csrf-token', '%E0%A4%A')
    browser.jar.set('next-auth.callback-url', 'javascript:alert(1)')
    for (const path of [
      'session',
      'csrf',
      'error?error=<script>',
      'callback/oidc?code=1&state=2',
      'signin?callbackUrl=https://evil.example',
    ]) {
      const response = await browser.send(path)
      expect(response.status, path).toBeLessThan(500)
      expect(response.headers.get('location') ?? '', path).not.toMatch(/^(?:https:\/\/evil|javascript)/)
      browser.jar.delete('next-auth.callback-url')
    }
  })

  // Some three hundred calls, of which many hash a password.
  it('signing in or out leads to a page of ours, whatever address the browser sends', async () => {
    const { email } = await newUser()
    const addresses = [
      '\\\\evil.example',
      'http://localhost:4310x',
      '/\\evil.example',
      '//evil.example',
      '/..//evil.example',
      'http://',
      '%',
      '/%',
      '\0',
      '\ud800',
      '\t//evil.example',
      'x'.repeat(3_000),
      'https://a:b@evil.example',
    ]
    const wrong: string[] = []
    const check = async (what: string, response: Response) => {
      const text = await response.text()
      const lead =
        response.headers.get('location') ??
        (/^\{"url":/.test(text) ? (JSON.parse(text) as { url: string }).url : ORIGIN)
      if (response.status >= 500 || new URL(lead, ORIGIN).origin !== ORIGIN || /evil|4310x/.test(lead))
        wrong.push(`${what}: ${response.status} ${lead} ${text.slice(0, 100)}`)
    }
    for (const address of addresses) {
      const encoded = encodeURIComponent(address.toWellFormed())
      for (const path of ['signin', 'signout', 'session', 'csrf', 'providers', 'error', 'callback/oidc']) {
        const browser = new Browser()
        await check(
          `${path} asked for ${address.slice(0, 30)}`,
          await browser.send(`${path}?callbackUrl=${encoded}&callbackUrl=${encoded}`),
        )
        browser.jar.set('next-auth.callback-url', encoded)
        await check(`${path} with a cookie of ${address.slice(0, 30)}`, await browser.send(path))
      }
      for (const path of ['signout', 'signin/credentials', 'callback/credentials']) {
        for (const callbackUrl of [address, [address], { href: address }]) {
          const browser = new Browser()
          const { csrfToken } = (await (await browser.send('csrf')).json()) as { csrfToken: string }
          browser.jar.set('next-auth.callback-url', encoded)
          const body = JSON.stringify({ csrfToken, callbackUrl, json: true, email, password: PASSWORD })
          await check(
            `${path} sent ${JSON.stringify(callbackUrl).slice(0, 30)}`,
            await browser.send(path, {
              method: 'POST',
              body,
              headers: { 'content-type': 'application/json', origin: ORIGIN },
            }),
          )
        }
      }
    }
    expect(wrong).toEqual([])
  }, 240_000)

  it('a sign-in leaves no password in the log', async () => {
    const { email } = await newUser()
    await new Browser().signIn(email, 'a secret of mine')
    await new Browser().signIn(email)
    expect(lines.join('\n')).toContain('a sign-in failed')
    expect(lines.join('\n')).not.toMatch(/a secret of mine|correct horse/)
  })
})

describe('a session', () => {
  it('signing out ends the session, even for a copy of the cookie', async () => {
    const { email } = await newUser()
    const [browser, other] = [new Browser(), new Browser()]
    await browser.signIn(email)
    await other.signIn(email)
    const copy = browser.cookie
    expect((await browser.post('signout', {})).status).toBe(200)
    expect(browser.session).toBeUndefined()
    expect((await api.query('session.me', undefined, { cookie: copy })).error.data.reason).toBe('UNAUTHENTICATED')
    expect(await other.known()).toBe(true)
    // next-auth's own answer, and its renewal of the cookie, follow the same rule.
    const thief = new Browser()
    thief.keep(new Headers([['set-cookie', /next-auth\.session-token=[^;]+/.exec(copy)![0]]]))
    expect(await (await thief.send('session')).json()).toEqual({})
    expect(thief.session).toBeUndefined()
  })

  it('a session is renewed while it is used, but has a last day', async () => {
    const { id } = await newUser()
    const now = Math.floor(Date.now() / 1000)
    const cookieOf = async (at: number, issuedAgo: number) => {
      vi.useFakeTimers({ toFake: ['Date'], now: (now - issuedAgo) * 1000 })
      const token = await sessionToken({ ...beginSession(id, 0), at }).finally(() => vi.useRealTimers())
      return `next-auth.session-token=${token}`
    }
    const fresh = await api.query('session.me', undefined, { cookie: await cookieOf(now, 60) })
    expect(fresh.headers.getSetCookie()).toEqual([])
    const used = await api.query('session.me', undefined, { cookie: await cookieOf(now - 3600, 20 * 60) })
    const [renewed] = used.headers.getSetCookie()
    expect(renewed).toMatch(
      new RegExp(`^next-auth\\.session-token=[^;]+; Path=/; Max-Age=${IDLE_SECONDS}; HttpOnly; SameSite=Lax$`),
    )
    expect((await api.query('session.me', undefined, { cookie: renewed!.split(';')[0] })).status).toBe(200)

    // An hour before the session's last moment, the renewed cookie lives for an hour. After that moment, no cookie is
    // valid.
    const late = await api.query('session.me', undefined, {
      cookie: await cookieOf(now - LIFETIME_SECONDS + 3600, 20 * 60),
    })
    expect(Number(/Max-Age=(\d+)/.exec(late.headers.getSetCookie()[0]!)![1])).toBeLessThanOrEqual(3600)
    expect(
      (await api.query('session.me', undefined, { cookie: await cookieOf(now - LIFETIME_SECONDS, 20 * 60) })).status,
    ).toBe(401)
    expect((await api.query('session.me', undefined, { cookie: await cookieOf(now, IDLE_SECONDS + 60) })).status).toBe(
      401,
    )
  })
})

describe('while PostgreSQL is away', () => {
  /** Calls the work while the server that `browser` talks to cannot reach PostgreSQL. */
  const whileAway = async (
    work: (browser: Browser, away: typeof services, email: string) => Promise<void>,
  ): Promise<void> => {
    const { email } = await newUser()
    const door = await openDoor(database.url)
    const away = createServices(door.url, pino({ level: 'silent' }))
    const browser = new Browser('203.0.113.7', away)
    try {
      expect((await browser.signIn(email)).status).toBe(200)
      door.shut()
      await work(browser, away, email)
      door.open()
      await expect
        .poll(async () => (await browser.send('session')).json())
        .toMatchObject({ user: { name: expect.any(String) as string } })
    } finally {
      await away.db.$disconnect()
      await door.close()
    }
  }

  it('the look at a session is answered with 503, and the person stays signed in', () =>
    whileAway(async (browser) => {
      const before = browser.session
      const answer = await browser.send('session')
      expect(answer.status).toBe(503)
      expect(answer.headers.getSetCookie().filter((cookie) => cookie.includes('session-token'))).toEqual([])
      expect(await answer.json()).toMatchObject({ error: { data: { reason: 'UNAVAILABLE' } } })
      expect(browser.session).toBe(before)
    }))

  it('nobody who signs in is told that the password is wrong, and nothing is told about the server', () =>
    whileAway(async (browser, away, email) => {
      const answer = await browser.signIn(email)
      const text = await answer.text()
      expect([answer.status, JSON.parse(text)]).toEqual([
        503,
        {
          error: expect.objectContaining({ data: expect.objectContaining({ reason: 'UNAVAILABLE' }) }),
          url: `${ORIGIN}/sign-in?error=NotAnswered`,
        },
      ])
      expect(text).not.toMatch(/prisma|127\.0\.0\.1|invocation/i)
      const { callbacks } = authOptions(away.db, away.logger, { headers: new Headers(), address: null })
      const leadsTo = await callbacks!.signIn!({
        user: { id: 'x' },
        account: { provider: OIDC, type: 'oauth', providerAccountId: 'x' },
        profile: { sub: 'x', email, email_verified: true } as never,
      })
      expect(leadsTo).toBe('/sign-in?error=NotAnswered')
    }))

  it('whoever signs out is signed out of this browser all the same', () =>
    whileAway(async (browser) => {
      const before = browser.cookie
      expect((await browser.post('signout', {})).status).toBe(200)
      expect(browser.session).toBeUndefined()
      // The session itself could not be ended, so a copy of the cookie is accepted once PostgreSQL is back.
      browser.keep(new Headers([['set-cookie', /next-auth\.session-token=[^;]+/.exec(before)![0]]]))
    }))
})

describe('account', () => {
  const change = (browser: Browser, currentPassword: string, newPassword = NEW_PASSWORD) =>
    api.mutate(
      'account.changePassword',
      { currentPassword, newPassword },
      { cookie: browser.cookie, headers: { origin: ORIGIN } },
    )

  it('a new password ends all other sessions and streams, but not the session that set it', async () => {
    const { id, email } = await newUser()
    await services.db.orgMember.create({
      data: {
        organizationId: world.acme,
        personId: (await services.db.person.findUniqueOrThrow({ where: { userId: id } })).id,
        role: 'VIEWER',
      },
    })
    const [here, there] = [new Browser(), new Browser()]
    await here.signIn(email)
    await there.signIn(email)
    const stream = await api.watch(
      { organizationId: world.acme },
      { cookie: there.cookie },
      AbortSignal.timeout(20_000),
    )
    const ended = stream.text()

    const answer = await change(here, PASSWORD)
    expect(answer.data).toEqual({ done: true })
    const old = here.cookie
    here.keep(answer.headers)
    expect(await here.known()).toBe(true)
    expect(await there.known()).toBe(false)
    expect((await api.query('session.me', undefined, { cookie: old })).status).toBe(401)
    expect(await ended).toContain('UNAUTHENTICATED')
    expect((await new Browser().signIn(email)).status).toBe(401)
    expect((await new Browser().signIn(email, NEW_PASSWORD)).status).toBe(200)
    const event = await services.db.auditEvent.findFirst({ where: { action: 'user.changePassword', targetId: id } })
    expect(event).toMatchObject({ actorType: 'USER', actorId: id, organizationId: null, before: null, after: null })
  })

  it('a wrong present password, or a new one that the rules do not allow, is refused at its field, and guessing is slowed down', async () => {
    const { email } = await newUser()
    const browser = new Browser()
    await browser.signIn(email)
    expect(await fieldsOf(change(browser, PASSWORD, 'too short'))).toEqual(['newPassword'])
    // 48 characters, but 78 bytes, and bcrypt reads only 72.
    expect(await fieldsOf(change(browser, PASSWORD, 'ä'.repeat(30) + 'bcdefg'.repeat(3)))).toEqual(['newPassword'])
    expect(await fieldsOf(change(browser, PASSWORD, PASSWORD))).toEqual(['newPassword'])
    for (let i = 0; i < 5; i++) expect(await fieldsOf(change(browser, 'wrong'))).toEqual(['currentPassword'])
    await failedMore()
    const refused = await change(browser, PASSWORD)
    expect(refused.error.data).toMatchObject({ reason: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) })
    // Signing in has its own counters, so it still works.
    expect((await new Browser().signIn(email)).status).toBe(200)
  })

  it('signing out everywhere ends every session, including the one that asked', async () => {
    const { email } = await newUser()
    const [here, there] = [new Browser(), new Browser()]
    await here.signIn(email)
    await there.signIn(email)
    expect((await api.query('account.get', undefined, { cookie: here.cookie })).data).toMatchObject({
      hasPassword: true,
      identities: [],
    })
    const answer = await api.mutate(
      'account.signOutEverywhere',
      {},
      { cookie: here.cookie, headers: { origin: ORIGIN } },
    )
    expect(answer.headers.getSetCookie()[0]).toMatch(/^next-auth\.session-token=; Path=\/; Max-Age=0/)
    expect([await here.known(), await there.known()]).toEqual([false, false])
    expect((await new Browser().signIn(email)).status).toBe(200)
  })

  it('an API key has no account to change', async () => {
    const key = { key: world.keys['acme.ADMIN'] }
    expect((await api.query('account.get', undefined, key)).error.data.reason).toBe('NOT_PERMITTED')
    expect((await api.mutate('account.signOutEverywhere', {}, key)).error.data.reason).toBe('NOT_PERMITTED')
    expect((await api.mutate('account.changePassword', {}, key)).error.data.reason).toBe('INVALID_INPUT')
    expect(
      (await api.mutate('account.changePassword', { currentPassword: 'x', newPassword: NEW_PASSWORD }, key)).error.data
        .reason,
    ).toBe('NOT_PERMITTED')
    expect((await api.query('account.get', undefined)).error.data.reason).toBe('UNAUTHENTICATED')
  })
})
