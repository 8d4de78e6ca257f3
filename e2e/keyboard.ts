import { expect, type Page } from './test'
import type { Locator } from '@playwright/test'

/**
 * A person who has no pointer. Every key that is pressed is counted; a text that is typed counts one. Where the focus
 * lands can be asked for, and it must be seen there.
 */
export function byKeyboard(page: Page, task: string) {
  let presses = 0
  const press = async (key: string) => {
    presses++
    await page.keyboard.press(key)
  }
  return {
    press,
    async type(text: string) {
      presses++
      await page.keyboard.type(text)
    },
    /** Presses Tab, or another key, until this has the focus. It may take so many presses. */
    async go(to: Locator, most: number, key = 'Tab') {
      await expect(to.first()).toBeVisible()
      const before = presses
      const way: string[] = []
      while (!(await hasFocus(to))) {
        expect(presses - before, `${task}: the way to ${to}: ${way.join(' › ')}`).toBeLessThan(most)
        await press(key)
        way.push(await nameOfFocus(page))
      }
      await expectSeen(page, task)
    },
    /** Fails unless the focus is there, is drawn, and is in sight. */
    async expectAt(at: Locator, why: string) {
      await expect(at, `${task}: ${why}; the focus is at ${await nameOfFocus(page)}`).toBeFocused()
      await expectSeen(page, task)
    },
    /** Prints how many keys the task took, and fails if that is more than it may take. */
    reach(most: number) {
      console.log(`${task}: ${presses} keys, at most ${most}`)
      expect(presses, `${task}: keys`).toBeLessThanOrEqual(most)
    },
  }
}

const hasFocus = async (to: Locator) =>
  (await to.count()) > 0 && (await to.first().evaluate((element) => element === document.activeElement))

const nameOfFocus = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null
    return (
      (at?.getAttribute('aria-label') ?? at?.innerText ?? '').trim().split('\n')[0]!.slice(0, 40) || at?.tagName || ''
    )
  })

/** The focus must be drawn at the control, or at the row or card around it, and the control must be in the window. */
async function expectSeen(page: Page, task: string) {
  const focus = await page.evaluate(() => {
    const at = document.activeElement as HTMLElement
    const { top, bottom, left, right } = at.getBoundingClientRect()
    let drawn = false
    for (let one: Element | null = at, n = 0; one && n < 5; one = one.parentElement, n++) {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one)
      if (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) drawn = true
      // A row shows the focus of its link by a line at its left edge.
      if (one.matches('tr, li') && boxShadow.includes('inset')) drawn = true
    }
    return {
      name: at.getAttribute('aria-label') ?? at.innerText,
      drawn,
      inWindow: bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
    }
  })
  expect(focus, `${task}: the focus is drawn, and in the window`).toMatchObject({ drawn: true, inWindow: true })
}
