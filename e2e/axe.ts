import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axeCore from 'axe-core'
import type { RunOptions } from 'axe-core'
import type { Page } from './test'

const require = createRequire(import.meta.url)
const axeFile = createRequire(require.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js')
let source: string | undefined

const ALL_RULES: RunOptions['runOnly'] = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}
/**
 * Switches off animations, because a fade would be measured half way. Parts out of sight are drawn, because otherwise
 * their earlier colors would be measured.
 */
const AT_REST = '* { transition: none !important; animation: none !important; content-visibility: visible !important }'

/**
 * The accessibility faults of a page, or of parts of it. All rules are checked in the present theme, and the contrast
 * of colors also in the other one.
 *
 * `AxeBuilder` of Playwright opens another page for each check, and loads axe each time. That takes 0.6 s of processor
 * time instead of 0.05 s (decision 0076). It does so for the sake of frames, and none of our pages has any.
 */
export async function faultsOf(page: Page, where: string, parts: string | string[] = 'html'): Promise<string[]> {
  const theme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'))
  const other = theme === 'dark' ? 'light' : 'dark'
  const faults = await look(page, `${where}, ${theme}`, parts, ALL_RULES)
  await page.emulateMedia({ colorScheme: other })
  faults.push(...(await look(page, `${where}, ${other}`, parts, { type: 'rule', values: ['color-contrast'] })))
  await page.emulateMedia({ colorScheme: theme })
  return faults
}

/** The accessibility faults of a page, only in its present theme. */
export const faultsAsSeen = (page: Page, where: string) => look(page, where, 'html', ALL_RULES)

/** The faults of a page by some rules only, in its present theme. */
export const faultsByRules = (page: Page, where: string, rules: string[]) =>
  look(page, where, 'html', { type: 'rule', values: rules })

async function look(page: Page, where: string, parts: string | string[], runOnly: RunOptions['runOnly']) {
  source ??= readFileSync(axeFile, 'utf8')
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.addStyleTag({ content: AT_REST })
    await page.evaluate(source)
  }
  // The second frame begins when the first has been drawn, and with it what was changed before.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  const violations = await page.evaluate(
    async ([include, only]) => {
      const { axe } = window as unknown as { axe: typeof axeCore }
      const found = await axe.run({ include }, { runOnly: only, resultTypes: ['violations'] })
      return found.violations.map(({ id, help, nodes }) => ({
        id,
        help,
        at: nodes.map(({ target }) => target.join(' ')),
      }))
    },
    [[parts].flat(), runOnly] as const,
  )
  return violations.map(({ id, help, at }) => `${where}: ${id} (${help}) at ${at.slice(0, 3).join(' | ')}`)
}

/**
 * The buttons and links whose name for readers of screens does not contain the text that is seen on them. Somebody who
 * speaks to the computer says what they see, and would not reach these (WCAG 2.5.3). A name that is made of the text
 * itself contains it, so only the others are looked at. Whether words are apart does not matter, nor do signs.
 */
export const namedOtherwise = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const plain = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')
    const seenIn = (control: Element) => {
      const parts: string[] = []
      const texts = document.createTreeWalker(control, NodeFilter.SHOW_TEXT)
      for (let text = texts.nextNode(); text; text = texts.nextNode()) {
        const parent = text.parentElement!
        const range = document.createRange()
        range.selectNodeContents(text)
        const { width, height } = range.getBoundingClientRect()
        const clipped = parent.closest('.sr-only')
        // A text for readers of screens alone is drawn in a box of one pixel.
        if (width > 1 && height > 1 && !clipped && !parent.closest('[aria-hidden=true]'))
          parts.push(text.textContent ?? '')
      }
      return parts.join(' ')
    }
    const nameOf = (control: Element) => {
      const ids = control.getAttribute('aria-labelledby')?.split(/\s+/)
      return ids
        ? ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
        : control.getAttribute('aria-label')
    }
    const controls = ['button', 'a[href]', 'summary', '[role=button]', '[role=link]', '[role=tab]', '[role=menuitem]']
    return [...document.querySelectorAll(controls.join())].flatMap((control) => {
      const name = nameOf(control)
      const seen = seenIn(control)
      if (name === null || plain(name).includes(plain(seen))) return []
      return [`“${seen.trim()}” is called “${name}”`]
    })
  })
