import type { Page } from './test'

/** How much a page may jump while it is loading. It is the sum that Chromium measures. Chromium calls 0.1 good. */
export const MOST_JUMPS = 0.05

/** What `noteJumps` keeps in the window of each page. */
interface Noted {
  jumped: number
  /** When the last jump was, by the clock of the page. */
  lastAt: number
  /** Takes what the observer has seen and not yet told. */
  take: () => void
}

/** Records how much each page moves by itself that is opened from here on. Each page begins at 0. */
export async function noteJumps(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const noted: Noted = { jumped: 0, lastAt: 0, take: () => add(observer.takeRecords()) }
    const add = (entries: PerformanceEntryList) => {
      for (const entry of entries as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (entry.hadRecentInput) continue
        noted.jumped += entry.value
        noted.lastAt = entry.startTime
      }
    }
    const observer = new PerformanceObserver((list) => add(list.getEntries()))
    observer.observe({ type: 'layout-shift', buffered: true })
    Object.assign(window, { noted })
  })
}

/** A page that has not moved for this long is still. Charts and other parts whose code is loaded late come before. */
const STILL_MS = 600
/** A page that never stands still is not waited for any longer. */
const LONGEST_MS = 6_000

/**
 * How much the page has jumped since it was opened. It waits until the page stands still, because a jump is known only
 * after the frame that shows it.
 */
export const jumps = (page: Page): Promise<number> =>
  page.evaluate(
    async ([stillMs, longestMs]) => {
      const { noted } = window as unknown as { noted: Noted }
      const begun = performance.now()
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        noted.take()
        const now = performance.now()
        if (now - Math.max(begun, noted.lastAt) >= stillMs || now - begun >= longestMs) return noted.jumped
      }
    },
    [STILL_MS, LONGEST_MS] as const,
  )

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

/** Delays the answers of the API, by 150, 300 or 450 ms, so that what they fill in arrives after the page was drawn. */
export async function slowAnswers(page: Page) {
  let call = 0
  await page.route('**/api/trpc/**', async (route) => {
    if (route.request().headers().accept === 'text/event-stream') return route.continue()
    await new Promise((resolve) => setTimeout(resolve, 150 + (call++ % 3) * 150))
    await route.continue()
  })
}

/**
 * The controls of a page that look the same with and without the focus of the keyboard. Call it when the last key was
 * Tab, because browsers show the focus only to those who use keys. A row or a card may show the focus of its link.
 */
export const focusUnseen = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const look = (element: Element) => {
      const looks: string[] = []
      for (let at: Element | null = element, n = 0; at && n < 5; at = at.parentElement, n++) {
        const style = getComputedStyle(at)
        const outline = style.outlineStyle === 'none' ? '' : `${style.outlineWidth} ${style.outlineColor}`
        looks.push(`${outline} | ${style.boxShadow} | ${style.backgroundColor} | ${style.borderColor}`)
      }
      return looks.join()
    }
    const unseen: string[] = []
    const controls = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, [tabindex="0"]')
    for (const control of controls) {
      if (control.offsetParent === null || control.matches(':disabled, [tabindex="-1"]')) continue
      ;(document.activeElement as HTMLElement | null)?.blur()
      const before = look(control)
      control.focus({ preventScroll: true })
      if (document.activeElement === control && look(control) === before)
        unseen.push((control.getAttribute('aria-label') ?? control.innerText ?? control.tagName).slice(0, 60))
    }
    ;(document.activeElement as HTMLElement | null)?.blur()
    return unseen
  })

/** What moves on a page by itself for longer than an instant. For a reader who asked for less motion, nothing may. */
export const movingParts = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter((one) => one.playState === 'running' && Number(one.effect?.getComputedTiming().activeDuration) > 50)
      .map((one) => ((one.effect as KeyframeEffect).target as Element | null)?.className.toString() ?? 'something'),
  )
