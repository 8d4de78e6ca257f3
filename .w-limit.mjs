import { readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
const run = JSON.parse(readFileSync('/tmp/state-waiting-app/run.json', 'utf8'))
const root = run.apiKeys.find((k) => k.role === 'SYSTEM_ADMIN').key
const call = async (path, input) => {
  const r = await fetch(`${run.url}/api/trpc/${path}`, { method: 'POST', headers: { authorization: `Bearer ${root}`, 'content-type': 'application/json' }, body: JSON.stringify(input) })
  const b = await r.json(); if (b.error) console.log(path, JSON.stringify(b.error).slice(0, 300)); return b.result?.data
}
await call('jobTypes.update', { name: 'sample.work', changes: { concurrency: { global: 2 } } })
const slug = 'l' + Date.now().toString(36)
const { id: organizationId } = await call('organizations.create', { name: slug, slug })
await call('jobs.submitMany', { organizationId, jobs: Array.from({ length: 60 }, (_, n) => ({ jobType: 'sample.work', parameters: { durationMs: 4000, data: slug + n } })) })
const account = run.accounts.find((a) => a.role === 'SYSTEM_ADMIN')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
for (const [w, h, scheme] of [[1440, 900, 'light'], [390, 844, 'dark']]) {
  const page = await (await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme, reducedMotion: 'reduce', ...(w < 500 && { isMobile: true, hasTouch: true }) })).newPage()
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text().slice(0, 200)))
  await page.goto(`${run.url}/sign-in`)
  await page.getByLabel('Email').fill(account.email); await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click(); await page.waitForURL((u) => u.pathname === '/')
  await page.goto(`${run.url}/job-types?org=all`); await page.waitForTimeout(2500)
  await page.getByRole('button', { name: /limit of sample work|Limit of|Change the limit/i }).first().waitFor({ timeout: 5000 }).catch(async () => console.log(await page.getByRole('button').allInnerTexts()))
  const b = page.locator('tr,li,article').filter({ hasText: 'sample.work' }).getByRole('button', { name: /limit/i }).first()
  await b.click(); const dialog = page.getByRole('dialog'); await dialog.waitFor(); await page.waitForTimeout(2500)
  console.log(await dialog.innerText())
  await dialog.getByLabel(/over all|organizations/i).first().fill('8').catch((e) => console.log(String(e).slice(0, 200)))
  await page.waitForTimeout(2500)
  await page.screenshot({ path: `/tmp/w-limit-${w}.png` })
}
await call('jobs.cancelMany', { organizationId, all: true })
await call('jobTypes.update', { name: 'sample.work', changes: { concurrency: null } })
await browser.close()
