import { account, uniqueWord, withKey } from './world'
import { drawnOnly } from './held-scripts'
import { expect, test } from './test'

test.describe('what a person types and presses before the scripts run', () => {
  test('a press on a menu before the scripts run opens the menu once they run, and only once', async ({ as }) => {
    const page = await as('OPERATOR')
    const arrive = await drawnOnly(page, '/')
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await expect(page.getByRole('menu')).toHaveCount(0)
    await arrive()
    await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible()
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await expect(page.getByRole('menu')).toBeVisible()
  })

  test('a press on a menu that begins before the scripts run and ends afterwards opens the menu', async ({ as }) => {
    const page = await as('OPERATOR')
    const arrive = await drawnOnly(page, '/')
    await page.getByRole('button', { name: 'Account and appearance' }).hover()
    await page.mouse.down()
    await arrive()
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await page.mouse.up()
    await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible()
  })

  test('a range that is chosen before the scripts run is selected once they run', async ({ as }) => {
    const page = await as('VIEWER')
    const arrive = await drawnOnly(page, '/')
    await page.getByText('7d', { exact: true }).click()
    await arrive()
    await expect(page).toHaveURL(/range=7d/)
    await expect(page.getByRole('radio', { name: '7d' })).toBeChecked()
    await expect(page.getByRole('region', { name: 'Throughput' })).toContainText('last 7 days')
  })

  test('of several presses before the scripts run, only the last one counts', async ({ as }) => {
    const page = await as('VIEWER')
    const arrive = await drawnOnly(page, '/')
    await page.getByRole('button', { name: 'Account and appearance' }).click()
    await page.getByText('30d', { exact: true }).click()
    await page.getByText('1h', { exact: true }).click()
    await arrive()
    await expect(page).toHaveURL(/range=1h/)
    await expect(page.getByRole('menu')).toHaveCount(0)
  })

  test('a search that is typed before the scripts run is carried out once they run', async ({ as }) => {
    const word = uniqueWord()
    const { id } = await withKey('OPERATOR').submit({ jobType: 'sample.noop', parameters: { word } })
    const page = await as('VIEWER')
    const arrive = await drawnOnly(page, '/jobs')
    const search = page.getByLabel('Search jobs')
    await search.pressSequentially(word)
    await arrive()
    await expect(page).toHaveURL(new RegExp(word))
    await expect(search).toHaveValue(word)
    await expect(page.locator(`a[href*="${id}"]`).first()).toBeVisible()
  })

  test('a filter that is chosen before the scripts run filters the list once they run', async ({ as }) => {
    const page = await as('VIEWER')
    const arrive = await drawnOnly(page, '/jobs')
    await page.getByRole('button', { name: 'Mine', exact: true }).click()
    await arrive()
    await expect(page.getByRole('button', { name: 'Mine', exact: true })).toHaveAttribute('aria-pressed', 'true')
    await expect(page).toHaveURL(/mine=/)
  })

  test('a sign-in form that is sent before the scripts run is sent with what was filled in', async ({ page }) => {
    const { email, password } = account('OPERATOR')
    const arrive = await drawnOnly(page, '/sign-in')
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByLabel('Password').press('Enter')
    await expect(page.getByLabel('Password')).toHaveValue(password)
    await arrive()
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  })

  test('an empty sign-in form that is sent before the scripts run asks for what is missing', async ({ page }) => {
    const arrive = await drawnOnly(page, '/sign-in')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await arrive()
    await expect(page.getByRole('alert').filter({ hasText: 'Enter your email address.' })).toBeVisible()
  })
})
