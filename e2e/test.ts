import { test as base, expect, request, type BrowserContextOptions, type Page } from '@playwright/test'
import { account, baseUrl, client, foreign, home, withKey, type Client, type Role } from './world'

export { expect, type Page }

type Cookies = Exclude<BrowserContextOptions['storageState'], string | undefined>

interface Session {
  state: Cookies
  /** The API, called with the session of this person's browser. */
  api: Client
}

interface Fixtures {
  /** Opens the dashboard as a signed-in person with this role. */
  as: (role: Role, options?: BrowserContextOptions & { organizationId?: string | null }) => Promise<Page>
  session: (role: Role, organizationId?: string | null) => Promise<Session>
  closedCircuits: void
}
interface WorkerFixtures {
  sessions: (role: Role, organizationId: string | null) => Promise<Session>
}

const CLEAN = 'no page breaks its own Content-Security-Policy, and none throws'

export const test = base.extend<Fixtures, WorkerFixtures>({
  // Tests make jobs fail on purpose, and enough failures open the circuit of a job type. So open circuits are closed
  // before the next test.
  closedCircuits: [
    async ({}, use) => {
      for (const organizationId of [home, foreign]) {
        const api = withKey('ADMIN', organizationId)
        const open = await api.query<{ items: { jobType: string }[] }>('circuits.list', {
          organizationId,
          state: ['OPEN', 'HALF_OPEN'],
        })
        for (const { jobType } of open.data.items) await api.mutate('circuits.close', { organizationId, jobType })
      }
      await use()
    },
    { auto: true },
  ],
  // Each account signs in only once for each worker of Playwright. Its pages then start with the cookie.
  sessions: [
    async ({}, use) => {
      const known = new Map<string, Promise<Session>>()
      await use((role, organizationId) => {
        const { email, password } = account(role, organizationId)
        const session = known.get(email) ?? openSession(email, password)
        known.set(email, session)
        return session
      })
    },
    { scope: 'worker' },
  ],

  session: async ({ sessions }, use) => {
    await use((role, organizationId = home) => sessions(role, organizationId))
  },

  as: async ({ browser, sessions, contextOptions }, use, info) => {
    const pages: Page[] = []
    const violations: string[] = []
    await use(async (role, { organizationId = role === 'SYSTEM_ADMIN' ? null : home, ...options } = {}) => {
      const { state } = await sessions(role, organizationId)
      const context = await browser.newContext({ ...contextOptions, baseURL: baseUrl, storageState: state, ...options })
      const page = await context.newPage()
      watchConsole(page, violations)
      pages.push(page)
      return page
    })
    if (info.status !== info.expectedStatus) {
      for (const [i, page] of pages.entries()) {
        if (!page.isClosed())
          await info.attach(`page ${i + 1}`, { body: await page.screenshot(), contentType: 'image/png' })
      }
    }
    await Promise.all(pages.map((page) => page.context().close()))
    expect(violations, CLEAN).toEqual([])
  },

  page: async ({ page }, use) => {
    const violations: string[] = []
    watchConsole(page, violations)
    await use(page)
    expect(violations, CLEAN).toEqual([])
  },
})

/** Collects what the browser refuses by policy, and errors that nobody caught. */
function watchConsole(page: Page, found: string[]) {
  page.on('console', (message) => {
    if (/content security policy|content-security-policy/i.test(message.text()))
      found.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`))
}

export async function signIn(page: Page, email: string, password: string) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Signs in as the form does, but without a browser. The form itself has its own tests (sign-in.spec.ts). */
async function openSession(email: string, password: string): Promise<Session> {
  const context = await request.newContext({ baseURL: baseUrl, extraHTTPHeaders: { origin: baseUrl } })
  const { csrfToken } = (await (await context.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const form = { email, password, csrfToken, json: 'true' }
  await expect(await context.post('/api/auth/callback/credentials', { form })).toBeOK()
  const state = await context.storageState()
  await context.dispose()
  const api = client({ cookie: state.cookies.map(({ name, value }) => `${name}=${value}`).join('; '), origin: baseUrl })
  expect((await api.query('session.me')).error, `${email} is signed in`).toBeUndefined()
  return { state, api }
}

/**
 * Returns a check that fails if the browser has loaded the document again since now. A reload does that, and so does a
 * link that the app does not handle.
 */
export async function expectNoReload(page: Page) {
  let loads = 0
  page.on('domcontentloaded', () => loads++)
  await page.evaluate(() => Object.assign(window, { stillTheSameDocument: true }))
  return async () => {
    expect(loads, 'the document was loaded once').toBe(0)
    expect(await page.evaluate(() => 'stillTheSameDocument' in window)).toBe(true)
  }
}

/** The parts of a job's own page. */
export function jobPage(page: Page) {
  const main = page.getByRole('main')
  return {
    badge: main.locator('header [data-status]'),
    progress: page.getByRole('progressbar', { name: 'Progress of the job' }),
    history: page.getByRole('list', { name: 'Transitions, oldest first' }).getByRole('listitem'),
    logs: page.getByRole('log', { name: 'Log lines' }),
    result: page.getByRole('region', { name: 'Result' }),
    parameters: page.getByRole('region', { name: 'Parameters' }),
    artifacts: page.getByRole('region', { name: 'Artifacts' }),
    action: (name: 'Cancel' | 'Retry' | 'Delete') => main.getByRole('button', { name, exact: true }),
    idInUrl: () => new URL(page.url()).pathname.split('/').at(-1) ?? '',
  }
}
export const JOB_URL = /\/jobs\/[0-9a-f]{8}-[0-9a-f-]{27}/
