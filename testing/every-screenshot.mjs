import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { tsImport } from 'tsx/esm/api'
import { inRoot, inState, readJson } from '../launcher/paths.mjs'
import { Refusal, say } from '../launcher/say.mjs'
import { findChromium } from './chromium.mjs'
import { signIn } from './screenshots.mjs'

const LOOKS = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '390', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
]

/**
 * Takes a picture of every page of the navigation, light and dark, wide and on a phone, from the Jobyard that `npm
 * start` runs in this clone. They are for whoever changes a page, and are not kept in the repository.
 */
export async function takeEveryScreenshot() {
  const run = /** @type {import('../launcher/run-file.mjs').Run | null} */ (readJson(inState('run.json')))
  const account = run?.accounts.find(({ role }) => role === 'SYSTEM_ADMIN')
  const member = run?.accounts.find(({ organizationId }) => organizationId)
  if (!run || !account || !member)
    throw new Refusal('No demo runs in this clone. Run `npm start` without DATABASE_URL first.')
  const { PAGES } = await tsImport('../app/_components/shell/pages.ts', import.meta.url)
  const folder = inRoot('test-results/screenshots')
  mkdirSync(folder, { recursive: true })
  const { file, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: file,
    ...(libraries ? { env: { ...process.env, LD_LIBRARY_PATH: libraries } } : {}),
  })
  try {
    for (const { name, ...look } of LOOKS) {
      const context = await browser.newContext({ ...look, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await signIn(page, run.url, account)
      for (const { path: address, label } of PAGES) {
        await page.goto(`${run.url}${address}?org=${member.organizationId}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForFunction(() => !document.querySelector('.skeleton'))
        for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
          await page.emulateMedia({ colorScheme })
          await page.waitForTimeout(1000) // The charts need time to be drawn.
          const picture = path.join(folder, `${label.toLowerCase().replaceAll(' ', '-')}-${name}-${colorScheme}.png`)
          await page.screenshot({ path: picture })
          say(path.relative(inRoot(), picture))
        }
      }
      await context.close()
    }
  } finally {
    await browser.close()
  }
}
