import type { Page } from '@playwright/test'
import { expect, signIn, test } from './test'
import { baseUrl, foreign, home, uniqueWord, withKey } from './world'

// A person's own account, from the invitation to signing out everywhere.

const PASSWORD = 'seven ducks on a pond'

/**
 * The link of an invitation. It is made with a key of the platform, because a key of an organization may invite nobody.
 */
async function invitation(email: string, organizationId = home): Promise<string> {
  const answer = await withKey('SYSTEM_ADMIN', null).mutate<{ link: string }>('members.invite', {
    organizationId,
    email,
    role: 'VIEWER',
    name: 'Nia New',
  })
  expect(answer.error).toBeUndefined()
  return answer.data.link
}

/** Lets a new person accept an invitation, so that they are signed in. Returns their email address. */
async function accept(page: Page): Promise<string> {
  const email = `${uniqueWord()}@example.com`
  await page.goto(await invitation(email))
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  return email
}

test('a new person accepts an invitation and sees the organization, and the link works only once', async ({
  as,
  page,
}) => {
  const email = `${uniqueWord()}@example.com`
  const link = await invitation(email)
  // A member who already has an account opens the link by mistake.
  const colleague = await as('VIEWER')
  await colleague.goto(link)
  await expect(colleague.getByText('You are signed in as')).toBeVisible()
  await expect(colleague.getByRole('button', { name: 'Sign out' })).toBeVisible()

  const response = await page.goto(link)
  expect(response?.headers()['referrer-policy']).toBe('no-referrer')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Join /)
  await expect(page.getByText(email)).toBeVisible()
  await expect(page.getByLabel('Your name')).toHaveValue('Nia New')
  await page.getByLabel('Password').fill('short')
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'must have at least 12 characters' })).toBeVisible()
  await expect(page.getByLabel('Password')).toBeFocused()
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.getByRole('link', { name: 'Jobs' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()

  await page.goto(link)
  await expect(page.getByRole('heading', { level: 1, name: 'This link is no longer good' })).toBeVisible()

  // The open page leaves by itself when the member is removed.
  await page.goto('/jobs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const { data } = await withKey('ADMIN').query<{ items: { id: string; email: string }[] }>('members.list', {
    organizationId: home,
    limit: 100,
  })
  await withKey('ADMIN').mutate('members.remove', {
    organizationId: home,
    memberId: data.items.find((item) => item.email === email)!.id,
  })
  await expect(page.getByText('Live', { exact: true })).toHaveCount(0)
})

test('a person with an account is asked to join: after declining they stay out, and after accepting they are in @long', async ({
  page,
}) => {
  const email = await accept(page)
  await page.goto(await invitation(email, foreign))
  await expect(page.getByText('You are invited as')).toContainText(email)
  await page.getByRole('button', { name: 'Decline' }).click()
  await expect(page.getByText('You declined.')).toBeVisible()
  await page.goto('/account')
  await expect(page.getByRole('region', { name: 'Organizations' }).getByText('Viewer')).toHaveCount(1)

  await page.goto(await invitation(email, foreign))
  await page.getByRole('button', { name: /^Join / }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await page.goto('/account')
  await expect(page.getByRole('region', { name: 'Organizations' }).getByText('Viewer')).toHaveCount(2)
})

test('a changed password, like signing out everywhere, ends the session in another browser within seconds @long', async ({
  page,
  browser,
}) => {
  const email = await accept(page)
  const elsewhere = async (password: string) => {
    const context = await browser.newContext({ baseURL: baseUrl })
    const other = await context.newPage()
    let streams = 0
    other.on('request', (request) => request.url().includes('/jobs.watch') && streams++)
    await other.goto('/sign-in?callbackUrl=/jobs')
    await signIn(other, email, password)
    await expect(other.getByText('Live', { exact: true })).toBeVisible()
    const atFirst = streams
    return { other, streamsSince: () => streams - atFirst }
  }
  /**
   * Nobody touches the page. Its stream of events notices the end of the session within 4 s, is tried once more, and then
   * no longer.
   */
  const isShutOut = async ({ other, streamsSince }: Awaited<ReturnType<typeof elsewhere>>, since: number) => {
    await expect(other.getByRole('dialog', { name: 'Your session has ended' })).toBeVisible({ timeout: 30_000 })
    const seconds = (Date.now() - since) / 1000
    await other.waitForTimeout(1_000)
    // That one, and another one where the connection broke for another reason meanwhile.
    expect(streamsSince()).toBeLessThanOrEqual(2)
    await expect(other.getByText('Live', { exact: true })).not.toBeVisible()
    await other.context().close()
    return seconds
  }

  const first = await elsewhere(PASSWORD)
  await page.getByRole('button', { name: 'Account and appearance' }).click()
  await page.getByRole('menuitem', { name: 'Your account' }).click()
  await expect(page.getByRole('region', { name: 'You' })).toContainText(email)
  await expect(page.getByRole('region', { name: 'Organizations' })).toContainText('Viewer')
  const form = page.getByRole('region', { name: 'Change password' })
  const fill = async (present: string, next: string, again = next) => {
    await form.getByLabel('Present password').fill(present)
    await form.getByLabel('New password', { exact: true }).fill(next)
    await form.getByLabel('New password, once more').fill(again)
    await form.getByRole('button', { name: 'Change password' }).click()
  }
  const next = 'an owl in the belfry'
  await fill(PASSWORD, next, 'an owl in the barn')
  await expect(form.getByText('The repetition differs from the new password.')).toBeVisible()
  await fill('not my password', next)
  await expect(form.getByText('The present password is wrong.')).toBeVisible()
  await expect(form.getByLabel('Present password')).toBeFocused()
  await fill(PASSWORD, next)
  const changed = Date.now()
  await expect(page.getByText('Password changed.')).toBeVisible()
  test.info().annotations.push({
    type: 'shut out after a changed password',
    description: `${await isShutOut(first, changed)} s`,
  })
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()

  const second = await elsewhere(next)
  await page.goto('/account')
  await page.getByRole('button', { name: 'Sign out everywhere…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  const ended = Date.now()
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  test.info().annotations.push({
    type: 'shut out after signing out everywhere',
    description: `${await isShutOut(second, ended)} s`,
  })
})

test('after too many wrong passwords the form tells how long to wait @long', async ({ page }) => {
  await page.goto('/sign-in')
  const nobody = `${uniqueWord()}@example.com`
  const wait = page.getByRole('alert').filter({ hasText: /^Too many attempts; try again in \d+ s\.$/ })
  await expect(async () => {
    await signIn(page, nobody, 'a guess')
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).not.toHaveAttribute('aria-busy')
    await expect(wait).toBeVisible({ timeout: 100 })
  }).toPass()
})
