import { mkdirSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { inRoot } from '../launcher/paths.mjs'
import { readRunFile } from '../launcher/run-file.mjs'
import { Refusal, say } from '../launcher/say.mjs'
import { findChromium } from './chromium.mjs'
import { asker, makeIncident } from './incident.mjs'

const DESK = { viewport: { width: 1200, height: 750 }, deviceScaleFactor: 1.5 }
const PHONE = { viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true, deviceScaleFactor: 1.5 }

/**
 * Takes the pictures of the README from the Jobyard that `npm start` runs in this clone. On a fresh demo (without
 * .local/ before) they show its seeded history, in the middle of an incident that is made for them.
 */
export async function takeScreenshots() {
  const run = readRunFile()
  const account = run?.accounts.find(({ role }) => role === 'ADMIN')
  const key = run?.apiKeys.find(({ role }) => role === 'SYSTEM_ADMIN')?.key
  if (!run || !account?.organizationId || !key)
    throw new Refusal('No demo runs in this clone. Run `npm start` without DATABASE_URL first.')
  const { organizationId } = account
  const { deadParent } = await makeIncident(asker(run.url, key), { organizationId, pause: false })
  const pictures = [
    { name: 'overview', address: '/?range=7d', look: DESK, colorScheme: 'light' },
    { name: 'jobs', address: '/jobs', look: DESK, colorScheme: 'light' },
    { name: 'job', address: `/jobs/${deadParent}`, look: DESK, colorScheme: 'dark' },
    { name: 'phone', address: '/', look: PHONE, colorScheme: 'light' },
  ]
  const { file, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: file,
    ...(libraries ? { env: { ...process.env, LD_LIBRARY_PATH: libraries } } : {}),
  })
  try {
    mkdirSync(inRoot('docs/images'), { recursive: true })
    // The pictures are finer than they are shown, so they are sharp on every screen, and each file stays below 300 kB.
    for (const { name, address, look, colorScheme } of pictures) {
      const page = await browser.newPage({
        ...look,
        colorScheme: colorScheme === 'dark' ? 'dark' : 'light',
        reducedMotion: 'reduce',
      })
      await signIn(page, run.url, account)
      await page.goto(run.url + address)
      await page.getByText('Live', { exact: true }).waitFor()
      await page.waitForTimeout(3000) // The charts need time to be drawn.
      await page.screenshot({ path: inRoot(`docs/images/${name}.png`) })
      say(`docs/images/${name}.png`)
      await page.close()
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
