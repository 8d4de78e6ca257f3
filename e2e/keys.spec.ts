import { dialogOf, keyAndCall } from './organization-page'
import { expect, expectNoReload, test, type Page } from './test'
import { account, uniqueWord, withKey } from './world'

// The keys that work anywhere on a page, and that do nothing while a dialog is open.

const palette = (page: Page) => page.getByRole('combobox', { name: 'Command palette' })

/** Opens the palette once and closes it, so that its code is there and it would open at once. */
async function loadPalette(page: Page) {
  await page.keyboard.press('ControlOrMeta+k')
  await expect(palette(page)).toBeFocused()
  await page.keyboard.press('ControlOrMeta+k')
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

/**
 * Presses keys that work anywhere on a page, where the focus is and where nothing has it. After each of them the dialog
 * is the only one.
 */
async function pressAll(page: Page) {
  const dialogs = page.locator('[role=dialog]')
  for (const key of ['ControlOrMeta+k', 'ControlOrMeta+K', '?', '/', 'j', 'x']) {
    await page.keyboard.press(key)
    await expect(dialogs, key).toHaveCount(1)
    await expect(palette(page), key).toHaveCount(0)
  }
  for (const key of ['?', '/', 'j', 'k', 'x']) {
    await page.evaluate((pressed) => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: pressed, bubbles: true, cancelable: true }))
    }, key)
    await expect(dialogs, `${key}, without focus`).toHaveCount(1)
  }
}

test('no key shows anything over the page that asks for the password again, and the form keeps what was entered', async ({
  as,
}) => {
  const { password } = account('OPERATOR')
  const page = await as('OPERATOR')
  await page.goto('/submit?type=sample.work')
  const word = uniqueWord()
  await page.getByLabel('Data').fill(JSON.stringify(word))
  await loadPalette(page)
  const stayed = await expectNoReload(page)
  await page.context().clearCookies({ name: /session-token/ })
  await page.getByRole('button', { name: 'Submit job' }).click()
  const field = dialogOf(page).getByLabel('Password')
  await expect(field).toBeFocused()
  await pressAll(page)
  await expect(field).toBeFocused()
  await dialogOf(page).getByRole('button', { name: 'Sign in another way' }).focus()
  await pressAll(page)
  await field.fill(password)
  await page.keyboard.press('Enter')
  await expect(dialogOf(page)).toHaveCount(0)
  await stayed()
  await expect(page.getByLabel('Data')).toHaveValue(JSON.stringify(word))
  // Afterwards the key opens the palette again.
  await loadPalette(page)
})

test('no key leaves or covers the dialog that shows a new API key only once', async ({ as }) => {
  const page = await as('ADMIN')
  await page.goto('/organization?tab=keys')
  await page.getByRole('button', { name: 'New API key' }).first().click()
  await dialogOf(page).getByLabel('Name').fill(`Kept ${uniqueWord()}`)
  await dialogOf(page).getByRole('button', { name: 'Create key' }).click()
  const [key] = await keyAndCall(page)
  await pressAll(page)
  await dialogOf(page).getByRole('button', { name: 'Done' }).focus()
  await pressAll(page)
  await expect(dialogOf(page)).toContainText(key)
  await dialogOf(page).getByRole('button', { name: 'Done' }).click()
  await loadPalette(page)
})

test('no key closes a dialog that was opened from the palette, and the reason in it stays', async ({ as }) => {
  const page = await as('ADMIN')
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+k')
  await page.keyboard.type('pause')
  await page.getByRole('option', { name: /^Pause / }).click()
  const reason = dialogOf(page).getByLabel('Reason')
  await reason.fill('The bank is closed')
  await pressAll(page)
  // The keys that are letters were typed into the field.
  await expect(reason).toHaveValue('The bank is closed?/jx')
  await dialogOf(page).getByRole('button', { name: 'Keep as it is' }).focus()
  await pressAll(page)
  await expect(reason).toHaveValue('The bank is closed?/jx')
})

test('no key changes the list behind a dialog', async ({ as }) => {
  const word = uniqueWord()
  for (const n of [1, 2])
    await withKey('OPERATOR').submit({
      jobType: 'sample.noop',
      parameters: { word, n },
      runAt: new Date(Date.now() + 86_400_000).toISOString(),
    })
  const page = await as('OPERATOR')
  await page.goto(`/jobs?q=${word}`)
  const ticked = page.locator('[data-tick]:is(:checked, [aria-checked=true], [data-state=checked])')
  await expect(page.locator('a[data-row-link]')).toHaveCount(2)
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(ticked).toHaveCount(1)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keys and search' })).toBeVisible()
  await pressAll(page)
  await expect(page.getByRole('dialog', { name: 'Keys and search' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(ticked).toHaveCount(1)
})

test('a press without a key, as browsers send it when they fill in a form, breaks nothing', async ({ as }) => {
  const page = await as('VIEWER')
  await page.goto('/jobs')
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible()
  await loadPalette(page)
  // A page on which something throws fails the test.
  await page.evaluate(() => document.body.dispatchEvent(new Event('keydown', { bubbles: true })))
  await loadPalette(page)
})
