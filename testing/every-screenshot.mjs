import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { tsImport } from 'tsx/esm/api'
import { inRoot } from '../launcher/paths.mjs'
import { readRunFile } from '../launcher/run-file.mjs'
import { Refusal, say } from '../launcher/say.mjs'
import { findChromium } from './chromium.mjs'
import { makeDetails } from './details.mjs'
import { asker, makeIncident } from './incident.mjs'
import { signIn } from './screenshots.mjs'

const LOOKS = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '390', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
]
/** An organization without any job, in the names of pictures. */
const EMPTY = 'empty'

/**
 * Takes a picture of every screen of the dashboard, from top to bottom, light and dark, wide and on a phone, from the
 * Jobyard that `npm start` runs in this clone. It makes an organization in the middle of an incident for it. The pages
 * of the navigation are also shown as an operator, as a viewer and in an organization without jobs, in light alone. The
 * pictures are for whoever changes a page, and are not kept in the repository.
 */
export async function takeEveryScreenshot() {
  const run = readRunFile()
  const accountOf = (/** @type {string} */ role) => run?.accounts.find((one) => one.role === role)
  const key = run?.apiKeys.find(({ role }) => role === 'SYSTEM_ADMIN')?.key
  if (!run || !key) throw new Refusal('No demo runs in this clone. Run `npm start` without DATABASE_URL first.')
  const { screens } = await tsImport('../e2e/addresses.ts', import.meta.url)
  const { PAGES } = await tsImport('../app/_components/shell/pages.ts', import.meta.url)
  const ask = asker(run.url, key)
  say('An incident is made, which takes about 20 seconds.')
  const incident = await makeIncident(ask)
  const details = await makeDetails(ask, incident.organizationId)
  const empty = await ask('mutate', 'organizations.create', { name: 'New here', slug: `new-${Date.now()}` })
  const [group] = (await ask('query', 'deadLetters.groups', { organizationId: incident.organizationId, by: 'cause' }))
    .items
  /** @param {{ path: string }} page @returns {[string, string]} */
  const named = ({ path: address }) => [nameOf(address), address]
  const all = [
    ...screens(...details).map((/** @type {string} */ address) => named({ path: address })),
    ['job-hanging', `/jobs/${incident.hanging}`],
    ['job-running', `/jobs/${incident.slow}`],
    ['job-held', `/jobs/${incident.held}`],
    ['job-dead-parent', `/jobs/${incident.deadParent}`],
    ['job-run-again', `/jobs/${incident.deadParent}?again=true`],
    ['dead-letter-drawer', `/dead-letter?cause=${group.errorFingerprint}`],
    ['job-type', '/job-types/payout.send'],
  ]
  const pages = PAGES.map(named)

  const folder = inRoot('test-results/screenshots')
  mkdirSync(folder, { recursive: true })
  const { file, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: file,
    ...(libraries ? { env: { ...process.env, LD_LIBRARY_PATH: libraries } } : {}),
  })
  try {
    for (const { name, ...look } of LOOKS) {
      /**
       * @param {{ email: string, password: string } | undefined} account
       * @param {[string, string][]} addresses
       * @param {string} org
       * @param {string} prefix
       * @param {('light' | 'dark')[]} themes
       */
      const take = async (account, addresses, org, prefix, themes) => {
        if (!account) return
        const context = await browser.newContext({ ...look, reducedMotion: 'reduce' })
        const page = await context.newPage()
        await signIn(page, run.url, account)
        for (const [title, address] of addresses) {
          await page.setViewportSize(look.viewport)
          await page.goto(`${run.url}${address}${org ? `${address.includes('?') ? '&' : '?'}org=${org}` : ''}`)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.waitForFunction(() => !document.querySelector('.skeleton'))
          // In a window as high as the page, lists draw all rows, and buttons at its lower edge are at the end of the page.
          const height = await page.evaluate(() => document.documentElement.scrollHeight)
          await page.setViewportSize({ ...look.viewport, height })
          for (const colorScheme of themes) {
            await page.emulateMedia({ colorScheme })
            await page.waitForTimeout(1000) // The charts need time to be drawn.
            const picture = path.join(folder, `${prefix}${title}-${name}-${colorScheme}.png`)
            // Parts out of sight are drawn, too.
            const style = '* { content-visibility: visible !important }'
            await page.screenshot({ path: picture, fullPage: true, style })
            say(path.relative(inRoot(), picture))
          }
        }
        await context.close()
      }
      const visitor = await browser.newContext({ ...look, reducedMotion: 'reduce' })
      const page = await visitor.newPage()
      await page.goto(`${run.url}/sign-in`)
      await page.screenshot({ path: path.join(folder, `sign-in-${name}-light.png`) })
      await visitor.close()
      await take(accountOf('SYSTEM_ADMIN'), all, incident.organizationId, '', ['light', 'dark'])
      await take(accountOf('SYSTEM_ADMIN'), pages, empty.id, `${EMPTY}-`, ['light'])
      for (const role of ['OPERATOR', 'VIEWER'])
        await take(accountOf(role), pages, '', `${role.toLowerCase()}-`, ['light'])
    }
  } finally {
    await browser.close()
  }
}

/** The name of a picture, from the address of its page. @param {string} address */
function nameOf(address) {
  const words = address
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'one')
    .split(/[^a-zA-Z0-9]+/)
    .filter(Boolean)
  return words.length === 0 ? 'overview' : words.join('-')
}
