import { mkdirSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { inRoot, inState, readJson } from '../launcher/paths.mjs'
import { Refusal, say } from '../launcher/say.mjs'
import { findChromium } from './chromium.mjs'

const pages = { overview: '/?range=7d', jobs: '/jobs' }

/**
 * Takes the pictures of the README from the Jobyard that `npm start` runs in this clone. On a fresh demo (without
 * .local/ before) they show its seeded history and nothing else.
 */
export async function takeScreenshots() {
  const run = /** @type {import('../launcher/run-file.mjs').Run | null} */ (readJson(inState('run.json')))
  const account = run?.accounts.find(({ role }) => role === 'ADMIN')
  if (!run || !account) throw new Refusal('No demo runs in this clone. Run `npm start` without DATABASE_URL first.')
  const { file, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: file,
    ...(libraries ? { env: { ...process.env, LD_LIBRARY_PATH: libraries } } : {}),
  })
  try {
    // The pictures are finer than they are shown, so they are sharp on every screen, and each file stays below 300 kB.
    const page = await browser.newPage({
      viewport: { width: 1200, height: 750 },
      deviceScaleFactor: 1.5,
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
    await signIn(page, run.url, account)
    mkdirSync(inRoot('docs/images'), { recursive: true })
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(run.url + address)
      await page.getByText('Live', { exact: true }).waitFor()
      await page.waitForTimeout(3000) // The charts need time to be drawn.
      await page.screenshot({ path: inRoot(`docs/images/${name}.png`) })
      say(`docs/images/${name}.png`)
    }
  } finally {
    await browser.close()
  }
}

/**
 * Signs in by the form.
 * @param {import('@playwright/test').Page} page
 * @param {string} url where Jobyard is
 * @param {{ email: string, password: string }} account
 */
export async function signIn(page, url, { email, password }) {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(({ pathname }) => pathname === '/')
}
