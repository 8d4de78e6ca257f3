import { makeDetails } from '../testing/details.mjs'
import { asker } from '../testing/incident.mjs'
import { expect, type Page } from './test'
import { baseUrl, home, key, uniqueWord, withKey } from './world'

// In a file without Playwright, because the pictures of testing/every-screenshot.mjs use it, too.
export { screens } from './addresses'

/** Makes two jobs to look at. One failed, and one completed. Returns the paths of their pages. */
export async function someJobs() {
  const api = withKey('OPERATOR')
  // The list is long, and its texts grow until they are wider than a phone.
  const data = {
    word: uniqueWord(),
    list: Array.from({ length: 30 }, (_, n) => ({ n, text: `a${'b'.repeat(n * 8)}` })),
  }
  const dead = await api.submit({ jobType: 'sample.work', parameters: { mode: 'permanent', data } })
  const done = await api.submit({ jobType: 'sample.work', parameters: { durationMs: 300, progressSteps: 3, data } })
  await api.until(dead.id, 'DEAD_LETTER')
  await api.until(done.id, 'COMPLETED')
  return { dead: `/jobs/${dead.id}`, done: `/jobs/${done.id}` }
}

/**
 * Makes a bulk action, a request, a schedule and an alert rule in an organization. Returns the paths of their pages and
 * forms.
 */
export const someDetails = (organizationId: string): Promise<string[]> =>
  makeDetails(asker(baseUrl, key('SYSTEM_ADMIN', null)), organizationId)

/** Waits until everything that the page fetches is drawn. */
export async function settled(page: Page) {
  // Not by its role: an open dialog hides the page behind it from screen readers, and so from a look by role.
  await expect(page.locator('h1').first()).toBeVisible()
  await expect(page.locator('.skeleton')).toHaveCount(0)
}

/** The path of the page on which somebody accepts an invitation. */
export async function invitation(): Promise<string> {
  const { data } = await withKey('SYSTEM_ADMIN', null).mutate<{ link: string }>('members.invite', {
    organizationId: home,
    email: `${uniqueWord()}@example.com`,
    role: 'VIEWER',
  })
  return new URL(data.link).pathname
}
