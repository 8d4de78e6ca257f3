import type { Page } from './test'

/**
 * Opens a page whose scripts are held back until the test lets them go, as on a slow connection. Returns the function
 * that lets them go.
 */
export async function drawnOnly(page: Page, path: string): Promise<() => Promise<void>> {
  let arrive = () => {}
  const arrival = new Promise<void>((resolve) => (arrive = resolve))
  await page.route('**/_next/static/**/*.js', async (route) => {
    await arrival
    await route.continue()
  })
  await page.goto(path, { waitUntil: 'commit' })
  return async () => {
    arrive()
    await page.unrouteAll({ behavior: 'wait' })
  }
}
