import type { Browser } from '@playwright/test'
import { openDoor, type Door } from '../testing/door'
import { startWebProcess } from './another-web-process'
import { databaseUrl } from './instance'
import { expect, signIn, test, type Page } from './test'
import { account } from './world'

// Pages that are opened while PostgreSQL does not answer.

const { email, password } = account('OPERATOR')

/** Opens a page of another web process, whose way to the database is a door that the test may shut. */
async function behindADoor(browser: Browser, work: (page: Page, door: Door) => Promise<void>) {
  const door = await openDoor(databaseUrl)
  try {
    const web = await startWebProcess(door.url)
    try {
      const page = await (await browser.newContext({ baseURL: web.url })).newPage()
      await work(page, door)
      await page.context().close()
    } finally {
      await web.stop()
    }
  } finally {
    await door.close()
  }
}

/** Signs in, and waits until the dashboard is there. */
async function enter(page: Page) {
  await page.goto('/sign-in')
  await signIn(page, email, password)
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
}

const away = (page: Page) => page.getByRole('alert').filter({ hasText: 'The database does not answer at the moment.' })

test('somebody who is signed in and opens the sign-in page while the database is away is told so, and is led on when it is back', async ({
  browser,
}) => {
  await behindADoor(browser, async (page, door) => {
    await enter(page)
    door.shut()
    await page.goto('/sign-in?callbackUrl=/account')
    await expect(away(page)).toBeVisible()
    await expect(page.getByLabel('Password')).toBeVisible()
    door.open()
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible({ timeout: 20_000 })
  })
})

test('an invitation that is opened while the database is away says so, and is read when it is back', async ({
  browser,
}) => {
  await behindADoor(browser, async (page, door) => {
    door.shut()
    await page.goto('/invite/never-given')
    await expect(away(page)).toBeVisible()
    door.open()
    const title = 'This link is no longer good'
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible({ timeout: 20_000 })
  })
})

test('a page of the dashboard that is opened while the database is away says so, and is shown when it is back', async ({
  browser,
}) => {
  await behindADoor(browser, async (page, door) => {
    await enter(page)
    door.shut()
    await page.goto('/account')
    await expect(away(page)).toBeVisible()
    door.open()
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible({ timeout: 20_000 })
  })
})
