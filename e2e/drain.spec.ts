import { freshOrganization } from './incident'
import { expect, test } from './test'
import { uniqueWord, withKey } from './world'

const root = withKey('SYSTEM_ADMIN', null)
/** A job that starts before whatever other tests have left. */
const work = (durationMs: number) => ({
  jobType: 'sample.work',
  parameters: { durationMs, data: uniqueWord() },
  priority: 'CRITICAL',
})

test(
  'a system admin drains a worker with a reason, sees what is left on it, and finds it folded away when it has gone',
  { tag: ['@alone', '@long'] },
  async ({ as }) => {
    test.setTimeout(120_000)
    const organizationId = await freshOrganization()
    const job = await root.submit(work(8_000), organizationId)
    await root.until(job.id, 'RUNNING')
    const page = await as('SYSTEM_ADMIN')
    await page.goto(`/workers?org=${organizationId}`)
    const card = page.getByRole('region').filter({ has: page.getByRole('button', { name: 'Drain…' }) })
    const name = (await card.getByRole('heading', { level: 2 }).innerText()).trim()
    await card.getByRole('button', { name: 'Drain…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('A new kernel')
    await dialog.getByRole('button', { name: 'Drain', exact: true }).click()
    const drained = page.getByRole('region', { name })
    await expect(drained.getByRole('status')).toContainText(/asked by .*A new kernel\. \d+ jobs? (is|are) left on it/)
    await expect(drained.getByRole('status')).toContainText(/what has not ended is handed back/)

    // The supervisor starts another worker. Whether the job ended before the drain or was handed back, it completes.
    const gone = page.getByText(/stopped or lost within the last hour/)
    await expect(drained).toHaveCount(0, { timeout: 60_000 })
    await gone.click()
    await expect(page.getByRole('listitem').filter({ hasText: 'A new kernel' })).toContainText(
      name.split(/\s+/).at(-1)!,
    )
    await expect(page.getByRole('button', { name: 'Drain…' })).toBeVisible({ timeout: 60_000 })
    await root.until(job.id, 'COMPLETED')
  },
)

test(
  'a system admin pauses the whole platform with a reason that everybody reads, and resumes it from the line at the top',
  { tag: '@alone' },
  async ({ as }) => {
    const organizationId = await freshOrganization()
    const page = await as('SYSTEM_ADMIN')
    const viewer = await as('VIEWER', { viewport: { width: 390, height: 844 } })
    await page.goto(`/workers?org=${organizationId}`)
    await page.getByRole('button', { name: 'Pause the platform…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('The database moves')
    try {
      await dialog.getByRole('button', { name: 'Pause the platform' }).click()
      const line = page.getByRole('status').filter({ hasText: 'The database moves' })
      await expect(line).toBeVisible()
      await viewer.goto('/')
      await expect(viewer.getByRole('status').filter({ hasText: 'The database moves' })).toBeVisible()
      await expect(viewer.getByRole('button', { name: 'Resume' })).toHaveCount(0)
      const job = await root.submit(work(0), organizationId)
      await page.goto(`/jobs/${job.id}?org=${organizationId}`)
      await expect(page.getByRole('region', { name: 'Why it waits' })).toContainText('The whole platform is paused')
      await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('paused')
      await line.getByRole('button', { name: 'Resume' }).click()
      await expect(line).toHaveCount(0)
      await root.until(job.id, 'COMPLETED')
      // The timeline still tells what held the job back, and every chart has a mark. A viewer reads it without a link.
      await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('paused')
      await viewer.goto('/?range=1h')
      for (const chart of ['Throughput', 'Waiting time', 'Run time']) {
        const marks = viewer.getByRole('region', { name: chart }).getByRole('list', { name: 'Marks on the chart' })
        await marks.getByRole('button').last().click()
        await expect(viewer.getByRole('menuitem', { name: /The platform was paused/ }).last()).toBeVisible()
        await viewer.keyboard.press('Escape')
      }
    } finally {
      await root.mutate('control.resume', { scope: 'platform' })
    }
  },
)
