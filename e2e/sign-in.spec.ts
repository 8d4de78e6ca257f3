import { account } from './world'
import { expect, signIn, test } from './test'

const { email, password } = account('ADMIN')

test.describe('signing in', () => {
  test('after a wrong password the form says so, and the right one then works', async ({ page }) => {
    await page.goto('/sign-in')
    await signIn(page, email, `${password}-not`)
    await expect(page.getByRole('alert').filter({ hasText: 'Email or password is wrong.' })).toBeVisible()
    await expect(page).toHaveURL(/\/sign-in/)

    await signIn(page, email, password)
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    await expect(page).not.toHaveURL(/sign-in/)
  })

  test('an unknown address gets exactly the same words as a wrong password', async ({ page }) => {
    await page.goto('/sign-in')
    await signIn(page, 'nobody@nowhere.example', password)
    await expect(page.getByRole('alert').filter({ hasText: 'Email or password is wrong.' })).toBeVisible()
  })

  test('an empty sign-in form asks for what is missing', async ({ page }) => {
    await page.goto('/sign-in')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('alert').filter({ hasText: 'Enter your email address.' })).toBeVisible()
    await expect(page.getByLabel('Email')).toBeFocused()
  })

  test('after the sign-in the requested page opens, with its filters', async ({ page }) => {
    await page.goto('/jobs?status=DEAD_LETTER')
    await expect(page).toHaveURL(/\/sign-in\?callbackUrl=/)
    await signIn(page, email, password)
    await expect(page).toHaveURL(/\/jobs\?status=DEAD_LETTER/)
    await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  })

  test('somebody who is signed in and opens the sign-in page is led to the requested page, also where its address is whole', async ({
    page,
    baseURL,
  }) => {
    await page.goto('/sign-in')
    await signIn(page, email, password)
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    for (const target of ['/jobs?status=FAILED', `${baseURL}/jobs?status=FAILED`]) {
      await page.goto(`/sign-in?callbackUrl=${encodeURIComponent(target)}`)
      await expect(page, target).toHaveURL(/\/jobs\?status=FAILED/)
    }
    // next-auth's own address for signing in puts the origin before the path.
    await page.goto('/api/auth/signin?callbackUrl=/jobs?status=DEAD_LETTER')
    await expect(page).toHaveURL(/\/jobs\?status=DEAD_LETTER/)
  })

  for (const target of [
    'https://evil.example/steal',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(document.domain)',
  ]) {
    test(`a sign-in does not follow callbackUrl=${target}`, async ({ page, baseURL }) => {
      // Requests to another host are caught here and do not reach the network.
      const abroad: string[] = []
      await page.route(
        (url) => url.origin !== new URL(baseURL ?? '').origin,
        async (route) => {
          abroad.push(route.request().url())
          await route.abort()
        },
      )
      await page.goto(`/sign-in?callbackUrl=${encodeURIComponent(target)}`)
      await signIn(page, email, password)
      await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
      expect(abroad).toEqual([])

      // A person who is already signed in is not sent there either.
      await page.goto(`/sign-in?callbackUrl=${encodeURIComponent(target)}`)
      await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
      expect(abroad).toEqual([])
    })
  }

  test('signing out ends the session, also for pages that are opened afterwards', async ({ page }) => {
    await page.goto('/sign-in')
    await signIn(page, email, password)
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
    await page.goto('/jobs')
    await expect(page).toHaveURL(/\/sign-in/)
    const answer = await page.request.get('/api/trpc/session.me')
    expect(answer.status()).toBe(401)
  })

  test('no page shows anything without a session', async ({ page }) => {
    for (const path of ['/', '/jobs', '/submit', '/jobs/018f0000-0000-7000-8000-000000000000']) {
      await page.goto(path)
      await expect(page, path).toHaveURL(/\/sign-in/)
      await expect(page.getByRole('navigation', { name: 'Main' })).toHaveCount(0)
    }
  })

  test('scripts and other sites cannot reach the session cookie', async ({ page, context }) => {
    await page.goto('/sign-in')
    await signIn(page, email, password)
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
    const session = (await context.cookies()).find(({ name }) => name.includes('session-token'))
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
  })
})
