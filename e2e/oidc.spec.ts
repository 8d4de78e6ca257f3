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
  await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
  await page.getByPlaceholder('Enter any login').fill(name)
  await page.getByPlaceholder('and password').fill('anything')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  return page
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

test('the first sign-in at a provider needs an invitation; later ones go by the subject, whatever the address is; PKCE, state and nonce are sent', async ({
  browser,
}) => {
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Olive Oidc' }
  await world.setPerson(name, person)

  const refused = await signInAs(browser, name)
  await expect(refused.getByRole('alert').filter({ hasText: 'There is no invitation for this account.' })).toBeVisible()
  expect((await refused.request.get('/api/trpc/session.me')).status()).toBe(401)

  // An invitation for another address does not help, and neither does an unverified address.
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

test('an invitation leads to the provider with PKCE, state and nonce, and the provider’s answer works only in this browser', async ({
  browser,
}) => {
  const name = uniqueWord()
  const person: Person = { sub: subject(), email: `${name}@example.com`, email_verified: true, name: 'Ivo Invited' }
  await world.setPerson(name, person)
  const link = new URL(await invite(person.email))

  const context = await browser.newContext({ baseURL: world.url })
  const page = await context.newPage()
  const asked: URLSearchParams[] = []
  const answered: string[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin === world.issuer && url.pathname === '/auth') asked.push(url.searchParams)
    if (url.pathname === '/api/auth/callback/oidc') answered.push(url.href)
  })
  await page.goto(link.pathname)
  await expect(page.getByText(person.email)).toBeVisible()
  await page.getByRole('button', { name: 'Continue with Acme Login' }).click()
  await page.getByPlaceholder('Enter any login').fill(name)
  await page.getByPlaceholder('and password').fill('anything')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  // The provider sends the person back to the page where they accept.
  await page.getByRole('button', { name: /^Join / }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  expect(Object.fromEntries(asked[0]!)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.any(String),
    nonce: expect.any(String),
  })

  // Another browser has neither the state nor the verifier, so the provider's answer signs nobody in there.
  const thief = await browser.newContext({ baseURL: world.url })
  const response = await thief.request.get(answered[0]!)
  expect(response.url()).toContain('/sign-in?callbackUrl=')
  expect((await thief.request.get('/api/trpc/session.me')).status()).toBe(401)
  await page.goto(link.pathname)
  await expect(page.getByRole('heading', { level: 1, name: 'This link is no longer good' })).toBeVisible()
  await Promise.all([context.close(), thief.close()])
})

test('a broken-off sign-in at the provider, or a provider that does not answer, is explained on the page', async ({
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
