import { faultsOf } from './axe'
import { tooWide } from './layout'
import { invitation, screens, settled, someJobs } from './screens'
import { expect, jobPage, test, type Page } from './test'
import { uniqueWord, withKey } from './world'

// What the walk over every page (every-page.spec.ts) does not come across: the menu of a phone, the HTML of the
// navigation, the choice of a theme, what opens over a page, the pages before the sign-in, and the content policy.

test.describe('on a phone', () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

  test('on a phone the menu leads to every page, and the sign-in form is visible as a whole', async ({
    as,
    browser,
    baseURL,
  }) => {
    const page = await as('OPERATOR', phone)
    await page.goto('/organization')
    await settled(page)
    expect(await tooWide(page)).toBe(0)
    const nav = page.getByRole('navigation', { name: 'Main' })
    await expect(nav).toBeHidden()
    await page.getByRole('button', { name: 'Menu' }).tap()
    for (const link of await nav.getByRole('link').all()) await expect(link).toBeInViewport({ ratio: 0.99 })
    await expect(nav.getByRole('link', { name: 'Organization' })).toHaveAttribute('aria-current', 'page')
    expect(await faultsOf(page, 'the open menu')).toEqual([])
    await page.keyboard.press('Escape')
    await expect(nav).toBeHidden()
    await expect(page.getByRole('button', { name: 'Menu' })).toBeFocused()

    const visitor = await browser.newContext({ ...phone, baseURL })
    const signIn = await visitor.newPage()
    await signIn.goto('/sign-in')
    await expect(signIn.getByRole('button', { name: 'Sign in', exact: true })).toBeInViewport()
    expect(await tooWide(signIn)).toBe(0)
    await signIn.goto(await invitation())
    await expect(signIn.getByRole('button', { name: 'Accept the invitation' })).toBeInViewport()
    expect(await tooWide(signIn)).toBe(0)
    await visitor.close()
  })

  test('on a phone a tap on the navigation opens a page, and a tap on a card opens its job', async ({ as }) => {
    const word = uniqueWord()
    await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
    const page = await as('OPERATOR', phone)
    await page.goto('/')
    const nav = page.getByRole('navigation', { name: 'Main' })
    const menu = page.getByRole('button', { name: 'Menu' })
    await menu.tap()
    await nav.getByRole('link', { name: 'Submit' }).tap()
    await expect(page.getByRole('heading', { level: 1, name: 'Submit a job' })).toBeVisible()
    await expect(nav).toBeHidden()
    await menu.tap()
    await nav.getByRole('link', { name: 'Jobs' }).tap()
    await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
    await page.getByRole('combobox', { name: 'Search jobs' }).fill(word)
    const card = page.getByRole('list', { name: 'Jobs, newest first' }).getByRole('link')
    await expect(card).toHaveCount(1)
    await card.tap()
    await expect(jobPage(page).parameters).toContainText(word)
  })
})

test('the links of the navigation are in the HTML that the server sends', async ({ as }) => {
  const page = await as('VIEWER')
  const html = await (await page.request.get('/jobs')).text()
  for (const path of ['/', '/jobs', '/dead-letter', '/submit', '/job-types'])
    expect(html).toMatch(new RegExp(`<a [^>]*href="${path}(\\?[^"]*)?"`))
})

test('a page is as dark or light as the system says, or as the reader has chosen, also after a reload', async ({
  as,
}) => {
  const page = await as('VIEWER', { colorScheme: 'dark' })
  // The lightness of the page's background, from 0 to 255.
  const lightness = () =>
    page.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d')!
      // A transparent element shows the background of the element below it.
      for (const element of [document.documentElement, document.body]) {
        canvas.fillStyle = getComputedStyle(element).backgroundColor
        canvas.fillRect(0, 0, 1, 1)
      }
      const [r = 0, g = 0, b = 0] = canvas.getImageData(0, 0, 1, 1).data
      return (r + g + b) / 3
    })
  await page.goto('/')
  await settled(page)
  expect(await lightness()).toBeLessThan(60)

  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByRole('menuitemradio', { name }).click()
    await page.keyboard.press('Escape')
  }
  await choose('Light')
  await expect.poll(lightness).toBeGreaterThan(200)
  await page.reload()
  expect(await lightness()).toBeGreaterThan(200)
  await page.emulateMedia({ colorScheme: 'light' })
  await choose('Dark')
  await expect.poll(lightness).toBeLessThan(60)
  await page.reload()
  expect(await lightness()).toBeLessThan(60)
})

test('the pages before the sign-in, menus, dialogs and errors in a form have no accessibility fault @long', async ({
  as,
  browser,
  baseURL,
}) => {
  const faults: string[] = []
  const check = async (page: Page, where: string, part = 'html') =>
    void faults.push(...(await faultsOf(page, where, part)))
  const visitor = await browser.newContext({ baseURL })
  const signIn = await visitor.newPage()
  await signIn.goto('/sign-in')
  await signIn.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(signIn.getByText('Enter your email address.')).toBeVisible()
  await check(signIn, 'sign-in')
  await signIn.goto(await invitation())
  await expect(signIn.getByRole('button', { name: 'Accept the invitation' })).toBeVisible()
  await check(signIn, 'invitation')
  await visitor.close()

  const page = await as('ADMIN')
  const jobs = await someJobs()
  // What opens over a page, and the messages about mistakes.
  await page.goto('/submit?type=sample.work')
  await page.getByLabel('Duration (ms)').fill('soon')
  await page.getByRole('button', { name: 'Submit job' }).click()
  await expect(page.getByText('1 field needs attention.')).toBeVisible()
  await check(page, 'submit with an error')
  await page.goto('/jobs')
  await settled(page)
  await page.getByRole('button', { name: 'Status' }).click()
  await expect(page.getByRole('menu')).toBeVisible()
  // The menu hides the page behind it and holds the focus. The rules cannot know that, so only the menu is checked.
  await check(page, 'menu', '[role=menu]')
  await page.keyboard.press('Escape')
  await page.goto(jobs.dead)
  await jobPage(page).action('Retry').click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await check(page, 'dialog', '[role=dialog]')
  expect(faults).toEqual([])
})

test.describe('content security', () => {
  test('every page has the strict headers, each with a nonce of its own', async ({ as, request }) => {
    const page = await as('ADMIN')
    const nonces = new Set<string>()
    const { done } = await someJobs()
    const all = [...screens(done), await invitation(), '/no-such-page']
    for (const path of all) {
      const headers = (await page.request.get(path)).headers()
      const policy = headers['content-security-policy'] ?? ''
      expect(policy, path).toContain("default-src 'self'")
      expect(policy, path).not.toContain('unsafe-eval')
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? ''
      expect(scripts, path).not.toContain('unsafe-inline')
      expect(scripts, path).not.toMatch(/\*|https?:/)
      expect(policy, path).toContain("frame-ancestors 'none'")
      expect(policy, path).toContain("object-src 'none'")
      expect(headers, path).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' })
      expect(headers['referrer-policy'], path).toMatch(/strict-origin|same-origin|no-referrer/)
      expect(headers, path).not.toHaveProperty('x-powered-by')
      nonces.add(/'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none')
    }
    expect(nonces.size).toBe(all.length)

    const api = await request.get('/api/trpc/session.me')
    expect(api.status()).toBe(401)
    expect(api.headers()).toMatchObject({ 'x-content-type-options': 'nosniff' })
    expect(api.headers()['content-security-policy']).toContain("default-src 'none'")
  })

  test('parts of pages that are loaded late violate no content policy @long', async ({ as }) => {
    // The fixture collects what the browser refuses.
    const page = await as('ADMIN')
    const { dead } = await someJobs()
    await page.goto('/')
    await expect(page.getByRole('region', { name: 'Throughput' }).locator('[data-chart]')).toBeVisible()
    await page.getByRole('region', { name: 'Throughput' }).locator('[data-chart]').hover()
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Jobs' }).click()
    await page.getByRole('button', { name: 'Created' }).click()
    await page.getByRole('menuitemradio', { name: 'Last hour' }).click()
    await settled(page)
    await page.goto(dead)
    await jobPage(page).action('Retry').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Retry job' }).click()
    await expect(page.getByText('Retry is on its way')).toBeVisible()
    await page.goto('/submit?type=sample.work')
    await settled(page)
    await page.goto('/no-such-page')
    await expect(page.getByText('There is no page here')).toBeVisible()
  })

  test('an inline script is refused, and the tests would notice it', async ({ browser, baseURL }) => {
    const page = await browser.newPage({ baseURL })
    const refused: string[] = []
    page.on('console', (message) => refused.push(message.text()))
    await page.goto('/sign-in')
    await page.evaluate(() => {
      document.body.setAttribute('onclick', 'window.broken = true')
      document.body.click()
      document.body.insertAdjacentHTML('beforeend', '<img src="https://evil.example/x.png">')
    })
    await expect.poll(() => refused.join('\n')).toMatch(/content security policy/i)
    expect(await page.evaluate(() => 'broken' in window)).toBe(false)
    await page.close()
  })
})
