import { readFileSync } from 'node:fs'
import { chromium } from '@playwright/test'
const run = JSON.parse(readFileSync('/tmp/state-waiting-app/run.json', 'utf8'))
const root = run.apiKeys.find((k) => k.role === 'SYSTEM_ADMIN').key
const call = async (path, input, get) => {
  const r = await fetch(`${run.url}/api/trpc/${path}${get ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`, get ? { headers: { authorization: `Bearer ${root}` } } : { method: 'POST', headers: { authorization: `Bearer ${root}`, 'content-type': 'application/json' }, body: JSON.stringify(input) })
  const b = await r.json(); if (b.error) console.log(path, JSON.stringify(b.error).slice(0, 300)); return b.result?.data
}
const seed = async () => {
  const word = 'w' + Date.now().toString(36)
  const org = await call('organizations.create', { name: 'Waiting ' + word, slug: word })
  const organizationId = org.id
  await call('organizations.update', { organizationId, changes: { maxConcurrent: 2 } })
  const p = () => ({ durationMs: 4000, data: Math.random() })
  const first = await call('jobs.submit', { organizationId, jobType: 'sample.work', parameters: p() })
  for (let i = 0; i < 40; i++) { const j = await call('jobs.get', { jobId: first.id }, true); if (j.status === 'COMPLETED') break; await new Promise((r) => setTimeout(r, 500)) }
  const jobs = []
  for (let n = 0; n < 60; n++) jobs.push({ jobType: 'sample.work', parameters: p(), priority: n % 9 === 0 ? 'HIGH' : 'NORMAL', ...(n === 0 && { ref: 'a' }) })
  for (let n = 0; n < 12; n++) jobs.push({ jobType: 'sample.work', parameters: p(), dependsOn: ['a'] })
  for (let n = 0; n < 3; n++) jobs.push({ jobType: 'sample.noop', parameters: { n, w: word }, runAt: new Date(Date.now() + 3600e3).toISOString() })
  await call('jobs.submitMany', { organizationId, jobs })
  return organizationId
}
const organizationId = process.argv[2] ?? (await seed())
console.log(organizationId)
console.log(JSON.stringify(await call('metrics.waiting', { organizationId }, true), null, 1))
const account = run.accounts.find((a) => a.role === 'SYSTEM_ADMIN')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
const fresh = await call('organizations.create', { name: 'Empty', slug: 'e' + Date.now().toString(36) })
for (const scheme of ['light', 'dark']) for (const [w, h] of [[1440, 900], [390, 844]]) {
  const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme, reducedMotion: 'reduce', ...(w < 500 && { isMobile: true, hasTouch: true }) })
  const page = await context.newPage()
  page.on('console', (m) => m.type() === 'error' && console.log('console', m.text().slice(0, 200)))
  await page.goto(`${run.url}/sign-in`)
  await page.getByLabel('Email').fill(account.email); await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click(); await page.waitForURL((u) => u.pathname === '/')
  await page.goto(`${run.url}/?range=1h&org=${organizationId}`); await page.waitForTimeout(5000)
  await page.screenshot({ path: `/tmp/w-over-${w}-${scheme}.png`, fullPage: true })
  if (scheme === 'light') {
    await page.goto(`${run.url}/?org=${fresh.id}`); await page.waitForTimeout(2500)
    await page.screenshot({ path: `/tmp/w-empty-${w}.png` })
    await page.goto(`${run.url}/?range=24h&org=${run.accounts.find((a) => a.role === 'ADMIN').organizationId}`); await page.waitForTimeout(4000)
    await page.screenshot({ path: `/tmp/w-demo-${w}.png`, fullPage: true })
  }
  await context.close()
}
await browser.close()
