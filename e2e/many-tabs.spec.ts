import { expect, test, type Page } from './test'
import { uniqueWord, withKey } from './world'

const statuses = (tab: Page) => tab.locator('tbody [data-status]')

// A browser has six connections to this server for all its tabs (HTTP/1.1), and a live page holds one of them. So only
// four tabs are live, and the others ask again and again.
const TITLE = 'in a browser with twenty tabs every tab loads, and tabs without a stream still show what changed'
// Twenty tabs use all cores, so this runs alone.
test(TITLE, { tag: ['@alone', '@long'] }, async ({ as }) => {
  test.slow()
  const api = withKey('OPERATOR')
  const word = uniqueWord()
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const job = await api.submit({ jobType: 'sample.noop', parameters: { word }, runAt: later })
  const first = await as('OPERATOR')
  const tabs = [first, ...(await Promise.all(Array.from({ length: 19 }, () => first.context().newPage())))]
  await Promise.all(tabs.map((tab) => tab.goto(`/jobs?q=${word}`)))
  for (const tab of tabs) await expect(statuses(tab)).toHaveCount(1)
  const showing = async (text: string) => {
    const seen = await Promise.all(tabs.map((tab) => tab.getByText(text, { exact: true }).count()))
    return seen.filter((count) => count > 0).length
  }
  await expect.poll(() => showing('Live')).toBe(4)
  await expect.poll(() => showing('Delayed')).toBe(16)

  await withKey('ADMIN').mutate('jobs.cancel', { jobId: job.id })
  for (const tab of tabs) await expect(statuses(tab)).toHaveAttribute('data-status', 'CANCELED', { timeout: 20_000 })

  // The tabs that stay get the places of the closed ones.
  const [gone, left] = [tabs.slice(0, 16), tabs.slice(16)]
  await Promise.all(gone.map((tab) => tab.close()))
  for (const tab of left) await expect(tab.getByText('Live', { exact: true })).toBeVisible()
})
