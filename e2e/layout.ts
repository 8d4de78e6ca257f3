import type { Page } from './test'

/** How much a page may jump while it is loading. It is the sum that Chromium measures. Chromium calls 0.1 good. */
export const MOST_JUMPS = 0.05

/** Records how much the next page moves by itself. Call it before `goto`. */
export async function noteJumps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, { jumped: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) (window as unknown as { jumped: number }).jumped += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** How much the page has jumped since it was opened. */
export const jumps = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { jumped: number }).jumped)

/**
 * How many pixels the page is wider than its window. More than 0 means that it scrolls sideways. Charts are drawn anew
 * a moment after the window has changed its width, so a page that is too wide is looked at again for two seconds.
 */
export async function tooWide(page: Page): Promise<number> {
  const look = () =>
    page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
  let wide = await look()
  for (let tries = 0; wide > 0 && tries < 20; tries++) {
    await page.waitForTimeout(100)
    wide = await look()
  }
  return wide
}
