// `npm run screenshot`: the pictures of the README, from the Jobyard that runs in this clone.
import { mkdirSync, readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { findChromium } from './test/chromium.mjs'
import { inRoot } from './start/paths.mjs'

const { url, accounts } = JSON.parse(readFileSync(inRoot('.local/run.json'), 'utf8'))
const account = accounts.find((/** @type {{ role: string }} */ { role }) => role === 'ADMIN')
mkdirSync(inRoot('docs/images'), { recursive: true })
const { file } = await findChromium()
const browser = await chromium.launch({ executablePath: file, args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
await page.goto(`${url}/sign-in`)
await page.getByLabel('Email').fill(account.email)
await page.getByLabel('Password').fill(account.password)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.waitForURL((/** @type {URL} */ { pathname }) => pathname === '/')
for (const [name, address] of [['overview', '/?range=7d'], ['jobs', '/jobs']]) {
  await page.goto(url + address)
  await page.waitForLoadState('domcontentloaded')
  await page.waitForTimeout(3000) // charts draw themselves in
  await page.screenshot({ path: inRoot(`docs/images/${name}.png`) })
}
await browser.close()
