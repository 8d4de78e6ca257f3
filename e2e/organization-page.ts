import { expect, type Page } from './test'
import { home, type Client } from './world'

// What the journeys on the page of the organization share.

export const PASSWORD = 'seven ducks on a pond'
export const WIDE = { viewport: { width: 1440, height: 900 } }
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

/** Waits until everything that the page fetches is drawn. */
export const settled = (page: Page) => expect(page.locator('.skeleton')).toHaveCount(0)

export const dialogOf = (page: Page) => page.getByRole('dialog')
/** The row of the table, or the card on a phone, that contains this text. */
export const rowOf = (page: Page, text: string) => page.getByRole('main').locator('tr, li').filter({ hasText: text })
export const toastOf = (page: Page, text: string | RegExp) =>
  page.locator('[data-sonner-toast]').filter({ hasText: text })

/** Makes a key of the organization. */
export async function makeKey(name: string, role: 'OPERATOR' | 'ADMIN', by: Client) {
  const { data, error } = await by.mutate<{ key: string; apiKey: { id: string } }>('apiKeys.create', {
    organizationId: home,
    name,
    role,
  })
  expect(error).toBeUndefined()
  return data
}

/** The key and the call that the dialog shows only once. */
export async function keyAndCall(page: Page): Promise<[string, string]> {
  const texts = dialogOf(page).locator('code')
  await expect(texts).toHaveCount(2)
  return (await texts.allTextContents()) as [string, string]
}
