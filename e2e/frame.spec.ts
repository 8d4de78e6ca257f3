import { expect, expectNoReload, JOB_URL, jobPage, test, type Page } from './test'
import { account, home, uniqueWord, withKey } from './world'
import { startWebProcess } from './another-web-process'

// What surrounds every page: the organization in the address, the session, the connection, dialogs, and what a page
// fetches of others in advance.

test('a click right after loading a page without an organization in its address works, and the organization is kept @long', async ({
  as,
}) => {
  // Next.js drops a navigation that is under way when a page changes its own address. Such a change could come some
  // moments after the link is there, so the click comes after several pauses, in milliseconds.
  const page = await as('SYSTEM_ADMIN')
  for (const pause of [0, 40, 80, 160]) {
    await page.goto('/jobs', { waitUntil: 'commit' })
    const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Dead letter' })
    await link.waitFor()
    await page.waitForTimeout(pause)
    await link.click()
    await expect(page.getByRole('heading', { level: 1, name: 'Dead letter' }), `${pause} ms`).toBeVisible()
    await expect(page).toHaveURL(/\/dead-letter\?org=all/)
  }
})

const ended = (page: Page) => page.getByRole('dialog', { name: 'Your session has ended' })

test('when a session ends, the page asks for the password in place, and the form keeps what was entered @long', async ({
  as,
}) => {
  const { email, password } = account('OPERATOR')
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.work')
  const word = uniqueWord()
  await page.getByLabel('Data').fill(JSON.stringify(word))
  const stayed = await expectNoReload(page)
  await page.context().clearCookies({ name: /session-token/ })
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(ended(page)).toContainText(email)
  await expect(page.getByRole('heading', { level: 1 })).not.toBeVisible()
  await page.keyboard.press('Escape')
  await expect(ended(page).getByLabel('Password')).toBeFocused()
  await page.keyboard.type(`${password}-not`)
  await page.keyboard.press('Enter')
  await expect(ended(page).getByRole('alert')).toHaveText('Email or password is wrong.')
  await ended(page).getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await expect(ended(page)).toHaveCount(0)
  await stayed()
  await expect(page.getByLabel('Data')).toHaveValue(JSON.stringify(word))
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page).toHaveURL(JOB_URL)
  await expect(jobPage(page).parameters).toContainText(word)
})

test('a browser that loses its network says so within 3 s, and updates again when the network is back', async ({
  as,
}) => {
  const word = uniqueWord()
  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.context().setOffline(true)
  await expect(page.getByText('You are offline.')).toBeVisible({ timeout: 3_000 })
  const job = await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
  await page.context().setOffline(false)
  await expect(page.getByText('You are offline.')).toHaveCount(0)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page
    .getByRole('button', { name: '1 new' })
    .or(page.locator(`a[href*="${job.id}"]`))
    .first()
    .click()
  // The click has shown the new row, or has opened the job where its row was already there.
  await expect(page.locator(`a[href*="${job.id}"]`).or(jobPage(page).parameters.getByText(word)).first()).toBeVisible()
})

test('an open page finds a restarted web process again without any press @long', async ({ browser }) => {
  const web = await startWebProcess()
  try {
    const { email, password } = account('OPERATOR')
    const page = await (await browser.newContext({ baseURL: web.url })).newPage()
    await page.goto('/sign-in?callbackUrl=/account')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible()
    await page.goto('/jobs')
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    const stayed = await expectNoReload(page)
    await web.restart('SIGKILL')
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 15_000 })
    await expect(page.getByText('The server does not answer.')).toHaveCount(0)
    await stayed()
    await page.context().close()
  } finally {
    await web.stop()
  }
})

test('the shade of a dialog covers the place of the scroll bar, and nothing behind it moves', async ({ as }) => {
  const page = await as('VIEWER')
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  const gutter = () => page.evaluate(() => getComputedStyle(document.documentElement).scrollbarGutter)
  // An open dialog hides the rest of the page from readers of screens, so the heading has no role then.
  const left = () => page.locator('h1').evaluate((h1) => h1.getBoundingClientRect().x)
  expect(await gutter()).toBe('stable')
  const before = await left()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
  expect(await gutter()).toBe('auto')
  expect(await left()).toBe(before)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  expect(await gutter()).toBe('stable')
})

test('a dialog that is longer than a phone’s screen keeps its buttons visible', async ({ as }) => {
  const api = withKey('ADMIN')
  const { id } = await api.submit({
    jobType: 'sample.noop',
    runAt: '2099-01-01T00:00:00Z',
    parameters: { w: uniqueWord() },
  })
  const page = await as('ADMIN', { viewport: { width: 390, height: 320 }, isMobile: true, hasTouch: true })
  await page.goto(`/jobs/${id}?org=${home}`)
  await page.getByRole('main').getByRole('button', { name: 'Cancel', exact: true }).tap()
  const button = page.getByRole('dialog').getByRole('button', { name: 'Cancel job' })
  await expect(button).toBeInViewport({ ratio: 1 })
  await page.getByRole('dialog').getByLabel('Reason').fill('Too small')
  await expect(button).toBeInViewport({ ratio: 1 })
  await button.tap()
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a page fetches no other page until the reader points at its link or moves the focus to it', async ({ as }) => {
  const page = await as('OPERATOR')
  const fetched: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).searchParams.has('_rsc')) fetched.push(new URL(request.url()).pathname)
  })
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
  await page.waitForLoadState('networkidle')
  expect(fetched).toEqual([])

  const main = page.getByRole('navigation', { name: 'Main' })
  await main.getByRole('link', { name: 'Workers' }).hover()
  await expect.poll(() => fetched).toContain('/workers')
  await main.getByRole('link', { name: 'Circuits' }).focus()
  await expect.poll(() => fetched).toContain('/circuits')
  expect(new Set(fetched)).toEqual(new Set(['/workers', '/circuits']))
})
