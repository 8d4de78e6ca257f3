import type { Page } from './test'

/** By how much a page may jump while it is read: the sum that Chromium measures, where 0.1 is called good. */
export const MOST_JUMPS = 0.05

/** From the next page on, notes how much moves by itself. Call it before `goto`. */
export async function noteJumps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(window, { jumped: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) (window as unknown as { jumped: number }).jumped += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** How much has jumped since the page was opened. */
export const jumps = (page: Page): Promise<number> =>
  page.evaluate(() => (window as unknown as { jumped: number }).jumped)

/** How many pixels the page is wider than its window: it would scroll sideways. */
export const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))
