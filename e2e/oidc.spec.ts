import { randomBytes } from 'node:crypto'
import type { Browser, Page } from '@playwright/test'
import { startOidcWorld, type OidcWorld, type Person } from './oidc'
import { expect, test } from './test'
import { home, uniqueWord, withKey } from './world'

// Sign-in at a real OpenID provider. The provider and another web process each run as a process of their own.

let world: OidcWorld
test.beforeAll(async () => {
  world = await startOidcWorld()
})
test.afterAll(() => world?.stop())

const subject = () => randomBytes(12).toString('hex')

/** Signs in at the provider with a name, in a new browser. */
async function signInAs(browser: Browser, name: string, from = '/sign-in'): Promise<Page> {
  const context = await browser.newContext({ baseURL: world.url })
  const page = await context.newPage()
  await page.goto(from)
  await continueAs(page, name)
  return page
}

/** Goes from our sign-in page to the provider, and signs in there. */
async function continueAs(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
  await page.getByPlaceholder('Enter any login').fill(name)
  await page.getByPlaceholder('and password').fill('anything')
  await page.getByRole('button', { name: 'Sign-in' }).click()
}

interface Me {
  user: { id: string; email: string; name: string }
  organizations: { id: string; role: string }[]
}
async function me(page: Page): Promise<Me> {
  const response = await page.request.get('/api/trpc/session.me')
  return ((await response.json()) as { result: { data: Me } }).result.data
}

const admin = () => withKey('SYSTEM_ADMIN', null)
const invite = async (email: string): Promise<string> =>
  (await admin().mutate<{ link: string }>('members.invite', { organizationId: home, email, role: 'OPERATOR' })).data
    .link

test('the first sign-in at a provider needs an invitation, and later ones go by the subject, whatever the address is @long', async ({
  browser,
}) => {
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Olive Oidc' }
  await world.setPerson(name, person)

  const refused = await signInAs(browser, name)
  await expect(refused.getByRole('alert').filter({ hasText: 'There is no invitation for this account.' })).toBeVisible()
  expect((await refused.request.get('/api/trpc/session.me')).status()).toBe(401)

  // An invitation does not help while the provider has not verified the address.
  const link = new URL(await invite(person.email))
  await world.setPerson(name, { ...person, email_verified: false })
  const unverified = await signInAs(browser, name)
  await expect(unverified.getByRole('alert').filter({ hasText: 'has not confirmed your email address' })).toBeVisible()
  await world.setPerson(name, person)

  // The person is signed in, but a member of no organization until they accept the invitation.
  const page = await signInAs(browser, name)
  await expect(page.getByText('No organization yet')).toBeVisible()
  expect((await me(page)).organizations).toEqual([])
  await page.goto(link.pathname)
  await page.getByRole('button', { name: /^Join / }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  const first = await me(page)
  expect(first).toMatchObject({
    user: { email: person.email, name: 'Olive Oidc' },
    organizations: [{ id: home, role: 'OPERATOR' }],
  })

  // A new address at the provider leads to the same account, even where another person here has that address.
  const other = (
    await admin().query<{ items: { email: string }[] }>('members.list', { organizationId: home, limit: 100 })
  ).data.items.find(({ email }) => email !== person.email)!
  await world.setPerson(name, { ...person, email: other.email })
  const again = await signInAs(browser, name)
  await expect(again.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect((await me(again)).user).toEqual(first.user)

  // The old address now belongs to another person at the provider. It does not open the first person's account.
  const heir = uniqueWord()
  await world.setPerson(heir, { ...person, sub: subject() })
  const stranger = await signInAs(browser, heir)
  await expect(
    stranger.getByRole('alert').filter({ hasText: 'signs in as somebody else at the provider' }),
  ).toBeVisible()

  // The account page shows how this person signs in, and offers no change of a password.
  await page.goto('/account')
  await expect(page.getByRole('region', { name: 'You' })).toContainText(`at ${new URL(world.issuer).host}`)
  await expect(page.getByRole('region', { name: 'Change password' })).toHaveCount(0)
  await Promise.all([refused, unverified, page, again, stranger].map((each) => each.context().close()))
})

test('an invitation leads to the provider with PKCE, state and nonce, and the person comes back to the invitation', async ({
  browser,
}) => {
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Ivo Invited' }
  await world.setPerson(name, person)
  const link = new URL(await invite(person.email))

  const context = await browser.newContext({ baseURL: world.url })
  const page = await context.newPage()
  const asked: URLSearchParams[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin === world.issuer && url.pathname === '/auth') asked.push(url.searchParams)
  })
  await page.goto(link.pathname)
  await expect(page.getByText(person.email)).toBeVisible()
  await continueAs(page, name)
  await page.getByRole('button', { name: /^Join / }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect(Object.fromEntries(asked[0]!)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.any(String),
    nonce: expect.any(String),
  })
  await page.goto(link.pathname)
  await expect(page.getByRole('heading', { level: 1, name: 'This link is no longer good' })).toBeVisible()
  await context.close()
})

test('the provider’s answer to one browser signs nobody in at another, although nobody has used it yet', async ({
  browser,
}) => {
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Ada Asked' }
  await world.setPerson(name, person)
  await invite(person.email)
  const mine = await browser.newContext({ baseURL: world.url })
  const answer = await answerOfProvider(await mine.newPage(), name)

  // A browser that never asked has no state. One that asked by itself has the state of its own question.
  const idle = await browser.newContext({ baseURL: world.url })
  const asking = await browser.newContext({ baseURL: world.url })
  await answerOfProvider(await asking.newPage(), name)
  for (const other of [idle, asking]) {
    const response = await other.request.get(answer)
    expect(response.url()).toContain('/sign-in?callbackUrl=')
    expect((await other.request.get('/api/trpc/session.me')).status()).toBe(401)
  }

  // The same answer is good in the browser that asked. So it was refused because of the browser.
  const page = await mine.newPage()
  await page.goto(answer)
  expect((await me(page)).user.email).toBe(person.email)
  await Promise.all([mine, idle, asking].map((context) => context.close()))
})

/**
 * Signs in at the provider with a name, and stops before the last step: it returns the address to which the provider
 * sends the browser back, without opening it.
 */
async function answerOfProvider(page: Page, name: string): Promise<string> {
  await page.goto('/sign-in')
  await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
  await page.getByPlaceholder('Enter any login').waitFor()
  const form = page.locator('form')
  const action = await form.evaluate((element: HTMLFormElement) => element.action)
  const fields = await form.evaluate((element: HTMLFormElement) =>
    Object.fromEntries([...new FormData(element)].map(([field, value]) => [field, String(value)])),
  )
  let response = await page.request.post(action, {
    form: { ...fields, login: name, password: 'anything' },
    maxRedirects: 0,
  })
  for (;;) {
    const { location } = response.headers()
    if (!location) throw new Error(`${response.url()} leads nowhere: ${await response.text()}`)
    const next = new URL(location, response.url())
    if (next.pathname === '/api/auth/callback/oidc') return next.href
    response = await page.request.get(next.href, { maxRedirects: 0 })
  }
}

test('a person whose provider does not answer is told so in time, and gets in once it answers again @long', async ({
  browser,
}) => {
  test.setTimeout(90_000)
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Wanda Waits' }
  await world.setPerson(name, person)
  await invite(person.email)
  const context = await browser.newContext({ baseURL: world.url })
  const page = await context.newPage()
  const alert = page.getByRole('alert')
  try {
    // It falls silent before it can show its own page.
    await page.goto('/sign-in')
    world.silence()
    await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
    await expect(alert.filter({ hasText: 'The sign-in provider did not answer.' })).toBeVisible({ timeout: 20_000 })
    world.endSilence()

    // It falls silent after the person has signed in there, when our server asks who they are.
    const answer = await answerOfProvider(page, name)
    world.silence()
    await page.goto(answer)
    await expect(alert.filter({ hasText: 'was not completed. Try again.' })).toBeVisible()
    expect((await page.request.get('/api/trpc/session.me')).status()).toBe(401)
  } finally {
    world.endSilence()
  }
  // The provider still knows who sits at this browser, and does not ask again.
  await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
  await expect(page.getByText('No organization yet')).toBeVisible()
  expect((await me(page)).user.email).toBe(person.email)
  await context.close()
})

test('a broken-off sign-in at the provider is explained on the page, and a text in the address is not shown as an error', async ({
  browser,
}) => {
  const context = await browser.newContext({ baseURL: world.url })
  const page = await context.newPage()
  await page.goto('/api/auth/callback/oidc?error=access_denied&state=x')
  await expect(page.getByRole('alert').filter({ hasText: 'was not completed. Try again.' })).toBeVisible()
  await page.goto('/sign-in?error=%3Cb%3ECall%20us%3C%2Fb%3E')
  await expect(page.getByRole('alert').filter({ hasText: 'Signing in did not work.' })).toBeVisible()
  await expect(page.getByText('Call us')).toHaveCount(0)
  await context.close()
})
